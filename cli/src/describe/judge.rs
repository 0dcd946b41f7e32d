//! Whether an answer is a description: plain, of a sensible length, about the entity, and no refusal.
//!
//! Marks of markdown are taken off where the words stay a paragraph; a table or a block of code is no description.

use lladr_core::graph::Entity;

use super::form;

/// Words of a description.
const WORDS: std::ops::RangeInclusive<usize> = 12..=180;
/// How refusals begin.
const REFUSALS: &[&str] = &[
    "i'm sorry",
    "i am sorry",
    "sorry",
    "i apologize",
    "i apologise",
    "i cannot",
    "i can't",
    "i can not",
    "i'm unable",
    "i am unable",
    "i'm not able",
    "i'm not sure",
    "i do not have",
    "i don't have",
    "i couldn't find",
    "i could not find",
    "as an ai",
    "as a language model",
    "as a large language model",
    "unfortunately",
    "there is no information",
    "no information",
    "please provide",
    "could you please",
];

/// The description that an answer holds, or what is wrong with it.
pub fn judge(entity: &Entity, answer: &str, finish: &str) -> Result<String, String> {
    if finish == "length" {
        return Err("it was cut off at --max-tokens".to_owned());
    }
    if finish == "content_filter" {
        return Err("the server's filter withheld it".to_owned());
    }
    let text = plain(answer)?;
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let begin = text.to_lowercase().replace('’', "'");
    if let Some(refusal) = REFUSALS.iter().find(|refusal| begin.starts_with(**refusal)) {
        return Err(format!("it refuses (\"{refusal} …\")"));
    }
    let words = text.split_whitespace().count();
    if !WORDS.contains(&words) {
        return Err(format!("{words} words, {} to {} were expected", WORDS.start(), WORDS.end()));
    }
    form::of(entity, &text).ok_or_else(|| {
        let begin: String = text.chars().take(60).collect();
        format!("it is not about {}: \"{begin} …\"", entity.label)
    })
}

/// An answer as one paragraph without marks of markdown and without what a model thought before it.
fn plain(answer: &str) -> Result<String, String> {
    let answer = match answer.split_once("</think>") {
        Some((_, after)) => after,
        None if answer.trim_start().starts_with("<think>") => return Err("it is thought without an answer".to_owned()),
        None => answer,
    };
    if answer.contains("```") || answer.contains("|--") || answer.contains("| --") {
        return Err("it holds a table or a block of code".to_owned());
    }
    let line = |line: &str| {
        let line = line.trim().trim_start_matches('#').trim_start();
        let line = ["- ", "* ", "• "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
        line.replace("**", "").replace("__", "").replace('`', "")
    };
    let text = answer.lines().map(line).collect::<Vec<_>>().join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Quotation marks around the whole.
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('"'));
    Ok(inner.map_or(text.clone(), str::to_owned).replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::ids::TypeId;

    const LONG: &str = "is a drug that eases pain, lowers fever and keeps platelets from sticking together in vessels.";

    fn judged(answer: &str, finish: &str) -> Result<String, String> {
        let entity = Entity {
            id: "Compound::DB1".into(),
            label: "aspirin".into(),
            kind: TypeId(0),
            synonyms: Vec::new(),
            area: String::new(),
        };
        judge(&entity, answer, finish)
    }

    #[test]
    fn a_description_is_taken_and_freed_of_marks() {
        let plain = format!("Aspirin {LONG}");
        assert_eq!(judged(&plain, "stop"), Ok(plain.clone()));
        assert_eq!(judged(&format!("\"**Aspirin** {LONG}\""), "stop"), Ok(plain.clone()));
        assert_eq!(judged(&format!("<think>hm | --</think>\n\n# Aspirin\n- {LONG}"), "stop"), Ok(plain));
        let short = LONG.trim_start_matches("is ").replacen('a', "A", 1);
        assert_eq!(judged(&short, "stop"), Ok(format!("aspirin {LONG}")));
    }

    #[test]
    fn what_is_no_description_says_why() {
        let wrong = |answer: &str| judged(answer, "stop").err().unwrap_or_default();
        assert!(wrong("").contains("empty"));
        assert!(wrong("<think>so").contains("without an answer"));
        assert!(wrong("I’m sorry, but I can't help with that.").contains("refuses"));
        assert!(wrong("aspirin is a drug.").contains("4 words"));
        assert!(wrong(&format!("aspirin {}", "is a drug ".repeat(99))).contains("298 words"));
        assert!(wrong(&format!("Metformin {LONG}")).contains("not about aspirin"));
        assert!(wrong("```aspirin```").contains("code"));
        assert!(judged(&format!("aspirin {LONG}"), "length").is_err_and(|what| what.contains("--max-tokens")));
    }
}
