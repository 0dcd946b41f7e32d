//! Stage `prep`: queries `[B, dim]` and, for each positive, its loss and gradient coefficient.

use crate::backend::{RunSpec, StepBuffers};
use crate::graph::Triple;
use crate::loss::LinkLoss;
use crate::plan::StepPlan;

/// Fills `queries`, `positive` and the positive's part of `losses`.
pub fn run(
    spec: &RunSpec,
    plan: &StepPlan,
    triples: &[Triple],
    rows: &[f32],
    loss: &LinkLoss,
    buffers: &mut StepBuffers,
) {
    let dim = spec.dim;
    let row = |at: u32| &rows[at as usize * dim..(at as usize + 1) * dim];
    for (b, &positive) in plan.positives.iter().enumerate() {
        let triple = &triples[positive as usize];
        let given = row(triple.entity(plan.side.opposite()).0);
        let relation = row(spec.shape.entities + triple.relation);
        let query = &mut buffers.queries[b * dim..(b + 1) * dim];
        spec.interaction.query(plan.side, given, relation, query);
        let score = loss.similarity.score(loss.gamma, query, row(triple.entity(plan.side).0));
        (buffers.losses[b], buffers.positive[b]) = loss.positive(score);
    }
}
