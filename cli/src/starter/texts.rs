//! What is written about each entity, by template, and what of it gives a held-out answer away.
//!
//! The masked text is the good one without the names of held-out partners (see `describe/mask.rs`).

use std::collections::HashMap;

use anyhow::{Result, anyhow, bail};
use lladr_core::graph::{Entity, KnowledgeGraph};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Description, LeakLine, sha256_hex};

use super::{Starter, Tables};
use crate::describe::HeldOut;

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
        let held_out = HeldOut::of(&starter.graph);
        let mask = |(row, text): (usize, &String)| held_out.masked(EntityId(row as u32), text);
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
        let held_out = HeldOut::of(graph);
        let line = |(template, column): (&str, &[String])| {
            let texts: Vec<&str> = column.iter().map(String::as_str).collect();
            held_out.leaks(template, &texts)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_a_form_and_a_length() {
        let long = "word ".repeat(30);
        assert!(check("Aspirin", &format!("Aspirin is a {long}")).is_ok());
        assert!(check("Aspirin", "Aspirin is a drug").is_err());
        assert!(check("Aspirin", &format!("It is a {long}")).is_err());
    }
}
