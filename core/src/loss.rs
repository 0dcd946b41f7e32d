//! The link loss: log-sigmoid with self-adversarial negatives (Sun et al., ICLR 2019, Eq. 5–6).
//!
//! For a positive `b` with score `s⁺` and negatives `s⁻_j`:
//!
//! `L_b = ½ [ −ln σ(s⁺) − Σ_j p_j ln σ(−s⁻_j) ]`, `p = softmax_j(α s⁻)` held constant, mean over the batch.
//!
//! `−ln σ(x) = softplus(−x)`. A negative that is the positive's own entity has weight 0.

use crate::maths::{exp, maximum, softplus_sigmoid, sum};
use crate::model::Similarity;

/// What turns a row of scores into a loss and gradient coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkLoss {
    /// How scores were made, to turn `∂L/∂score` into a coefficient.
    pub similarity: Similarity,
    /// Margin of the distance models.
    pub gamma: f32,
    /// Self-adversarial temperature `α`; 0 weights all negatives alike.
    pub alpha: f32,
    /// `½ / batch`: weight of one positive, and of its negatives together.
    pub weight: f32,
}

impl LinkLoss {
    /// Loss (unweighted, `softplus(−s⁺)`) and gradient coefficient of a positive's own score.
    #[inline]
    pub fn positive(&self, score: f32) -> (f32, f32) {
        let (loss, slope) = softplus_sigmoid(-score);
        (loss, self.similarity.coefficient(self.gamma, score, -slope * self.weight))
    }

    /// Turns the scores of a positive's negatives into gradient coefficients, in place, and returns
    /// the loss `Σ_j p_j softplus(s_j)`. `own` is the entity that is not a negative of this positive.
    /// `weights` is scratch; all slices have one length.
    #[inline]
    pub fn negatives(&self, scores: &mut [f32], negatives: &[u32], own: u32, weights: &mut [f32]) -> f32 {
        match self.similarity {
            Similarity::Dot => weigh::<{ Similarity::Dot as u8 }>(self, scores, negatives, own, weights),
            Similarity::L2 => weigh::<{ Similarity::L2 as u8 }>(self, scores, negatives, own, weights),
            Similarity::L1 => weigh::<{ Similarity::L1 as u8 }>(self, scores, negatives, own, weights),
        }
    }
}

/// The loops of [`LinkLoss::negatives`], compiled for wider vectors too; the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn weigh<const SIMILARITY: u8>(
    loss: &LinkLoss,
    scores: &mut [f32],
    negatives: &[u32],
    own: u32,
    weights: &mut [f32],
) -> f32 {
    for ((weight, score), negative) in weights.iter_mut().zip(&*scores).zip(negatives) {
        *weight = if *negative == own { f32::MIN } else { *score };
    }
    let largest = maximum(weights);
    for ((weight, score), negative) in weights.iter_mut().zip(&*scores).zip(negatives) {
        let value = exp(loss.alpha * (score - largest));
        *weight = if *negative == own { 0.0 } else { value };
    }
    let total = sum(weights);
    let share = if total > 0.0 { 1.0 / total } else { 0.0 };
    for (score, weight) in scores.iter_mut().zip(weights.iter_mut()) {
        let (value, slope) = softplus_sigmoid(*score);
        let p = *weight * share;
        let gradient = p * slope * loss.weight;
        *score = if SIMILARITY == Similarity::L2 as u8 {
            Similarity::L2.coefficient(loss.gamma, *score, gradient)
        } else {
            gradient
        };
        *weight = p * value;
    }
    sum(weights)
}
