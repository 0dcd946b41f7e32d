//! What of a text gives a held-out answer away: found, counted and replaced.
//!
//! A model that reads "used for type 2 diabetes" need not predict it. So beside LLaDR's three templates
//! (bare name, original, good) there is a fourth: the good one with every name of a held-out partner
//! replaced. Names and synonyms are found as whole words; paraphrases are not.
//!
//! Only partners' names are looked for, in the text of one entity: the work grows with the number of held-out pairs.

use std::cmp::Reverse;

use lladr_core::graph::{Entity, KnowledgeGraph, Split};
use lladr_core::ids::EntityId;
use lladr_core::pack::LeakLine;
use rayon::prelude::*;

/// Names shorter than this are not looked for: too many words contain them.
const SHORTEST: usize = 3;
/// Names up to this length are abbreviations: they count only as written.
const ABBREVIATION: usize = 4;

/// The held-out pairs of a graph, by entity.
pub struct HeldOut<'a> {
    graph: &'a KnowledgeGraph,
    /// By row: the other ends of held-out triples, ascending.
    partners: Vec<Vec<EntityId>>,
    /// By row: what a partner is called, the longest name first. Empty for who is no partner.
    names: Vec<Vec<Name>>,
}

impl<'a> HeldOut<'a> {
    /// Collects the pairs of valid and test.
    pub fn of(graph: &'a KnowledgeGraph) -> Self {
        let mut partners = vec![Vec::new(); graph.entity_count()];
        for triple in [Split::Valid, Split::Test].iter().flat_map(|&split| graph.triples(split)) {
            if triple.head != triple.tail {
                partners[triple.head as usize].push(EntityId(triple.tail));
                partners[triple.tail as usize].push(EntityId(triple.head));
            }
        }
        partners.par_iter_mut().for_each(|list| {
            list.sort_unstable();
            list.dedup();
        });
        let names = |(list, entity): (&Vec<EntityId>, &Entity)| {
            if list.is_empty() { Vec::new() } else { Name::all(entity) }
        };
        let names = partners.par_iter().zip(graph.vocabulary.entities()).map(names).collect();
        HeldOut { graph, partners, names }
    }

    /// A text about `entity`, in which every name of a held-out partner is replaced.
    pub fn masked(&self, entity: EntityId, text: &str) -> String {
        let mut text = Folded::new(text);
        for partner in &self.partners[entity.index()] {
            let names = &self.names[partner.index()];
            if names.iter().any(|name| text.find(name, 0).is_some()) {
                let instead = self.instead(*partner);
                names.iter().for_each(|name| text.replace(name, &instead));
            }
        }
        text.written
    }

    /// What stands for a partner.
    fn instead(&self, partner: EntityId) -> String {
        let Some(entity) = self.graph.vocabulary.entity(partner) else { return String::new() };
        match &self.graph.roles {
            Some(roles) if entity.kind == roles.disease => "another condition".to_owned(),
            Some(roles) if entity.kind == roles.drug => "another drug".to_owned(),
            _ => format!("another {}", self.graph.vocabulary.type_name(entity.kind).to_lowercase()),
        }
    }

    /// Of the held-out pairs, those of which one end's text names the other. `texts` are by row. Where the graph has
    /// drugs and diseases, only pairs of the two count.
    pub fn leaks(&self, template: &str, texts: &[&str]) -> LeakLine {
        let folded: Vec<Option<Folded>> = (self.partners.par_iter().zip(texts))
            .map(|(partners, text)| (!partners.is_empty()).then(|| Folded::new(text)))
            .collect();
        let tells = |from: EntityId, about: EntityId| {
            let text = folded.get(from.index()).and_then(Option::as_ref);
            text.is_some_and(|text| self.names[about.index()].iter().any(|name| text.find(name, 0).is_some()))
        };
        let of = |(row, partners): (usize, &Vec<EntityId>)| {
            let from = EntityId(row as u32);
            let pairs = partners.iter().filter(|to| from < **to && self.is_asked(from, **to));
            let named = pairs.clone().filter(|to| tells(from, **to) || tells(**to, from)).count() as u32;
            (pairs.count() as u32, named)
        };
        let sum = |a: (u32, u32), b: (u32, u32)| (a.0 + b.0, a.1 + b.1);
        let (pairs, named) = self.partners.par_iter().enumerate().map(of).reduce(|| (0, 0), sum);
        LeakLine { template: template.to_owned(), pairs, named }
    }

    fn is_asked(&self, a: EntityId, b: EntityId) -> bool {
        let Some(roles) = &self.graph.roles else { return true };
        let kind = |row| self.graph.vocabulary.entity(row).map(|entity| entity.kind);
        let (drug, disease) = (Some(roles.drug), Some(roles.disease));
        [(a, b), (b, a)].iter().any(|&(a, b)| kind(a) == drug && kind(b) == disease)
    }
}

/// Whether `text` names the entity as a whole word, in any case but for abbreviations.
pub fn names(text: &str, entity: &Entity) -> bool {
    let text = Folded::new(text);
    Name::all(entity).iter().any(|name| text.find(name, 0).is_some())
}

/// A name to look for.
struct Name {
    written: String,
    /// In lower case; `None` for an abbreviation, which counts only as written.
    folded: Option<String>,
}

impl Name {
    fn new(name: &str) -> Self {
        let folded = (name.len() > ABBREVIATION).then(|| name.to_ascii_lowercase());
        Name { written: name.to_owned(), folded }
    }

    /// What an entity is called, the longest name first: a short one may be part of it.
    fn all(entity: &Entity) -> Vec<Name> {
        let all = std::iter::once(&entity.label).chain(&entity.synonyms).map(String::as_str);
        let mut names: Vec<&str> = all.filter(|name| name.len() >= SHORTEST).collect();
        names.sort_unstable_by_key(|name| (Reverse(name.len()), *name));
        names.into_iter().map(Name::new).collect()
    }
}

/// A text beside itself in lower case, byte for byte at the same places.
struct Folded {
    written: String,
    folded: String,
}

impl Folded {
    fn new(text: &str) -> Self {
        Folded { written: text.to_owned(), folded: text.to_ascii_lowercase() }
    }

    /// Where `name` stands as a whole word at or after `from`.
    fn find(&self, name: &Name, from: usize) -> Option<usize> {
        let (text, name) = match &name.folded {
            Some(folded) => (&self.folded, folded),
            None => (&self.written, &name.written),
        };
        let is_word = |c: char| c.is_alphanumeric();
        let mut at = from;
        while let Some(place) = text.get(at..)?.find(name.as_str()).map(|place| at + place) {
            let end = place + name.len();
            let starts = !text[..place].ends_with(is_word);
            // A plural is the name, too.
            let after = text[end..].strip_prefix('s').unwrap_or(&text[end..]);
            if starts && !after.starts_with(is_word) {
                return Some(place);
            }
            at = end;
        }
        None
    }

    /// Replaces `name` wherever it stands as a whole word.
    fn replace(&mut self, name: &Name, instead: &str) {
        let mut from = 0;
        while let Some(place) = self.find(name, from) {
            let old = place..place + name.written.len();
            self.written.replace_range(old.clone(), instead);
            self.folded.replace_range(old, &instead.to_ascii_lowercase());
            from = place + instead.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, name: &str, from: usize) -> Option<usize> {
        Folded::new(text).find(&Name::new(name), from)
    }

    #[test]
    fn names_are_whole_words_in_any_case() {
        assert_eq!(find("used in Type 2 Diabetes, and", "type 2 diabetes", 0), Some(8));
        assert_eq!(find("stroke and strokes", "stroke", 1), Some(11));
        assert_eq!(find("heatstroke", "stroke", 0), None);
        assert_eq!(find("as a drug", "ASA", 0), None, "an abbreviation counts only as written");
        let mut text = Folded::new("asthma, then Asthma attacks");
        text.replace(&Name::new("asthma"), "another condition");
        assert_eq!(text.written, "another condition, then another condition attacks");
        assert_eq!(text.written, text.folded);
    }
}
