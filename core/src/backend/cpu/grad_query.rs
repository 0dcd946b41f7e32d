//! Stage `grad_query`: `∂L/∂query` of a chunk, and what follows from it for the rows of each positive. The negatives'
//! part of `∂L/∂query` is there already, see `grad_negative`.

use super::{ChunkWork, Scratch};
use crate::anchor::Pull;
use crate::backend::{RunData, RunSpec};
use crate::graph::Side;
use crate::model::{Interaction, QueryRows};
use crate::plan::StepPlan;

/// Fills the chunk's `d_given`, `d_relation` and `d_true`.
pub fn run(
    spec: &RunSpec,
    data: &RunData,
    plan: &StepPlan,
    rows: &[f32],
    work: &mut ChunkWork<'_>,
    scratch: &mut Scratch,
) {
    let dim = spec.dim();
    let row = |at: u32| at as usize * dim..(at as usize + 1) * dim;
    let anchors = data.anchors(&spec.settings);
    let distance = spec.settings.text.distance;
    let share = 1.0 / plan.batch() as f32;
    for (b, query) in work.queries.chunks_exact(dim).enumerate() {
        let part = b * dim..(b + 1) * dim;
        let triple = &data.triples[plan.positives[work.first + b] as usize];
        let given_at = triple.entity(plan.side.opposite()).0;
        let (given, truth) = (&rows[row(given_at)], &rows[row(triple.entity(plan.side).0)]);
        let relation = &rows[row(spec.shape.entities + triple.relation)];
        let d_given = &mut work.d_given[part.clone()];
        positive(
            spec.settings.interaction,
            plan.side,
            work.positive[b],
            Ends { given, relation, truth, query },
            Gradients {
                query: &mut scratch.d_queries[part.clone()],
                given: &mut *d_given,
                truth: &mut work.d_true[part.clone()],
                relation: &mut work.d_relation[part],
            },
        );
        for ((zeta, texts), pull) in anchors.iter().flatten().zip(work.pulls[4 * b..].chunks_exact(2)) {
            let pull = Pull { loss: 0.0, a: pull[0], b: pull[1] };
            for ((d, e), t) in d_given.iter_mut().zip(given).zip(&texts[row(given_at)]) {
                *d += zeta * share * distance.gradient(&pull, *e, *t);
            }
        }
    }
}

/// Rows of a positive, each `[dim]`.
struct Ends<'a> {
    given: &'a [f32],
    relation: &'a [f32],
    truth: &'a [f32],
    query: &'a [f32],
}

/// Where their gradients go; the query's holds the negatives' part already.
struct Gradients<'a> {
    query: &'a mut [f32],
    given: &'a mut [f32],
    truth: &'a mut [f32],
    relation: &'a mut [f32],
}

/// What follows from one positive; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn positive(interaction: Interaction, side: Side, coefficient: f32, ends: Ends<'_>, out: Gradients<'_>) {
    let similarity = interaction.similarity();
    similarity.pull_one(coefficient, ends.query, ends.truth, out.query);
    out.truth.fill(0.0);
    similarity.pull_one(coefficient, ends.truth, ends.query, out.truth);
    let rows = QueryRows { given: ends.given, relation: ends.relation, d_query: out.query };
    interaction.query_gradient(side, rows, out.given, out.relation);
}
