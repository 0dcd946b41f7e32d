//! Areas under the ROC and the precision–recall curve over pooled scores.
//!
//! All true answers of all queries against all their other candidates, in one list. Scores of different
//! queries are compared here, which ranks never do: a model can rank well and pool badly. Ties count
//! half in AUROC (Mann and Whitney, 1947) and enter together in average precision (as in sklearn):
//!
//! `AUROC = Σ_pos (below + ties / 2) / (P · N)`, `AP = Σ_thresholds (R_n − R_{n−1}) · precision_n`

/// Areas under curves of pooled (score, label) pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooled {
    /// True answers.
    pub positives: usize,
    /// Other candidates, over all queries.
    pub negatives: usize,
    /// Area under the ROC curve: chance is 0.5.
    pub auroc: f64,
    /// Average precision, the area under the precision–recall curve: chance is the share of positives.
    pub auprc: f64,
}

impl Pooled {
    /// Of scores of positives and negatives; `None` where either is missing. A score that is no number is the lowest.
    pub fn of(positives: &[f32], negatives: &[f32]) -> Option<Self> {
        if positives.is_empty() || negatives.is_empty() {
            return None;
        }
        let lowest = |score: &f32| if score.is_nan() { f32::NEG_INFINITY } else { *score };
        let descending = |scores: &[f32]| {
            let mut sorted: Vec<f32> = scores.iter().map(lowest).collect();
            sorted.sort_unstable_by(|a, b| b.total_cmp(a));
            sorted
        };
        let (positive, negative) = (descending(positives), descending(negatives));
        // By threshold from the highest: how many of each score as much or more.
        let (mut seen_positive, mut seen_negative) = (0, 0);
        let (mut beaten, mut precision) = (0.0f64, 0.0f64);
        while seen_positive < positive.len() {
            let threshold = positive[seen_positive];
            seen_negative += negative[seen_negative..].iter().take_while(|score| **score > threshold).count();
            let tied_positive = positive[seen_positive..].iter().take_while(|score| **score == threshold).count();
            let tied_negative = negative[seen_negative..].iter().take_while(|score| **score == threshold).count();
            let below = negative.len() - seen_negative - tied_negative;
            beaten += tied_positive as f64 * (below as f64 + 0.5 * tied_negative as f64);
            seen_positive += tied_positive;
            seen_negative += tied_negative;
            precision += tied_positive as f64 * seen_positive as f64 / (seen_positive + seen_negative) as f64;
        }
        let (p, n) = (positive.len() as f64, negative.len() as f64);
        Some(Pooled {
            positives: positive.len(),
            negatives: negative.len(),
            auroc: beaten / (p * n),
            auprc: precision / p,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_counts_of_pairs() {
        let positives = [3.0, 1.0, 1.0, f32::NAN];
        let negatives = [2.0, 1.0, 0.0, -0.0, f32::NAN];
        let pooled = Pooled::of(&positives, &negatives).expect("there are both");
        let mut pairs = 0.0;
        for a in positives {
            for b in negatives {
                pairs += match (a.is_nan(), b.is_nan()) {
                    (true, true) => 0.5,
                    (true, false) => 0.0,
                    (false, true) => 1.0,
                    _ if a == b => 0.5,
                    _ => f64::from(u8::from(a > b)),
                };
            }
        }
        assert!((pooled.auroc - pairs / 20.0).abs() < 1e-12);
        assert!((pooled.auprc - (1.0 + 2.0 * 3.0 / 5.0 + 4.0 / 9.0) / 4.0).abs() < 1e-12);
        assert_eq!(Pooled::of(&[], &negatives), None);
    }
}
