//! The link loss: how the scores of a positive and of its negatives become a number and gradients.
//!
//! For a positive `b` with score `s⁺`, weight `w_b` and negatives with scores `s⁻_j`, weights
//! `p = softmax_j(α s⁻)` held constant (`α = 0` weights all alike):
//!
//! | loss | `L_b` |
//! |---|---|
//! | log-sigmoid | `½ [ −ln σ(s⁺) − Σ_j p_j ln σ(−s⁻_j) ]` (Sun et al., ICLR 2019, Eq. 5–6) |
//! | margin ranking | `Σ_j p_j max(0, m + s⁻_j − s⁺)` (Bordes et al., NeurIPS 2013) |
//! | cross-entropy | `−s⁺ + ln(e^{s⁺} + Σ_j e^{s⁻_j})`, a soft-max over the sample (Ruffinelli et al., ICLR 2020) |
//!
//! and `L = Σ_b w_b L_b / Σ_b w_b`. A negative that is left out has the score [`MASKED`] and weight 0.

use serde::{Deserialize, Serialize};

use crate::maths::{exp, ln, maximum, softplus_sigmoid, sum};
use crate::model::Similarity;

/// The score of a negative that has no part in the loss: the positive's own entity, or one known to be true.
pub const MASKED: f32 = f32::MIN;

/// Soft-max weights and slopes below this count as zero. They would change no sum, but their products would be
/// subnormal numbers, which many processors multiply a hundred times more slowly.
const TINY: f32 = 1e-15;

/// Which loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Log-sigmoid with self-adversarial negatives.
    #[default]
    LogSigmoid,
    /// Margin ranking.
    MarginRanking,
    /// Soft-max cross-entropy over the positive and its negatives.
    CrossEntropy,
}

impl Loss {
    /// All of them.
    pub const ALL: [Loss; 3] = [Loss::LogSigmoid, Loss::MarginRanking, Loss::CrossEntropy];

    /// Name in files and command lines.
    pub fn name(self) -> &'static str {
        match self {
            Loss::LogSigmoid => "log_sigmoid",
            Loss::MarginRanking => "margin_ranking",
            Loss::CrossEntropy => "cross_entropy",
        }
    }

    /// Constant factor of a positive's loss: the `½` of the log-sigmoid.
    pub fn factor(self) -> f32 {
        if self == Loss::LogSigmoid { 0.5 } else { 1.0 }
    }
}

/// What turns a row of scores into a loss and gradient coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkLoss {
    /// Which loss.
    pub loss: Loss,
    /// How scores were made, to turn `∂L/∂score` into a coefficient.
    pub similarity: Similarity,
    /// Margin of the distance models.
    pub gamma: f32,
    /// Self-adversarial temperature `α`; 0 weights all negatives alike.
    pub alpha: f32,
    /// Margin `m` of margin ranking.
    pub margin: f32,
}

/// The loss of one positive, without factor and weight, and the gradient coefficient of its own score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowLoss {
    /// `L_b` without [`Loss::factor`].
    pub loss: f32,
    /// Coefficient of the positive.
    pub positive: f32,
}

impl LinkLoss {
    /// Turns the scores of a positive's negatives into gradient coefficients, in place. `weight` multiplies
    /// every gradient, `positive` is the positive's score; `scratch` has the length of `scores`.
    #[inline]
    pub fn row(&self, weight: f32, positive: f32, scores: &mut [f32], scratch: &mut [f32]) -> RowLoss {
        let row = Row { weight, positive, scores, scratch };
        let RowLoss { loss, positive: gradient } = match (self.loss, self.similarity) {
            (Loss::LogSigmoid, Similarity::L2) => log_sigmoid::<true>(self, row),
            (Loss::LogSigmoid, _) => log_sigmoid::<false>(self, row),
            (Loss::MarginRanking, Similarity::L2) => margin_ranking::<true>(self, row),
            (Loss::MarginRanking, _) => margin_ranking::<false>(self, row),
            (Loss::CrossEntropy, Similarity::L2) => cross_entropy::<true>(self, row),
            (Loss::CrossEntropy, _) => cross_entropy::<false>(self, row),
        };
        RowLoss { loss, positive: self.similarity.coefficient(self.gamma, positive, gradient) }
    }

    /// Only the L2 similarity turns a gradient into something else.
    #[inline(always)]
    fn coefficient<const L2: bool>(&self, score: f32, gradient: f32) -> f32 {
        if L2 { Similarity::L2.coefficient(self.gamma, score, gradient) } else { gradient }
    }
}

/// Zero for a [`TINY`] number.
#[inline(always)]
fn flush(x: f32) -> f32 {
    if x < TINY { 0.0 } else { x }
}

struct Row<'a> {
    weight: f32,
    positive: f32,
    scores: &'a mut [f32],
    scratch: &'a mut [f32],
}

/// Writes `e^{α (s − max)}`, or 0 where masked, and returns one over their sum (0 of none).
#[inline(always)]
fn self_adversarial(alpha: f32, scores: &[f32], weights: &mut [f32]) -> f32 {
    let largest = maximum(scores);
    for (weight, score) in weights.iter_mut().zip(scores) {
        let value = exp(alpha * (score - largest));
        *weight = if *score == MASKED { 0.0 } else { flush(value) };
    }
    let total = sum(weights);
    // A score that is no number must show in the loss.
    if total == 0.0 { 0.0 } else { 1.0 / total }
}

/// Compiled for wider vectors too; the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn log_sigmoid<const L2: bool>(own: &LinkLoss, row: Row<'_>) -> RowLoss {
    let Row { weight, positive, scores, scratch } = row;
    let share = self_adversarial(own.alpha, scores, scratch);
    for (score, scratch) in scores.iter_mut().zip(scratch.iter_mut()) {
        let (value, slope) = softplus_sigmoid(*score);
        let p = *scratch * share;
        *score = own.coefficient::<L2>(*score, p * flush(slope) * weight);
        *scratch = p * value;
    }
    let (loss, slope) = softplus_sigmoid(-positive);
    RowLoss { loss: loss + sum(scratch), positive: -flush(slope) * weight }
}

/// Compiled for wider vectors too; the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn margin_ranking<const L2: bool>(own: &LinkLoss, row: Row<'_>) -> RowLoss {
    let Row { weight, positive, scores, scratch } = row;
    let share = self_adversarial(own.alpha, scores, scratch);
    let mut active = 0.0;
    let threshold = positive - own.margin;
    for (score, scratch) in scores.iter_mut().zip(scratch.iter_mut()) {
        let excess = *score - threshold;
        let p = if excess > 0.0 { *scratch * share } else { 0.0 };
        active += p;
        *scratch = p * excess;
        *score = own.coefficient::<L2>(*score, p * weight);
    }
    // Nothing that is no number passes a comparison: carry it into the loss.
    let invalid = 0.0 * (positive + share);
    RowLoss { loss: sum(scratch) + invalid, positive: -active * weight }
}

/// Compiled for wider vectors too; the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn cross_entropy<const L2: bool>(own: &LinkLoss, row: Row<'_>) -> RowLoss {
    let Row { weight, positive, scores, scratch } = row;
    let negatives = maximum(scores);
    let largest = if negatives > positive { negatives } else { positive };
    for (scratch, score) in scratch.iter_mut().zip(&*scores) {
        let value = exp(score - largest);
        *scratch = if *score == MASKED { 0.0 } else { flush(value) };
    }
    let own_part = flush(exp(positive - largest));
    let total = sum(scratch) + own_part;
    let share = 1.0 / total;
    for (score, scratch) in scores.iter_mut().zip(scratch.iter()) {
        *score = own.coefficient::<L2>(*score, scratch * share * weight);
    }
    RowLoss { loss: largest - positive + ln(total), positive: (own_part * share - 1.0) * weight }
}
