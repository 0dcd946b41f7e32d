//! Stage `prep`: queries `[B, dim]`, scores of the positives, and the anchor of each given entity.

use crate::anchor::Pull;
use crate::backend::{RunData, RunSpec, StepBuffers};
use crate::graph::Side;
use crate::plan::StepPlan;
use crate::settings::Settings;

/// Fills `queries`, `anchor_losses` and `pulls`; writes scores to `positive`.
pub fn run(spec: &RunSpec, data: &RunData, plan: &StepPlan, rows: &[f32], buffers: &mut StepBuffers) {
    let dim = spec.dim();
    let settings = &spec.settings;
    let row = |at: u32| at as usize * dim..(at as usize + 1) * dim;
    let anchors = data.anchors(settings);
    let share = 1.0 / plan.batch() as f32;
    for (b, &positive) in plan.positives.iter().enumerate() {
        let triple = &data.triples[positive as usize];
        let given_at = triple.entity(plan.side.opposite()).0;
        let given = &rows[row(given_at)];
        let relation = &rows[row(spec.shape.entities + triple.relation)];
        let query = &mut buffers.queries[b * dim..(b + 1) * dim];
        let truth = &rows[row(triple.entity(plan.side).0)];
        buffers.positive[b] = score(settings, plan.side, given, relation, truth, query);

        let mut loss = 0.0;
        for ((zeta, texts), pull) in anchors.iter().flatten().zip(buffers.pulls[4 * b..].chunks_exact_mut(2)) {
            let Pull { loss: distance, a, b } = settings.text.distance.pull(given, &texts[row(given_at)]);
            loss += zeta * share * distance;
            pull.copy_from_slice(&[a, b]);
        }
        buffers.anchor_losses[b] = loss;
    }
}

/// Writes the query of a positive and returns its score; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn score(settings: &Settings, side: Side, given: &[f32], relation: &[f32], truth: &[f32], query: &mut [f32]) -> f32 {
    settings.interaction.query(side, given, relation, query);
    settings.interaction.similarity().score(settings.gamma, query, truth)
}
