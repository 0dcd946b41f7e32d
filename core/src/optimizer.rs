//! Optimisers: how a row moves against its gradient. Only rows that a step touched move.
//!
//! | optimiser | state per row | step |
//! |---|---|---|
//! | row-wise Adagrad | 1 | `s += mean_k g_k²`, `x_k −= lr · g_k / (√s + 1e-10)` (DGL-KE, PyTorch-BigGraph) |
//! | Adagrad | `dim` | `s_k += g_k²`, `x_k −= lr · g_k / (√s_k + 1e-10)` (Duchi et al., 2011) |
//! | Adam, row-sparse | `2 dim` | moments of touched rows only, `x_k −= lr_t · m_k / (√v_k + 1e-8)`, `lr_t = lr √(1−β₂ᵗ)/(1−β₁ᵗ)` (torch's `SparseAdam`) |
//! | SGD | 0 | `x_k −= lr · g_k` |

use serde::{Deserialize, Serialize};

/// Added to the root of Adagrad's state: an untouched row does not divide by zero.
pub const EPSILON: f32 = 1e-10;
/// Decay of Adam's first moment.
pub const BETA_1: f32 = 0.9;
/// Decay of Adam's second moment.
pub const BETA_2: f32 = 0.999;
/// Added to the root of Adam's second moment.
pub const ADAM_EPSILON: f32 = 1e-8;

/// Which optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// One accumulator per row.
    #[default]
    RowAdagrad,
    /// One accumulator per number.
    Adagrad,
    /// Two moments per number, of touched rows only.
    Adam,
    /// Plain gradient descent.
    Sgd,
}

impl Optimizer {
    /// All of them.
    pub const ALL: [Optimizer; 4] = [Optimizer::RowAdagrad, Optimizer::Adagrad, Optimizer::Adam, Optimizer::Sgd];

    /// Name in files and command lines, and of the shader.
    pub fn name(self) -> &'static str {
        match self {
            Optimizer::RowAdagrad => "row_adagrad",
            Optimizer::Adagrad => "adagrad",
            Optimizer::Adam => "adam",
            Optimizer::Sgd => "sgd",
        }
    }

    /// Numbers of state that belong to one row.
    pub fn state_width(self, dim: usize) -> usize {
        match self {
            Optimizer::RowAdagrad => 1,
            Optimizer::Adagrad => dim,
            Optimizer::Adam => 2 * dim,
            Optimizer::Sgd => 0,
        }
    }

    /// What the learning rate is multiplied with in the step with this counter, from 0: Adam's bias correction.
    pub fn rate_factor(self, step: u32) -> f32 {
        if self != Optimizer::Adam {
            return 1.0;
        }
        let decayed = |beta: f32| 1.0 - f64::from(beta).powf(f64::from(step) + 1.0);
        (decayed(BETA_2).sqrt() / decayed(BETA_1)) as f32
    }

    /// Moves `row` against its `gradient`, each `[dim]`; `state` is `[state_width]`.
    #[inline]
    pub fn step(self, learning_rate: f32, state: &mut [f32], gradient: &[f32], row: &mut [f32]) {
        match self {
            Optimizer::RowAdagrad => row_adagrad(learning_rate, state, gradient, row),
            Optimizer::Adagrad => adagrad(learning_rate, state, gradient, row),
            Optimizer::Adam => adam(learning_rate, state, gradient, row),
            Optimizer::Sgd => {
                for (x, g) in row.iter_mut().zip(gradient) {
                    *x -= learning_rate * g;
                }
            }
        }
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn row_adagrad(learning_rate: f32, state: &mut [f32], gradient: &[f32], row: &mut [f32]) {
    let mean_square = crate::maths::dot(gradient, gradient) / gradient.len() as f32;
    let Some(state) = state.first_mut() else { return };
    *state += mean_square;
    let rate = learning_rate / (state.sqrt() + EPSILON);
    for (x, g) in row.iter_mut().zip(gradient) {
        *x -= rate * g;
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn adagrad(learning_rate: f32, state: &mut [f32], gradient: &[f32], row: &mut [f32]) {
    for ((x, g), s) in row.iter_mut().zip(gradient).zip(state) {
        *s += g * g;
        *x -= learning_rate * g / (s.sqrt() + EPSILON);
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn adam(learning_rate: f32, state: &mut [f32], gradient: &[f32], row: &mut [f32]) {
    let (first, second) = state.split_at_mut(gradient.len());
    for (((x, g), m), v) in row.iter_mut().zip(gradient).zip(first).zip(second) {
        *m += (1.0 - BETA_1) * (g - *m);
        *v += (1.0 - BETA_2) * (g * g - *v);
        *x -= learning_rate * *m / (v.sqrt() + ADAM_EPSILON);
    }
}
