//! Row-wise Adagrad: one accumulator per row instead of one per number.
//!
//! `state += mean_k g_k²`, `x_k −= lr · g_k / (√state + 1e-10)`. The recipe of DGL-KE and
//! PyTorch-BigGraph for large tables (Zheng et al., 2020; Lerer et al., 2019).

/// Added to the root of the state: an untouched row does not divide by zero.
pub const EPSILON: f32 = 1e-10;

/// Moves `row` against its `gradient`, each `[dim]`, and returns the new state.
#[multiversion::multiversion(targets("x86_64+avx2"))]
pub fn adagrad_row(learning_rate: f32, state: f32, gradient: &[f32], row: &mut [f32]) -> f32 {
    let mean_square = crate::maths::dot(gradient, gradient) / gradient.len() as f32;
    let state = state + mean_square;
    let rate = learning_rate / (state.sqrt() + EPSILON);
    for (x, g) in row.iter_mut().zip(gradient) {
        *x -= rate * g;
    }
    state
}
