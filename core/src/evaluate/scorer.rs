//! What can be evaluated: anything that scores candidates for queries.
//!
//! A [`Scorer`] is shared by all cores; each takes a block of queries from it, with arrays of its own.
//! A query is a triple whose entity on the asked side is not looked at.
//!
//! One invariant carries the ties: **the score of a pair has the same bits in every call**, whatever
//! else is in the block. Duplicates then tie with the true answer instead of beating it at random.

use ndarray::{ArrayView2, Axis, s};

use crate::graph::{KnowledgeGraph, Side, Triple};
use crate::ids::EntityId;
use crate::model::{Arithmetic, Model};

/// Pairs whose scores are the diagonal of one small product.
const DIAGONAL: usize = 16;

/// Something that scores all candidates of queries: a model, or a baseline.
pub trait Scorer: Sync {
    /// Makes queries for the entity on `side` ready.
    fn block<'a>(&'a self, side: Side, queries: &'a [Triple]) -> Box<dyn QueryBlock + 'a>;
}

/// Queries of one block, ready to meet candidates.
pub trait QueryBlock {
    /// Scores of every candidate for every query, into `[queries, candidates]`.
    fn scores(&mut self, candidates: &[EntityId], scores: &mut [f32]);

    /// Scores of single pairs: place of the query in the block, candidate.
    fn pairs(&mut self, pairs: &[(u32, EntityId)]) -> Vec<f32>;
}

/// A model as a scorer.
#[derive(Debug, Clone, Copy)]
pub struct ModelScorer<'a> {
    model: &'a Model,
    arithmetic: Arithmetic,
}

impl<'a> ModelScorer<'a> {
    /// Scores with `model`.
    pub fn new(model: &'a Model, arithmetic: Arithmetic) -> Self {
        ModelScorer { model, arithmetic }
    }

    fn score(&self, queries: &[f32], candidates: ArrayView2<'_, f32>, norms: &mut Vec<f32>, scores: &mut [f32]) {
        self.model.score_block(self.arithmetic, queries, candidates, norms, scores);
    }
}

impl Scorer for ModelScorer<'_> {
    fn block<'a>(&'a self, side: Side, queries: &'a [Triple]) -> Box<dyn QueryBlock + 'a> {
        let dim = self.model.dim();
        let mut rows = vec![0.0; queries.len() * dim];
        for (triple, query) in queries.iter().zip(rows.chunks_exact_mut(dim)) {
            self.model.query(side, triple.entity(side.opposite()), triple.relation(), query);
        }
        Box::new(ModelBlock { scorer: self, queries: rows, gathered: Vec::new(), norms: Vec::new() })
    }
}

struct ModelBlock<'a> {
    scorer: &'a ModelScorer<'a>,
    queries: Vec<f32>,
    gathered: Vec<f32>,
    norms: Vec<f32>,
}

impl QueryBlock for ModelBlock<'_> {
    fn scores(&mut self, candidates: &[EntityId], scores: &mut [f32]) {
        let model = self.scorer.model;
        let Some(first) = candidates.first() else { return };
        let is_run = candidates.iter().enumerate().all(|(at, entity)| entity.index() == first.index() + at);
        if is_run {
            let table = model.entity_table();
            let rows = table.slice(s![first.index()..first.index() + candidates.len(), ..]);
            self.scorer.score(&self.queries, rows, &mut self.norms, scores);
            return;
        }
        self.gathered.clear();
        for &candidate in candidates {
            self.gathered.extend_from_slice(model.entity(candidate));
        }
        if let Ok(rows) = ArrayView2::from_shape((candidates.len(), model.dim()), &self.gathered) {
            self.scorer.score(&self.queries, rows, &mut self.norms, scores);
        }
    }

    fn pairs(&mut self, pairs: &[(u32, EntityId)]) -> Vec<f32> {
        let (model, dim) = (self.scorer.model, self.scorer.model.dim());
        let mut found = Vec::with_capacity(pairs.len());
        let mut square = [0.0; DIAGONAL * DIAGONAL];
        let mut queries = Vec::with_capacity(DIAGONAL * dim);
        for chunk in pairs.chunks(DIAGONAL) {
            queries.clear();
            for &(query, _) in chunk {
                let start = query as usize * dim;
                queries.extend_from_slice(&self.queries[start..start + dim]);
            }
            let rows: Vec<usize> = chunk.iter().map(|(_, entity)| entity.index()).collect();
            let own = model.entity_table().select(Axis(0), &rows);
            let scores = &mut square[..chunk.len() * chunk.len()];
            self.scorer.score(&queries, own.view(), &mut self.norms, scores);
            found.extend(scores.iter().step_by(chunk.len() + 1));
        }
        found
    }
}

/// The baseline beside every model: a candidate's score is its number of training triples.
#[derive(Debug, Clone, Copy)]
pub struct DegreeScorer<'a>(pub &'a KnowledgeGraph);

impl Scorer for DegreeScorer<'_> {
    fn block<'a>(&'a self, _side: Side, queries: &'a [Triple]) -> Box<dyn QueryBlock + 'a> {
        Box::new(DegreeBlock(self.0, queries.len()))
    }
}

struct DegreeBlock<'a>(&'a KnowledgeGraph, usize);

impl QueryBlock for DegreeBlock<'_> {
    fn scores(&mut self, candidates: &[EntityId], scores: &mut [f32]) {
        let DegreeBlock(graph, queries) = *self;
        for row in scores.chunks_exact_mut(candidates.len().max(1)).take(queries) {
            for (score, &candidate) in row.iter_mut().zip(candidates) {
                *score = graph.degree(candidate) as f32;
            }
        }
    }

    fn pairs(&mut self, pairs: &[(u32, EntityId)]) -> Vec<f32> {
        pairs.iter().map(|&(_, entity)| self.0.degree(entity) as f32).collect()
    }
}
