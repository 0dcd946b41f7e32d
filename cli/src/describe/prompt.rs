//! What a language model is asked: LLaDR's two templates, with the in-text form and limits spelled out.
//!
//! "original" asks an expert for background and uses, "good" for a structured record (arXiv 2510.12181). An answer
//! belongs to a model and a prompt: both are hashed into the key of the cache.

use lladr_core::graph::{Entity, Vocabulary};
use lladr_core::pack::sha256_hex;
use lladr_core::settings::Template;
use serde_json::{Value, json};

const ORIGINAL: &str = "You are an expert in biomedicine. Describe {name} ({type}{also}): its background, and what it \
                        is used for or what part it plays. One paragraph of 30 to 80 words in plain text, without \
                        markdown, lists or line breaks. Begin with \"{name} is\".";
const GOOD: &str = "Write a structured record of {name} ({type}{also}) in one paragraph of 40 to 110 words: what it \
                    is; Background: …; Key features: …; Clinical relevance: … . Plain text, no markdown, no lists, no \
                    line breaks; N/A where nothing is established. Begin with \"{name} is\".";
/// Synonyms that help to tell what is meant.
const MOST_SYNONYMS: usize = 3;

/// The prompt of a template, as the pack's card shows it.
pub fn pattern(template: Template) -> &'static str {
    match template {
        Template::Original => ORIGINAL,
        _ => GOOD,
    }
}

/// The prompt about an entity.
pub fn about(template: Template, vocabulary: &Vocabulary, entity: &Entity) -> String {
    let also: Vec<&str> = entity.synonyms.iter().take(MOST_SYNONYMS).map(String::as_str).collect();
    let also = if also.is_empty() { String::new() } else { format!(", also called {}", also.join("; ")) };
    // The name comes last: it may hold braces.
    let pattern = pattern(template).replace("{type}", vocabulary.type_name(entity.kind)).replace("{also}", &also);
    pattern.replace("{name}", &entity.label)
}

/// What an answer belongs to.
pub fn key(model: &str, prompt: &str) -> String {
    sha256_hex(format!("{model}\n{prompt}").as_bytes())
}

/// How the model answers.
#[derive(Debug, Clone)]
pub struct Sampling {
    /// Name of the model.
    pub model: String,
    /// Randomness of the answer.
    pub temperature: f32,
    /// Longest answer.
    pub max_tokens: u32,
    /// Whether the limit is called `max_completion_tokens`.
    pub is_completion_limit: bool,
}

impl Sampling {
    /// The request.
    pub fn body(&self, prompt: &str) -> Value {
        let limit = if self.is_completion_limit { "max_completion_tokens" } else { "max_tokens" };
        // As text, 0.7 stays 0.7.
        let temperature: f64 = self.temperature.to_string().parse().unwrap_or_default();
        json!({
            "model": self.model,
            "messages": [{ "role": "user", "content": prompt }],
            "temperature": temperature,
            limit: self.max_tokens,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_says_who_is_meant() {
        let mut vocabulary = Vocabulary::default();
        let kind = vocabulary.add_type("Compound");
        let entity = Entity {
            id: "Compound::DB1".into(),
            label: "aspirin".into(),
            kind,
            synonyms: vec!["ASA".into()],
            area: String::new(),
        };
        let prompt = about(Template::Good, &vocabulary, &entity);
        assert!(
            prompt.contains("aspirin (Compound, also called ASA)") && prompt.contains("\"aspirin is\""),
            "{prompt}"
        );
        assert!(!prompt.contains('{'));
        assert_ne!(key("a", &prompt), key("b", &prompt));
        let sampling = Sampling { model: "m".into(), temperature: 0.7, max_tokens: 9, is_completion_limit: true };
        let body = sampling.body("p").to_string();
        assert!(body.contains("\"temperature\":0.7") && body.contains("\"max_completion_tokens\":9"), "{body}");
    }
}
