//! Stage `grad_query`: `∂L/∂query` of a chunk, and what follows from it for the rows of each positive.

use super::{ChunkWork, Scratch};
use crate::backend::RunSpec;
use crate::graph::Triple;
use crate::model::{Arithmetic, QueryRows, view, view_mut};
use crate::plan::StepPlan;

/// Fills the chunk's `d_given`, `d_relation` and `d_true`.
pub fn run(
    spec: &RunSpec,
    arithmetic: Arithmetic,
    plan: &StepPlan,
    triples: &[Triple],
    rows: &[f32],
    work: &mut ChunkWork<'_>,
    scratch: &mut Scratch,
) {
    let (dim, k) = (spec.dim, work.negatives.len());
    let similarity = spec.interaction.similarity();
    let row = |at: u32| &rows[at as usize * dim..(at as usize + 1) * dim];

    scratch.d_queries.clear();
    scratch.d_queries.resize(work.queries.len(), 0.0);
    similarity.pull(
        arithmetic,
        view(work.coefficients, k),
        view(work.queries, dim),
        view(&scratch.rows, dim),
        view_mut(&mut scratch.d_queries, dim),
    );
    for (b, query) in work.queries.chunks_exact(dim).enumerate() {
        let part = b * dim..(b + 1) * dim;
        let triple = &triples[plan.positives[work.first + b] as usize];
        let (given, truth) = (row(triple.entity(plan.side.opposite()).0), row(triple.entity(plan.side).0));
        let coefficient = work.positive[b];
        let d_query = &mut scratch.d_queries[part.clone()];
        similarity.pull_one(coefficient, query, truth, d_query);
        let d_true = &mut work.d_true[part.clone()];
        d_true.fill(0.0);
        similarity.pull_one(coefficient, truth, query, d_true);
        let relation = row(spec.shape.entities + triple.relation);
        spec.interaction.query_gradient(
            plan.side,
            QueryRows { given, relation, d_query },
            &mut work.d_given[part.clone()],
            &mut work.d_relation[part],
        );
    }
}
