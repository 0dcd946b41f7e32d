//! Stage `grad_negative`: the gradient of each negative of a chunk, summed over its positives. The pass over their
//! pairs gives the negatives' part of each `∂L/∂query` too, with which stage `grad_query` goes on.

use super::{ChunkWork, Scratch};
use crate::backend::RunSpec;
use crate::model::{Arithmetic, Block, view, view_mut};

/// Fills the chunk's `d_negatives`, `[K, dim]`, and `d_queries` of `scratch`, `[rows, dim]`.
pub fn run(spec: &RunSpec, arithmetic: Arithmetic, work: &mut ChunkWork<'_>, scratch: &mut Scratch) {
    let dim = spec.dim();
    scratch.d_queries.resize(work.queries.len(), 0.0);
    let block = Block {
        coefficients: view(work.coefficients, work.negatives.len()),
        queries: view(work.queries, dim),
        candidates: view(&scratch.rows, dim),
        scratch: &mut scratch.block,
        d_queries: view_mut(&mut scratch.d_queries, dim),
        d_candidates: view_mut(work.d_negatives, dim),
    };
    spec.similarity().pull(arithmetic, block);
}
