//! Stage `map`, under [`Coupling::Concat`](crate::anchor::Coupling): `∂L/∂W_j = Σ_u t_uj ∂L/∂e_u`, and its step.

use crate::backend::{Parameters, RunData, RunSpec};
use crate::plan::StepPlan;

/// Moves the learned map. `totals` holds the gradients of the step's rows, `[rows, dim]`, entities first;
/// `gradient`, `[dim]`, is for numbers on the way.
pub fn run(
    spec: &RunSpec,
    data: &RunData,
    plan: &StepPlan,
    learning_rate: f32,
    totals: &[f32],
    gradient: &mut [f32],
    parameters: &mut Parameters,
) {
    let dim = spec.dim();
    let optimizer = spec.settings.recipe.optimizer;
    let width = optimizer.state_width(dim);
    let first = spec.row_count() - spec.map_rows();
    let entities = plan.rows.partition_point(|&row| row < spec.shape.entities);
    for j in 0..spec.map_rows() {
        gradient.fill(0.0);
        for (&entity, total) in plan.rows[..entities].iter().zip(totals.chunks_exact(dim)) {
            let t = data.text[entity as usize * dim + j];
            for (g, x) in gradient.iter_mut().zip(total) {
                *g += t * x;
            }
        }
        let row = first + j;
        let state = &mut parameters.state[row * width..(row + 1) * width];
        optimizer.step(learning_rate, state, gradient, &mut parameters.rows[row * dim..(row + 1) * dim]);
    }
}
