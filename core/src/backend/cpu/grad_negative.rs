//! Stage `grad_negative`: the gradient of each negative of a chunk, summed over its positives.

use super::{ChunkWork, Scratch};
use crate::backend::RunSpec;
use crate::model::{Arithmetic, view, view_mut};

/// Fills the chunk's `d_negatives`, `[K, dim]`.
pub fn run(spec: &RunSpec, arithmetic: Arithmetic, work: &mut ChunkWork<'_>, scratch: &Scratch) {
    work.d_negatives.fill(0.0);
    spec.similarity().pull(
        arithmetic,
        view(work.coefficients, work.negatives.len()).reversed_axes(),
        view(&scratch.rows, spec.dim()),
        view(work.queries, spec.dim()),
        view_mut(work.d_negatives, spec.dim()),
    );
}
