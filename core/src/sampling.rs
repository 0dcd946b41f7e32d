//! Negative sampling: shared by a chunk of positives, drawn from all entities or from those of the right type.
//!
//! Sharing makes scoring a matrix product, and costs little: every positive still meets `K` draws
//! (Lerer et al., 2019; Zheng et al., 2020). Draws may repeat. A draw that is the positive's own entity has
//! no part in its loss, nor has one of another type (type-constrained sampling), nor a known true answer
//! (filtered negatives).

use serde::{Deserialize, Serialize};

use crate::rng::{Stream, below, hash};

/// Where negatives are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Draw {
    /// All entities alike.
    #[default]
    Uniform,
    /// Entities of the type of the entity they replace.
    TypeConstrained,
}

/// What is done with negatives that the training triples state as true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FalseNegatives {
    /// They count as negatives.
    #[default]
    Kept,
    /// They have no part in the loss.
    Filtered,
}

/// How positives are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// All alike.
    #[default]
    Uniform,
    /// Frequent queries less: `1 / √(count(h, r) + count(t, r⁻¹))`, counts from 4 (Sun et al., ICLR 2019;
    /// after word2vec's subsampling).
    Frequency,
}

/// Entities by type, to draw from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeTable {
    /// Type of each entity.
    pub kinds: Vec<u32>,
    /// Entities sorted by type.
    sorted: Vec<u32>,
    /// Where each type starts in `sorted`, and where the last ends.
    starts: Vec<u32>,
}

impl TypeTable {
    /// From the type of each entity.
    pub fn new(kinds: Vec<u32>) -> Self {
        let types = kinds.iter().max().map_or(0, |last| *last as usize + 1);
        let mut sorted: Vec<u32> = (0..kinds.len() as u32).collect();
        sorted.sort_by_key(|&entity| kinds[entity as usize]);
        let mut starts = vec![0; types + 1];
        for &kind in &kinds {
            starts[kind as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        TypeTable { kinds, sorted, starts }
    }

    /// Entities of a type, ascending.
    fn of(&self, kind: u32) -> &[u32] {
        &self.sorted[self.starts[kind as usize] as usize..self.starts[kind as usize + 1] as usize]
    }
}

/// Writes the negatives of one step, `[chunks × K]`, drawn from all entities.
pub fn uniform(seed: u32, step: u32, entities: u32, out: &mut [u32]) {
    for (slot, negative) in out.iter_mut().enumerate() {
        *negative = below(hash(seed, Stream::Negative, step, slot as u32), entities);
    }
}

/// Writes the negatives of one chunk, `[K]`: slot `j` is of the type of the true entity of positive `⌊j n / K⌋`, so each
/// type has the share of negatives that it has of the chunk's `n` true entities. `first_slot` counts over the step.
pub fn of_types(seed: u32, step: u32, first_slot: u32, types: &TypeTable, truths: &[u32], out: &mut [u32]) {
    let slots = out.len();
    for (j, negative) in out.iter_mut().enumerate() {
        let truth = truths[j * truths.len() / slots];
        let entities = types.of(types.kinds[truth as usize]);
        let bits = hash(seed, Stream::Negative, step, first_slot + j as u32);
        *negative = entities[below(bits, entities.len() as u32) as usize];
    }
}
