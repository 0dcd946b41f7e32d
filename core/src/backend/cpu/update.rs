//! Stage `update`: level 2 of the row sums, regularisation, and the step of the optimiser.

use super::sum::add_rows;
use crate::anchor::Coupling;
use crate::backend::{Parameters, RunSpec};
use crate::plan::StepPlan;

/// Moves every row that the step touched. Under [`Coupling::Concat`] an entity's free row moves, and its gradient
/// stays in `totals`, `[rows, dim]`, for the learned map.
pub fn run(
    spec: &RunSpec,
    plan: &StepPlan,
    learning_rate: f32,
    gradients: &[f32],
    parameters: &mut Parameters,
    totals: &mut Vec<f32>,
) {
    let dim = spec.dim();
    let optimizer = spec.settings.recipe.optimizer;
    let width = optimizer.state_width(dim);
    let is_concat = spec.settings.text.coupling == Coupling::Concat;
    totals.resize(if is_concat { plan.rows.len() * dim } else { dim }, 0.0);
    for (at, &row) in plan.rows.iter().enumerate() {
        let total = if is_concat { &mut totals[at * dim..(at + 1) * dim] } else { &mut totals[..] };
        add_rows(dim, plan.segments.get(at), gradients, total);
        let row = row as usize;
        let own = row * dim..(row + 1) * dim;
        regularize(spec.regularization(row), spec.settings.recipe.norm, &parameters.rows[own.clone()], total);
        let scale = spec.row_scale(row);
        total.iter_mut().for_each(|g| *g *= scale);
        let values = if is_concat && row < spec.shape.entities as usize {
            &mut parameters.free[own]
        } else {
            &mut parameters.rows[own]
        };
        optimizer.step(learning_rate * scale, &mut parameters.state[row * width..(row + 1) * width], total, values);
    }
}

/// Adds the gradient of `λ ‖e‖ₚᵖ`: `λ p |e|^{p−1} sign(e)`.
fn regularize(lambda: f32, norm: u32, row: &[f32], gradient: &mut [f32]) {
    if lambda == 0.0 {
        return;
    }
    for (g, x) in gradient.iter_mut().zip(row) {
        *g += if norm == 2 { 2.0 * lambda * x } else { 3.0 * lambda * x * x.abs() };
    }
}
