//! One disease against all drugs, that speeds are quoted on: the size of DRKG, synthetic rows.

use lladr_core::graph::{KnowledgeGraph, Roles, SplitTriples, Triple, Vocabulary};
use lladr_core::ids::EntityId;
use lladr_core::model::{Interaction, Model};
use lladr_core::rng::{Stream, below, hash, unit};

/// Drugs and diseases, and numbers in a row.
#[derive(Clone, Copy)]
pub struct DrugsSize {
    pub drugs: u32,
    pub diseases: u32,
    pub dim: u32,
}

/// DRKG's compounds and diseases.
pub const DRKG: DrugsSize = DrugsSize { drugs: 24_313, diseases: 5_103, dim: 400 };

/// A graph with one treatment relation, and a model of random rows.
pub struct Drugs {
    pub graph: KnowledgeGraph,
    pub model: Model,
}

impl Drugs {
    /// `None` where a size does not fit the scoring function.
    pub fn new(interaction: Interaction, size: &DrugsSize) -> Option<Self> {
        let mut vocabulary = Vocabulary::default();
        for (kind, count) in [("Compound", size.drugs), ("Disease", size.diseases)] {
            (0..count).for_each(|row| _ = vocabulary.entity_or_add(&format!("{kind}::{row}")));
        }
        let treats = vocabulary.relation_or_add("Hetionet::CtD::Compound:Disease");
        let [drug, disease] = Drugs::pair(size).map(|row| vocabulary.entities()[row.index()].kind);
        let roles = Roles { drug, disease, treatments: vec![treats] };
        let draw = |at, slot, n| below(hash(1, Stream::Negative, at, slot), n);
        let triple =
            |at| Triple { head: draw(at, 0, size.drugs), relation: 0, tail: size.drugs + draw(at, 1, size.diseases) };
        let splits = SplitTriples { train: (0..60_000).map(triple).collect(), ..SplitTriples::default() };
        let graph = KnowledgeGraph::new(vocabulary, splits, Some(roles)).ok()?;
        let entities = size.drugs + size.diseases;
        let rows = (0..entities + 1)
            .flat_map(|row| (0..size.dim).map(move |column| unit(hash(2, Stream::Init, row, column)) - 0.5))
            .collect();
        let model = Model::new(interaction, 12.0, entities as usize, 1, size.dim as usize, rows).ok()?;
        Some(Drugs { graph, model })
    }

    /// The drug and the disease that are asked about.
    pub fn pair(size: &DrugsSize) -> [EntityId; 2] {
        [EntityId(7), EntityId(size.drugs + 7)]
    }
}
