//! Stage `update`: level 2 of the row sums, and the step of the optimiser.

use super::sum::add_rows;
use crate::backend::Parameters;
use crate::optimizer::adagrad_row;
use crate::plan::StepPlan;

/// Moves every row that the step touched.
pub fn run(
    dim: usize,
    plan: &StepPlan,
    learning_rate: f32,
    gradients: &[f32],
    parameters: &mut Parameters,
    total: &mut Vec<f32>,
) {
    total.resize(dim, 0.0);
    for (at, &row) in plan.rows.iter().enumerate() {
        add_rows(dim, plan.segments.get(at), gradients, total);
        let row = row as usize;
        let state = &mut parameters.state[row];
        *state = adagrad_row(learning_rate, *state, total, &mut parameters.rows[row * dim..(row + 1) * dim]);
    }
}
