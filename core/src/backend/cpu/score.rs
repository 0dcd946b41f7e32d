//! Stage `score`: a chunk against its negatives, `[rows, K]`; then loss and coefficients in place.

use super::{ChunkWork, Scratch};
use crate::backend::RunSpec;
use crate::graph::Triple;
use crate::loss::LinkLoss;
use crate::model::{Arithmetic, view, view_mut};
use crate::plan::StepPlan;

/// Fills the chunk's `coefficients` and adds the negatives' part to its `losses`.
pub fn run(
    spec: &RunSpec,
    arithmetic: Arithmetic,
    plan: &StepPlan,
    triples: &[Triple],
    loss: &LinkLoss,
    work: &mut ChunkWork<'_>,
    scratch: &mut Scratch,
) {
    let k = work.negatives.len();
    loss.similarity.scores(
        arithmetic,
        loss.gamma,
        view(work.queries, spec.dim),
        view(&scratch.rows, spec.dim),
        &mut scratch.norms,
        view_mut(work.coefficients, k),
    );
    scratch.weights.resize(k, 0.0);
    for (b, (row, total)) in work.coefficients.chunks_mut(k).zip(work.losses.iter_mut()).enumerate() {
        let own = triples[plan.positives[work.first + b] as usize].entity(plan.side).0;
        *total += loss.negatives(row, work.negatives, own, &mut scratch.weights);
    }
}
