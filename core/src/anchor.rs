//! LLaDR's anchor: a loss that keeps an entity's row `e` near its frozen text vector `t` (arXiv 2510.12181).
//!
//! `L_anc` is the mean, over the uncorrupted entity of each positive, of a distance:
//!
//! | distance | `D(e, t)` | `∂D/∂e_k` |
//! |---|---|---|
//! | cosine | `1 − e·t / (‖e‖ ‖t‖)` | `a t_k + b e_k`, `a = −1/(‖e‖‖t‖)`, `b = cos/‖e‖²` |
//! | Euclidean | `‖e − t‖₂` | `a (e_k − t_k)`, `a = 1/‖e − t‖` |
//! | Manhattan | `‖e − t‖₁` | `sign(e_k − t_k)` |
//! | KL | `Σ_k p_k (ln p_k − ln q_k)`, `p = softmax(t)`, `q = softmax(e)` | `a e^{e_k} − b e^{t_k}`, `a = 1/Σe^e`, `b = 1/Σe^t` |
//!
//! Each is computed from sums over the dimensions and leaves two numbers `a`, `b` for its gradient, so that a
//! device needs one pass for the loss and none but the row's own for the gradient. A text vector of zeros
//! means that the entity has no text: no loss, no pull. The paper's printed equations have sign errors; this
//! is the form that its authors' code has.

use serde::{Deserialize, Serialize};

use crate::maths::{exp, ln};

/// Norms below this count as none: the direction of such a row means nothing.
pub const LEAST_NORM: f32 = 1e-4;

/// How far a row is from its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// One minus the cosine; LLaDR's default.
    #[default]
    Cosine,
    /// Euclidean.
    Euclidean,
    /// Manhattan.
    Manhattan,
    /// Kullback–Leibler divergence of soft-maxes.
    Kl,
}

/// How text enters an entity's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coupling {
    /// Blended, `e = ρ x + (1 − ρ) t`: what LLaDR's code does.
    #[default]
    Blend,
    /// Concatenated and mapped, `e = [x ; t] M` with a learned linear map. Its upper block acts on the free row `x`
    /// and adds nothing, so it is held at the identity: `e = x + t W`, `W [dim, dim]` learned from zero.
    Concat,
}

/// Loss of one row, and the two numbers its gradient is made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pull {
    /// `D(e, t)`.
    pub loss: f32,
    /// See the table of this module.
    pub a: f32,
    /// See the table of this module.
    pub b: f32,
}

impl Distance {
    /// All of them.
    pub const ALL: [Distance; 4] = [Distance::Cosine, Distance::Euclidean, Distance::Manhattan, Distance::Kl];

    /// Name in files and command lines, and of the shader.
    pub fn name(self) -> &'static str {
        match self {
            Distance::Cosine => "cosine",
            Distance::Euclidean => "euclidean",
            Distance::Manhattan => "manhattan",
            Distance::Kl => "kl",
        }
    }

    /// Distance of a row from its text, each `[dim]`.
    pub fn pull(self, row: &[f32], text: &[f32]) -> Pull {
        if text.iter().all(|&t| t == 0.0) {
            return Pull::default();
        }
        let sum = |f: &dyn Fn(f32, f32) -> f32| row.iter().zip(text).map(|(&e, &t)| f(e, t)).sum::<f32>();
        match self {
            Distance::Cosine => {
                let (own, other) = (sum(&|e, _| e * e).sqrt(), sum(&|_, t| t * t).sqrt());
                if own < LEAST_NORM || other < LEAST_NORM {
                    return Pull { loss: 1.0, a: 0.0, b: 0.0 };
                }
                let cosine = sum(&|e, t| e * t) / (own * other);
                Pull { loss: 1.0 - cosine, a: -1.0 / (own * other), b: cosine / (own * own) }
            }
            Distance::Euclidean => {
                let distance = sum(&|e, t| (e - t) * (e - t)).sqrt();
                Pull { loss: distance, a: 1.0 / distance.max(LEAST_NORM), b: 0.0 }
            }
            Distance::Manhattan => Pull { loss: sum(&|e, t| (e - t).abs()), a: 1.0, b: 0.0 },
            Distance::Kl => {
                let (own, other) = (sum(&|e, _| exp(e)), sum(&|_, t| exp(t)));
                let loss = sum(&|e, t| exp(t) * (t - e)) / other - ln(other) + ln(own);
                Pull { loss, a: 1.0 / own, b: 1.0 / other }
            }
        }
    }

    /// `∂D/∂e_k` of one number of a row.
    #[inline(always)]
    pub fn gradient(self, pull: &Pull, e: f32, t: f32) -> f32 {
        match self {
            Distance::Cosine => pull.a * t + pull.b * e,
            Distance::Euclidean => pull.a * (e - t),
            Distance::Manhattan if pull.a == 0.0 => 0.0,
            Distance::Manhattan => f32::from(i8::from(e > t) - i8::from(e < t)),
            Distance::Kl if pull.a == 0.0 => 0.0,
            Distance::Kl => pull.a * exp(e) - pull.b * exp(t),
        }
    }
}
