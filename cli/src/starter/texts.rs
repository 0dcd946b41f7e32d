//! What is written about each entity, by template, and what of it gives a held-out answer away.
//!
//! A model that reads "used for type 2 diabetes" need not predict it. So beside LLaDR's three templates
//! (bare name, original, good) there is a fourth: the good one with every name of a held-out partner
//! replaced. Names and synonyms are found as whole words; paraphrases are not.

use std::collections::HashMap;

use anyhow::{Result, anyhow, bail};
use lladr_core::graph::{Entity, KnowledgeGraph, Split};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Description, LeakLine, sha256_hex};

use super::{Starter, Tables};

/// Names shorter than this are not looked for: too many words contain them.
const SHORTEST: usize = 3;
/// Names up to this length are abbreviations: they count only as written.
const ABBREVIATION: usize = 4;

/// One text per entity and template, by row.
#[derive(Debug, Clone)]
pub struct Texts {
    /// The bare name: LLaDR's template "none".
    pub name: Vec<String>,
    /// Background and uses.
    pub original: Vec<String>,
    /// A structured record.
    pub good: Vec<String>,
    /// The structured record without the names of held-out partners.
    pub masked: Vec<String>,
}

impl Texts {
    /// The texts of the tables; each entity must have all of them.
    pub fn of(starter: &Starter, tables: &Tables) -> Result<Self> {
        let vocabulary = &starter.graph.vocabulary;
        let rows: HashMap<&str, &super::tables::Row> =
            tables.descriptions.iter().map(|row| (row.cell("id"), row)).collect();
        if let Some(stranger) = tables.descriptions.iter().find(|row| vocabulary.entity_row(row.cell("id")).is_none()) {
            bail!("descriptions.tsv describes {}, which is in no table", stranger.cell("id"));
        }
        let column = |name: &str| -> Result<Vec<String>> {
            let text = |entity: &Entity| {
                let text = rows.get(entity.id.as_str()).map_or("", |row| row.cell(name));
                check(&entity.label, text)
                    .map_err(|error| anyhow!("{} ({}): {name}: {error}", entity.id, entity.label))?;
                Ok(text.to_owned())
            };
            vocabulary.entities().iter().map(text).collect()
        };
        let (original, good) = (column("original")?, column("good")?);
        let partners = held_out_partners(&starter.graph);
        let mask = |(row, text): (usize, &String)| {
            let hidden = partners.get(&EntityId(row as u32)).map(Vec::as_slice).unwrap_or_default();
            hidden.iter().filter_map(|partner| vocabulary.entity(*partner)).fold(text.clone(), |text, partner| {
                let kind = vocabulary.type_name(partner.kind);
                let instead = if kind == "Disease" { "another condition" } else { "another drug" };
                names(partner).into_iter().fold(text, |text, name| replace(&text, name, instead))
            })
        };
        let masked = good.iter().enumerate().map(mask).collect();
        let name = vocabulary.entities().iter().map(|entity| entity.label.clone()).collect();
        Ok(Texts { name, original, good, masked })
    }

    /// All templates, the name first.
    pub fn columns(&self) -> [(&'static str, &[String]); 4] {
        [("name", &self.name), ("original", &self.original), ("good", &self.good), ("masked", &self.masked)]
    }

    /// The texts as the pack stores them; a masked text only where it differs. In the order of rows.
    pub fn descriptions(&self) -> Vec<Description> {
        let rows = self.original.iter().zip(&self.good).zip(&self.masked);
        let of = |(row, ((original, good), masked)): (u32, ((&String, &String), &String))| Description {
            entity: EntityId(row),
            original: original.clone(),
            good: good.clone(),
            masked: if masked == good { String::new() } else { masked.clone() },
        };
        (0..).zip(rows).map(of).collect()
    }

    /// For each template: held-out drug–disease pairs of which one end's text names the other.
    pub fn leaks(&self, graph: &KnowledgeGraph) -> Vec<LeakLine> {
        let partners = held_out_partners(graph);
        let mut pairs: Vec<(EntityId, EntityId)> =
            partners.iter().flat_map(|(a, others)| others.iter().map(|b| (*a.min(b), *a.max(b)))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let line = |(template, column): (&str, &[String])| {
            let tells = |from: EntityId, about: EntityId| {
                let about = graph.vocabulary.entity(about);
                about.is_some_and(|about| {
                    names(about).into_iter().any(|name| find(&column[from.index()], name, 0).is_some())
                })
            };
            let named = pairs.iter().filter(|(a, b)| tells(*a, *b) || tells(*b, *a)).count();
            LeakLine { template: template.to_owned(), pairs: pairs.len() as u32, named: named as u32 }
        };
        self.columns().map(line).into()
    }
}

/// SHA-256 of all texts: vectors belong to exactly these.
pub fn texts_hash(texts: &Texts) -> String {
    let all: Vec<String> =
        texts.columns().iter().map(|(name, column)| format!("{name}\n{}", column.join("\n"))).collect();
    sha256_hex(all.join("\n\n").as_bytes())
}

/// A description has LLaDR's in-text form and a sensible length.
fn check(name: &str, text: &str) -> Result<()> {
    let words = text.split_whitespace().count();
    if !(25..=80).contains(&words) {
        bail!("{words} words, 25 to 80 were expected");
    }
    let rest = text.strip_prefix(name).map(str::trim_start).unwrap_or_default();
    if !(rest.starts_with("is ") || rest.starts_with("are ")) {
        bail!("it does not begin with the name and \"is\"");
    }
    Ok(())
}

/// Ends of held-out treatments, by entity; in the order of rows.
fn held_out_partners(graph: &KnowledgeGraph) -> HashMap<EntityId, Vec<EntityId>> {
    let mut partners: HashMap<EntityId, Vec<EntityId>> = HashMap::new();
    for triple in [Split::Valid, Split::Test].iter().flat_map(|&split| graph.triples(split)) {
        for (from, to) in [(triple.head, triple.tail), (triple.tail, triple.head)] {
            partners.entry(EntityId(from)).or_default().push(EntityId(to));
        }
    }
    partners.values_mut().for_each(|list| {
        list.sort_unstable();
        list.dedup();
    });
    partners
}

/// What an entity is called, the longest name first: a short one may be part of it.
fn names(entity: &Entity) -> Vec<&str> {
    let all = std::iter::once(&entity.label).chain(&entity.synonyms).map(String::as_str);
    let mut names: Vec<&str> = all.filter(|name| name.len() >= SHORTEST).collect();
    names.sort_unstable_by_key(|name| (std::cmp::Reverse(name.len()), *name));
    names
}

/// Where `name` stands as a whole word at or after `from`: in any case, but for abbreviations.
fn find(text: &str, name: &str, from: usize) -> Option<usize> {
    let fold = |text: &str| if name.len() > ABBREVIATION { text.to_ascii_lowercase() } else { text.to_owned() };
    let (text, name) = (fold(text), fold(name));
    let is_word = |c: char| c.is_alphanumeric();
    let mut at = from;
    while let Some(place) = text.get(at..)?.find(&name).map(|place| at + place) {
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
fn replace(text: &str, name: &str, instead: &str) -> String {
    let mut out = text.to_owned();
    let mut from = 0;
    while let Some(place) = find(&out, name, from) {
        out.replace_range(place..place + name.len(), instead);
        from = place + instead.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_words_in_any_case() {
        assert_eq!(find("used in Type 2 Diabetes, and", "type 2 diabetes", 0), Some(8));
        assert_eq!(find("stroke and strokes", "stroke", 1), Some(11));
        assert_eq!(find("heatstroke", "stroke", 0), None);
        assert_eq!(find("as a drug", "ASA", 0), None, "an abbreviation counts only as written");
        assert_eq!(
            replace("asthma, then asthma attacks", "asthma", "another condition"),
            "another condition, then another condition attacks"
        );
    }

    #[test]
    fn a_description_has_a_form_and_a_length() {
        let long = "word ".repeat(30);
        assert!(check("Aspirin", &format!("Aspirin is a {long}")).is_ok());
        assert!(check("Aspirin", "Aspirin is a drug").is_err());
        assert!(check("Aspirin", &format!("It is a {long}")).is_err());
    }
}
