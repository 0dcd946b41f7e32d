//! Full filtered ranking that speeds are quoted on, and the matrix product that it needs.
//!
//! All queries are different; on real data many are the same, and their scores are computed once.

use lladr_core::evaluate::{ModelScorer, Protocol, evaluate};
use lladr_core::graph::{KnowledgeGraph, Split, SplitTriples, Triple, Vocabulary};
use lladr_core::model::{Arithmetic, Interaction, Model, product_nt};
use lladr_core::rng::{Stream, below, hash, unit};
use ndarray::{Array2, s};

/// Sizes of a graph, and numbers in a row.
#[derive(Clone, Copy)]
pub struct RankingSize {
    pub entities: u32,
    pub relations: u32,
    pub train: u32,
    pub test: u32,
    pub dim: usize,
}

/// FB15k: 59,071 test triples, each asked for its head and for its tail.
pub const FB15K: RankingSize =
    RankingSize { entities: 14_951, relations: 1_345, train: 483_142, test: 59_071, dim: 400 };

/// A graph and a model of random rows.
pub struct Ranking {
    graph: KnowledgeGraph,
    model: Model,
    queries: usize,
}

impl Ranking {
    /// `None` where a size does not fit the scoring function.
    pub fn new(interaction: Interaction, size: &RankingSize) -> Option<Self> {
        let (entities, relations) = (size.entities as usize, size.relations as usize);
        let numbers = (entities + relations) * size.dim;
        let rows = (0..numbers as u32).map(|at| 0.1 * unit(hash(1, Stream::Init, at, 0)) - 0.05).collect();
        let model = Model::new(interaction, 12.0, entities, relations, size.dim, rows).ok()?;
        Some(Ranking { graph: graph(size)?, model, queries: 2 * size.test as usize })
    }

    /// Ranks the answer of each query among all entities; random rows rank at random, so the AMRI is near 0.
    pub fn run(&self) -> f64 {
        let scorer = ModelScorer::new(&self.model, Arithmetic::Fast);
        evaluate(&self.graph, &scorer, self.graph.triples(Split::Test), &Protocol::filtered(Split::Test)).metrics().amri
    }

    /// The product of as many rows with the entity table, in blocks of 512 by 512, and nothing else; returns its FLOP.
    pub fn product(&self) -> f64 {
        let table = self.model.entity_table();
        let block = 512.min(table.nrows());
        let mut scores = Array2::zeros((block, block));
        for first in (0..self.queries).step_by(block) {
            let rows = table.slice(s![..block.min(self.queries - first), ..]);
            for from in (0..table.nrows()).step_by(block) {
                let candidates = table.slice(s![from..(from + block).min(table.nrows()), ..]);
                let tile = scores.slice_mut(s![..rows.nrows(), ..candidates.nrows()]);
                product_nt(Arithmetic::Fast, rows, candidates, tile);
                std::hint::black_box(&scores);
            }
        }
        2.0 * self.queries as f64 * table.len() as f64
    }
}

/// Random triples; the test triples differ in both of their queries almost surely.
fn graph(size: &RankingSize) -> Option<KnowledgeGraph> {
    let mut vocabulary = Vocabulary::default();
    (0..size.entities).for_each(|at| _ = vocabulary.entity_or_add(&format!("Entity::{at}")));
    (0..size.relations).for_each(|at| _ = vocabulary.relation_or_add(&format!("relation {at}")));
    let draw = |at: u32, slot: u32, n: u32| below(hash(78, Stream::Init, at, slot), n);
    let triple = |at| Triple {
        head: draw(at, 0, size.entities),
        relation: draw(at, 1, size.relations),
        tail: draw(at, 2, size.entities),
    };
    let (train, test) = ((0..size.train), (size.train..size.train + size.test));
    let splits =
        SplitTriples { train: train.map(triple).collect(), valid: Vec::new(), test: test.map(triple).collect() };
    KnowledgeGraph::new(vocabulary, splits, None).ok()
}
