//! How much an edge counts: what the model thinks of it, and how crowded its ends are.
//!
//! Scores of different relations have different scales, so a score `s` of relation `r` becomes
//!
//! `weight = 1 / (1 + e^−z)`, `z = (s − μ_r) / σ_r`,
//!
//! with mean and standard deviation of up to [`SAMPLE`] training triples of `r`, taken at even steps
//! through the training split. So a typical true edge weighs ½ in every relation, and order within a
//! relation is the model's. Edges at hubs say little, hence
//!
//! `discount = (d_head · d_tail)^−w`, `d` = degree within relation and direction,
//!
//! the factors of the degree-weighted path count (Himmelstein & Baranzini, 2015; Himmelstein et al.,
//! eLife 2017, with w = 0.4). The discount takes direction as stored, also in symmetric relations.

use crate::error::{Error, Result};
use crate::graph::{Adjacency, KnowledgeGraph, Run, Split, Triple};
use crate::ids::{EntityId, RelationId};
use crate::maths::{exp, ln};
use crate::model::Model;

/// Training triples of a relation that its scale is taken from.
pub const SAMPLE: usize = 256;

/// Mean and inverse standard deviation of a relation's scores.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Scale {
    mean: f64,
    /// 0 where all scores are the same: every edge then weighs ½.
    inverse_deviation: f64,
}

/// From scores to weights, for one state of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeWeights {
    scales: Vec<Scale>,
}

impl EdgeWeights {
    /// Takes the scale of every relation: two passes over the training triples, 256 scores per relation.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the model's rows are not the graph's.
    pub fn new(graph: &KnowledgeGraph, model: &Model) -> Result<Self> {
        let relations = graph.relation_count();
        if model.entity_count() != graph.entity_count()
            || model.rows().len() != (graph.entity_count() + relations) * model.dim()
        {
            return Err(Error::NotFound("the model has other rows than this graph".into()));
        }
        let triples = graph.triples(Split::Train);
        let mut counts = vec![0u64; relations];
        for triple in triples {
            counts[triple.relation as usize] += 1;
        }
        let mut scores: Vec<Vec<f32>> = vec![Vec::new(); relations];
        let mut seen = vec![0u64; relations];
        for triple in triples {
            let relation = triple.relation as usize;
            let (at, count) = (seen[relation], counts[relation]);
            let wanted = count.min(SAMPLE as u64);
            seen[relation] += 1;
            // The places where `at · wanted / count` passes a whole number: `wanted` of them, evenly spread.
            if at * wanted / count != (at + 1) * wanted / count {
                scores[relation].push(model.score(triple));
            }
        }
        Ok(EdgeWeights { scales: scores.iter().map(|scores| scale(scores)).collect() })
    }

    /// Weight of a score of a relation, in `[0, 1]`, rising with the score; ½ for a relation without a scale.
    pub fn weight(&self, relation: RelationId, score: f32) -> f32 {
        let Scale { mean, inverse_deviation } = self.scales.get(relation.index()).copied().unwrap_or_default();
        let z = (f64::from(score) - mean) * inverse_deviation;
        1.0 / (1.0 + exp(-z as f32))
    }
}

fn scale(scores: &[f32]) -> Scale {
    let count = scores.len().max(1) as f64;
    let mean = scores.iter().map(|&s| f64::from(s)).sum::<f64>() / count;
    let variance = scores.iter().map(|&s| (f64::from(s) - mean).powi(2)).sum::<f64>() / count;
    // Below this the spread is rounding of equal scores.
    let deviation = variance.sqrt();
    let inverse_deviation = if deviation > 1e-6 * (1.0 + mean.abs()) { 1.0 / deviation } else { 0.0 };
    Scale { mean, inverse_deviation }
}

/// `(d_head · d_tail)^−w`: 1 where the edge is the only one of its relation at both ends.
pub fn hub_discount(degrees: [u32; 2], exponent: f32) -> f32 {
    let [a, b] = degrees.map(|degree| ln(degree.max(1) as f32));
    exp(-exponent * (a + b))
}

/// What explanations look at: a graph, its edges, and a state of a model with its scales.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The graph.
    pub graph: &'a KnowledgeGraph,
    /// Edges of the graph's training triples.
    pub adjacency: &'a Adjacency,
    /// The model.
    pub model: &'a Model,
    /// Scales of that model.
    pub weights: &'a EdgeWeights,
}

impl View<'_> {
    /// Weight and discount of the edge from the run's entity to `other`, with the run's query vector.
    #[inline]
    pub(super) fn edge(&self, run: &Run<'_>, query: &[f32], other: EntityId, exponent: f32) -> (f32, f32) {
        let similarity = self.model.interaction.similarity();
        let score = similarity.score(self.model.gamma, query, self.model.entity(other));
        let other_degree = self.adjacency.degree_within(other, run.relation, run.side.opposite());
        let discount = hub_discount([run.others.len() as u32, other_degree], exponent);
        (self.weights.weight(run.relation, score), discount)
    }

    /// Weight of a triple of the graph.
    pub fn weight(&self, triple: &Triple) -> f32 {
        self.weights.weight(triple.relation(), self.model.score(triple))
    }
}
