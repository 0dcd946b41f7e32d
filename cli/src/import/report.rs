//! What a file held, and what was made of its oddities: every trap of DRKG's has a line.

use std::collections::HashSet;

use lladr_core::graph::{Triple, Vocabulary};
use serde::Serialize;

/// Rows and entities, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Lines that are not empty.
    pub rows: u64,
    /// Triples that were kept.
    pub triples: u64,
    /// Left out: a header line.
    pub header_rows: u64,
    /// Left out: not three columns.
    pub wrong_columns: u64,
    /// Left out: not UTF-8, or longer than a mebibyte.
    pub unreadable_rows: u64,
    /// Left out: an empty cell, or an identifier with nothing behind its type (`Gene::`).
    pub empty_ids: u64,
    /// Kept: rows with an identifier without a type, which is then `Entity`.
    pub untyped_ids: u64,
    /// Left out: stated before.
    pub duplicates: u64,
    /// Left out unless asked for: an entity and itself.
    pub self_loops: u64,
    /// Kept as they are: entities whose identifier lists several (`Gene::1019;1021`).
    pub multi_ids: u64,
    /// Kept: genes whose identifier is no Entrez number.
    pub genes_without_entrez: u64,
    /// Kept: proteins of a virus that DRKG types as diseases.
    pub proteins_as_diseases: u64,
    /// Kept: pairs that one relation states in both directions, by relation.
    pub both_ways: Vec<(String, u64)>,
    /// Triples by relation.
    pub relations: Vec<(String, u64)>,
    /// Entities by type.
    pub types: Vec<(String, u64)>,
}

impl Report {
    /// Looks over what was kept; `triples` are sorted by relation and without repeats.
    pub fn look_over(&mut self, vocabulary: &Vocabulary, triples: &[Triple]) {
        self.triples = triples.len() as u64;
        for entity in vocabulary.entities() {
            let (kind, id) = entity.id.split_once("::").unwrap_or(("", &entity.id));
            self.multi_ids += u64::from(id.contains([';', '|']));
            let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
            self.genes_without_entrez += u64::from(kind == "Gene" && !is_number);
            self.proteins_as_diseases += u64::from(kind == "Disease" && id.starts_with("SARS-CoV2 "));
        }
        for of_relation in triples.chunk_by(|a, b| a.relation == b.relation) {
            let Some(relation) = vocabulary.relation(of_relation[0].relation()) else { continue };
            self.relations.push((relation.id.clone(), of_relation.len() as u64));
            let stated: HashSet<(u32, u32)> =
                of_relation.iter().filter(|t| t.head > t.tail).map(|t| (t.tail, t.head)).collect();
            let both = of_relation.iter().filter(|t| stated.contains(&(t.head, t.tail))).count();
            if both > 0 {
                self.both_ways.push((relation.id.clone(), both as u64));
            }
        }
        self.types = (0..)
            .zip(vocabulary.types())
            .map(|(row, name)| (name.clone(), vocabulary.of_type(lladr_core::ids::TypeId(row)).len() as u64))
            .collect();
    }

    /// In lines; what did not occur is left out.
    pub fn words(&self) -> Vec<String> {
        let both: u64 = self.both_ways.iter().map(|(_, count)| count).sum();
        let lines = [
            (self.header_rows, "header rows, left out"),
            (self.wrong_columns, "rows without exactly three columns, left out"),
            (self.unreadable_rows, "rows that are no UTF-8 or longer than a mebibyte, left out"),
            (self.empty_ids, "rows with an empty identifier, left out"),
            (self.untyped_ids, "rows with an identifier without a type, kept as Entity::…"),
            (self.duplicates, "rows stated before, left out"),
            (self.self_loops, "self-loops, left out (--keep-self-loops keeps them)"),
            (self.multi_ids, "entities whose identifier lists several, kept as one each"),
            (self.genes_without_entrez, "genes whose identifier is no Entrez number, kept"),
            (self.proteins_as_diseases, "virus proteins typed as Disease, kept"),
            (both, "pairs stated in both directions by one relation, kept; the split keeps them together"),
        ];
        lines.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count:>9} {what}")).collect()
    }
}
