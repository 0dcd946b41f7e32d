//! The starter pack's source tables: one line per drug, disease, gene or term, with lists of names, and beside
//! them cases and descriptions.
//!
//! `tables` reads them, `graph` turns names into triples and checks what can be checked, `texts` brings the
//! descriptions into order and measures what they give away.

mod graph;
mod tables;
mod texts;

use anyhow::{Result, anyhow};
use lladr_core::graph::{KnowledgeGraph, Roles, SplitRule, split_by_pair};
use lladr_core::pack::Notes;

pub use graph::TREATMENTS;
pub use tables::Tables;
pub use texts::{Texts, texts_hash};

/// Share of the treated pairs that go to test, and as many to valid.
pub const HELD_OUT_SHARE: f32 = 0.1;
/// Seed of the split.
pub const SPLIT_SEED: u32 = 1;

/// The starter graph with its split, and what the tables say beside it.
pub struct Starter {
    /// The graph.
    pub graph: KnowledgeGraph,
    /// Evidence, cautions and cases.
    pub notes: Notes,
}

/// Compiles and splits. The pairs of the cases are in the test split: the model never sees them.
pub fn build(tables: &Tables) -> Result<Starter> {
    let graph::Compiled { vocabulary, triples, notes } = graph::compile(tables)?;
    let relation = |id: &&str| vocabulary.relation_row(id).ok_or_else(|| anyhow!("no triple of {id}"));
    let treatments = TREATMENTS.iter().map(relation).collect::<Result<Vec<_>>>()?;
    let kind = |name: &str| vocabulary.type_row(name).ok_or_else(|| anyhow!("no entity of type {name}"));
    let roles = Roles { drug: kind("Compound")?, disease: kind("Disease")?, treatments: treatments.clone() };
    let first = notes.cases.iter().map(|case| (case.drug, case.disease)).collect();
    let rule = SplitRule { relations: treatments, share: HELD_OUT_SHARE, first, seed: SPLIT_SEED };
    let splits = split_by_pair(&vocabulary, &triples, &rule);
    Ok(Starter { graph: KnowledgeGraph::new(vocabulary, splits, Some(roles))?, notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::graph::Split;

    fn tables() -> Tables {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/starter");
        Tables::read(&folder).expect("the tables of the starter pack are readable")
    }

    #[test]
    fn the_tables_are_as_large_as_promised_and_their_split_holds() {
        let tables = tables();
        assert!(tables.drugs.len() >= 180 && tables.diseases.len() >= 90 && tables.genes.len() >= 280);
        let Starter { graph, notes } = build(&tables).expect("the tables compile");
        let [train, valid, test] = Split::ALL.map(|split| graph.triples(split));
        assert!(train.len() + valid.len() + test.len() >= 6_000);
        assert!(notes.cases.len() >= 12);
        // Every held-out entity is still in training, and the pair of every case is in test.
        for triple in valid.iter().chain(test) {
            for entity in [triple.head, triple.tail] {
                assert!(graph.degree(lladr_core::ids::EntityId(entity)) > 0);
            }
        }
        for case in &notes.cases {
            assert!(test.iter().any(|t| t.head == case.drug.0 && t.tail == case.disease.0), "{}", case.id);
        }
        // No pair of a held-out triple is in training, under any relation.
        let pair = |t: &lladr_core::graph::Triple| (t.head.min(t.tail), t.head.max(t.tail));
        assert!(valid.iter().chain(test).all(|held| train.iter().all(|t| pair(t) != pair(held))));
    }

    #[test]
    fn every_relation_joins_the_types_it_names() {
        let graph = build(&tables()).expect("the tables compile").graph;
        let vocabulary = &graph.vocabulary;
        for triple in Split::ALL.iter().flat_map(|&split| graph.triples(split)) {
            let id = &vocabulary.relations()[triple.relation as usize].id;
            let kind = |row: u32| vocabulary.type_name(vocabulary.entities()[row as usize].kind);
            let types = id.rsplit("::").next().unwrap_or_default();
            assert_eq!(types, format!("{}:{}", kind(triple.head), kind(triple.tail)), "{id}");
        }
    }

    #[test]
    fn masked_texts_name_no_held_out_partner() {
        let tables = tables();
        let starter = build(&tables).expect("the tables compile");
        let texts = Texts::of(&starter, &tables).expect("every entity is described");
        let leaks = texts.leaks(&starter.graph);
        let named = |template: &str| leaks.iter().find(|leak| leak.template == template).map(|leak| leak.named);
        assert_eq!(named("masked"), Some(0));
        assert!(named("good") > Some(0), "the audit finds what there is");
    }
}
