//! LLaDR's in-text form, "[entity] is a [description]": recognised, or given to a text that allows it.
//!
//! A definition such as "A lung disease that is …" is a noun phrase: it becomes "asthma is a lung disease that is …".
//! "A prostaglandin is any …" is a sentence of its own, about something else than the entity's name: no verb is put
//! before it. The two are told apart by what comes first, a finite verb or a word that opens a clause.

use lladr_core::graph::Entity;

use super::mask;

/// Finite verbs that definitions and records use.
const VERBS: &[&str] = &[
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "can",
    "may",
    "encodes",
    "describes",
    "refers",
    "belongs",
    "plays",
    "helps",
    "consists",
    "involves",
    "includes",
    "acts",
    "represents",
    "means",
    "shows",
    "depicts",
    "occurs",
];
/// Words that open a clause about what stands before them.
const OPENERS: &[&str] = &["that", "which", "who", "whose", "where", "when"];

/// A text in the form, if it is in it already or a noun phrase: `None` for a sentence about something else.
pub fn of(entity: &Entity, text: &str) -> Option<String> {
    let (subject, has_verb) = subject(text);
    if starts_with(text, &entity.label) || has_verb && mask::names(subject, entity) {
        return Some(text.to_owned());
    }
    let (first, rest) = text.split_once(' ')?;
    let article = first.to_lowercase();
    match article.as_str() {
        "it" | "this" if rest.starts_with("is ") => Some(format!("{} {rest}", entity.label)),
        "a" | "an" | "the" if !has_verb => Some(format!("{} is {article} {rest}", entity.label)),
        _ => None,
    }
}

/// The same for a text that is known to be about the entity: a noun phrase without an article is given the form, too,
/// and a sentence follows the name and a colon.
pub fn given(entity: &Entity, text: &str) -> String {
    of(entity, text).unwrap_or_else(|| {
        let (_, has_verb) = subject(text);
        format!("{}{} {text}", entity.label, if has_verb { ":" } else { " is" })
    })
}

/// What stands before the first finite verb of the first sentence, and whether there is one that no clause hides.
fn subject(text: &str) -> (&str, bool) {
    let sentence = text.find(". ").map_or(text, |end| &text[..end]);
    let mut at = 0;
    for word in sentence.split(' ') {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if OPENERS.contains(&bare.as_str()) {
            return (&sentence[..at], false);
        }
        if VERBS.contains(&bare.as_str()) {
            return (&sentence[..at], true);
        }
        at = (at + word.len() + 1).min(sentence.len());
    }
    (sentence, false)
}

/// Whether a text begins with a name as a whole word, in any case.
fn starts_with(text: &str, name: &str) -> bool {
    let begin = text.get(..name.len());
    let is_name = begin.is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    is_name && !name.is_empty() && !text[name.len()..].starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::ids::TypeId;

    fn entity(label: &str) -> Entity {
        Entity {
            id: "Disease::1".into(),
            label: label.into(),
            kind: TypeId(0),
            synonyms: vec!["bronchial asthma".into()],
            area: String::new(),
        }
    }

    #[test]
    fn a_definition_becomes_a_sentence_about_the_entity() {
        let asthma = entity("asthma");
        let of = |text| super::of(&asthma, text);
        assert_eq!(of("A lung disease that is common.").as_deref(), Some("asthma is a lung disease that is common."));
        assert_eq!(of("It is a lung disease.").as_deref(), Some("asthma is a lung disease."));
        assert_eq!(of("Asthma is a disease.").as_deref(), Some("Asthma is a disease."));
        assert_eq!(of("Also known as bronchial asthma, it is a disease.").as_deref().map(str::len), Some(48));
        assert_eq!(of("A prostaglandin is any of some lipids."), None, "a sentence about something else");
        assert_eq!(of("Metformin is a drug for asthma."), None, "what is said of something else");
        assert_eq!(of("Asthmatic people cough."), None, "the name is a whole word");
    }

    #[test]
    fn what_a_table_says_is_taken_to_be_about_the_entity() {
        let gene = entity("ADA");
        assert_eq!(given(&gene, "adenosine deaminase (a gene)"), "ADA is adenosine deaminase (a gene)");
        assert_eq!(given(&gene, "The enzyme is small. It works."), "ADA: The enzyme is small. It works.");
        assert_eq!(given(&gene, ""), "ADA is ");
    }
}
