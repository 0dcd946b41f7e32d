//! Stage `score`: a chunk against its negatives, `[rows, K]`; then loss and coefficients in place.

use super::{ChunkWork, Scratch};
use crate::backend::{RunData, RunSpec};
use crate::loss::MASKED;
use crate::model::{Arithmetic, view, view_mut};
use crate::plan::StepPlan;

/// Fills the chunk's `coefficients` and `losses`, and turns the scores in its `positive` into coefficients.
/// `share` is what a positive of weight 1 counts in the step's loss.
pub fn run(
    spec: &RunSpec,
    arithmetic: Arithmetic,
    data: &RunData,
    plan: &StepPlan,
    share: f32,
    work: &mut ChunkWork<'_>,
    scratch: &mut Scratch,
) {
    let k = work.negatives.len();
    let loss = spec.link_loss();
    loss.similarity.scores(
        arithmetic,
        loss.gamma,
        view(work.queries, spec.dim()),
        view(&scratch.rows, spec.dim()),
        &mut scratch.block,
        view_mut(work.coefficients, k),
    );
    scratch.weights.resize(k, 0.0);
    for (b, row) in work.coefficients.chunks_mut(k).enumerate() {
        let triple = plan.positives[work.first + b];
        mask(data, plan, work.first + b, work.negatives, row);
        let weight = data.weight(triple);
        let own = loss.row(share * spec.settings.text.zeta_link * weight, work.positive[b], row, &mut scratch.weights);
        work.positive[b] = own.positive;
        work.losses[b] = weight * own.loss;
    }
}

/// Marks the negatives that have no part in the loss of positive `b`.
fn mask(data: &RunData, plan: &StepPlan, b: usize, negatives: &[u32], scores: &mut [f32]) {
    let own = data.triples[plan.positives[b] as usize].entity(plan.side).0;
    mask_own(own, negatives, scores);
    if !data.kinds.is_empty() {
        let kind = data.kinds[own as usize];
        for (score, &negative) in scores.iter_mut().zip(negatives) {
            if data.kinds[negative as usize] != kind {
                *score = MASKED;
            }
        }
    }
    if !plan.false_negatives.is_empty() {
        for &slot in plan.false_negatives.get(b) {
            scores[slot as usize] = MASKED;
        }
    }
}

/// Marks the draws that are the positive's own entity; compiled for wider vectors too.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn mask_own(own: u32, negatives: &[u32], scores: &mut [f32]) {
    for (score, &negative) in scores.iter_mut().zip(negatives) {
        *score = if negative == own { MASKED } else { *score };
    }
}
