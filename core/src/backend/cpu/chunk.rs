//! The chunks of a step: its arrays are halved until a part is one chunk, and the parts are done on all cores.

use super::parallel::join;
use super::{Scratch, StepBuffers};
use crate::plan::{CHUNK, StepPlan};

/// One chunk of a step, or several in a row: disjoint parts of the step's arrays.
pub struct ChunkWork<'a> {
    /// Positive that it starts with.
    pub first: usize,
    pub queries: &'a [f32],
    pub coefficients: &'a mut [f32],
    pub positive: &'a mut [f32],
    pub pulls: &'a [f32],
    pub losses: &'a mut [f32],
    pub d_given: &'a mut [f32],
    pub d_true: &'a mut [f32],
    pub d_relation: &'a mut [f32],
    pub negatives: &'a [u32],
    pub d_negatives: &'a mut [f32],
}

impl<'a> ChunkWork<'a> {
    /// All chunks of a step.
    pub fn all(plan: &'a StepPlan, dim: usize, buffers: &'a mut StepBuffers) -> Self {
        let own = plan.batch() * dim;
        let (d_given, rest) = buffers.gradients.split_at_mut(own);
        let (d_true, rest) = rest.split_at_mut(own);
        let (d_relation, rest) = rest.split_at_mut(own);
        ChunkWork {
            first: 0,
            queries: &buffers.queries,
            coefficients: &mut buffers.coefficients,
            positive: &mut buffers.positive,
            pulls: &buffers.pulls,
            losses: &mut buffers.losses,
            d_given,
            d_true,
            d_relation,
            negatives: &plan.negatives,
            d_negatives: &mut rest[..plan.negatives.len() * dim],
        }
    }

    /// Takes the first `chunks` of `all` off.
    fn split_off(&mut self, chunks: usize, all: usize) -> Self {
        let rows = chunks * CHUNK;
        let (dim, k) = (self.queries.len() / self.positive.len(), self.negatives.len() / all);
        let first = self.first;
        self.first += rows;
        ChunkWork {
            first,
            queries: take(&mut self.queries, rows * dim),
            coefficients: take_mut(&mut self.coefficients, rows * k),
            positive: take_mut(&mut self.positive, rows),
            pulls: take(&mut self.pulls, 4 * rows),
            losses: take_mut(&mut self.losses, rows),
            d_given: take_mut(&mut self.d_given, rows * dim),
            d_true: take_mut(&mut self.d_true, rows * dim),
            d_relation: take_mut(&mut self.d_relation, rows * dim),
            negatives: take(&mut self.negatives, chunks * k),
            d_negatives: take_mut(&mut self.d_negatives, chunks * k * dim),
        }
    }
}

/// Takes the first `count` off a slice.
fn take<'a, T>(slice: &mut &'a [T], count: usize) -> &'a [T] {
    slice.split_off(..count).unwrap_or_default()
}

/// As [`take`], mutable.
fn take_mut<'a, T>(slice: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    slice.split_off_mut(..count).unwrap_or_default()
}

/// Runs `f` on each chunk with a scratch of its own.
pub fn for_each_chunk(
    mut work: ChunkWork<'_>,
    scratch: &mut [Scratch],
    f: &(impl Fn(ChunkWork<'_>, &mut Scratch) + Sync),
) {
    match scratch {
        [] => {}
        [own] => f(work, own),
        _ => {
            let (all, half) = (scratch.len(), scratch.len() / 2);
            let (start, (first, second)) = (work.split_off(half, all), scratch.split_at_mut(half));
            join(|| for_each_chunk(start, first, f), || for_each_chunk(work, second, f));
        }
    }
}
