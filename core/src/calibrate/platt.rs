//! Platt scaling: `share(s) = 1 / (1 + exp(A s + B))` (Platt, 1999).
//!
//! `A` and `B` minimise the cross-entropy to smoothed targets, `(P + 1) / (P + 2)` for the `P` true pairs
//! and `1 / (N + 2)` for the `N` false ones, which keeps a perfect split of few pairs from shares of 0 and 1.
//! The minimum is found by Newton's method with backtracking, in the form of Lin, Lin and Weng (2007), which
//! neither overflows nor cancels. Scores are standardised first, so that its small ridge is small for any scale.

/// Most Newton steps, least step size, ridge of the Hessian and largest gradient at the end.
const STEPS: usize = 100;
const LEAST_STEP: f64 = 1e-10;
const RIDGE: f64 = 1e-12;
const GRADIENT: f64 = 1e-9;

/// A sigmoid of the score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    /// `A`: negative where higher scores are truer.
    pub slope: f64,
    /// `B`.
    pub intercept: f64,
}

impl Platt {
    /// The best sigmoid for scores with labels; both labels occur, scores are finite.
    pub(super) fn fit(scores: &[f32], labels: &[bool]) -> Self {
        let count = scores.len() as f64;
        let mean = scores.iter().map(|&s| f64::from(s)).sum::<f64>() / count;
        let deviation = (scores.iter().map(|&s| (f64::from(s) - mean).powi(2)).sum::<f64>() / count).sqrt();
        let scale = if deviation > 0.0 { deviation } else { 1.0 };
        let trues = labels.iter().filter(|&&label| label).count() as f64;
        let (high, low) = ((trues + 1.0) / (trues + 2.0), 1.0 / (count - trues + 2.0));
        let pairs: Vec<(f64, f64)> = scores
            .iter()
            .zip(labels)
            .map(|(&s, &label)| ((f64::from(s) - mean) / scale, if label { high } else { low }))
            .collect();
        let start = ((count - trues + 1.0) / (trues + 1.0)).ln();
        let (a, b) = newton(&pairs, start);
        Platt { slope: a / scale, intercept: b - a * mean / scale }
    }

    /// Calibrated share of a score.
    pub fn share(&self, score: f32) -> f64 {
        sigmoid(-(self.slope * f64::from(score) + self.intercept))
    }
}

fn newton(pairs: &[(f64, f64)], start: f64) -> (f64, f64) {
    let (mut a, mut b) = (0.0, start);
    let mut value = objective(pairs, a, b);
    for _ in 0..STEPS {
        // Gradient and Hessian of the cross-entropy; d is ∂/∂f of one term, w its second derivative.
        let (mut g_a, mut g_b, mut h_aa, mut h_ab, mut h_bb) = (0.0, 0.0, RIDGE, 0.0, RIDGE);
        for &(score, target) in pairs {
            let share = sigmoid(-(a * score + b));
            let (d, w) = (target - share, share * (1.0 - share));
            g_a += score * d;
            g_b += d;
            h_aa += score * score * w;
            h_ab += score * w;
            h_bb += w;
        }
        if g_a.abs() < GRADIENT && g_b.abs() < GRADIENT {
            break;
        }
        let determinant = h_aa * h_bb - h_ab * h_ab;
        let step_a = -(h_bb * g_a - h_ab * g_b) / determinant;
        let step_b = -(h_aa * g_b - h_ab * g_a) / determinant;
        let descent = g_a * step_a + g_b * step_b;
        let mut size = 1.0;
        let accepted = loop {
            let (new_a, new_b) = (a + size * step_a, b + size * step_b);
            let new_value = objective(pairs, new_a, new_b);
            if new_value < value + 1e-4 * size * descent {
                break Some((new_a, new_b, new_value));
            }
            size /= 2.0;
            if size < LEAST_STEP {
                break None;
            }
        };
        // No step is better than rounding: this is the minimum.
        let Some(accepted) = accepted else { break };
        (a, b, value) = accepted;
    }
    (a, b)
}

/// Cross-entropy `Σ t f + ln(1 + e^−f)` with `f = A s + B`, in the form that does not overflow.
fn objective(pairs: &[(f64, f64)], a: f64, b: f64) -> f64 {
    let term = |&(score, target): &(f64, f64)| {
        let f = a * score + b;
        if f >= 0.0 { target * f + (-f).exp().ln_1p() } else { (target - 1.0) * f + f.exp().ln_1p() }
    };
    pairs.iter().map(term).sum()
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}
