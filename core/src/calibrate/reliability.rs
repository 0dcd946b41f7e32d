//! Do the shares hold? Of the pairs that were given about 70 %, are about 70 % true?
//!
//! With `p_i` the share and `y_i ∈ {0, 1}` the label of pair `i`:
//!
//! `Brier = mean (p − y)²`, `log loss = −mean (y ln p + (1 − y) ln(1 − p))`,
//! `ECE = Σ_bins n_b / n · |mean y − mean p|` over bins of equal width (Naeini et al., 2015).

/// Shares this close to 0 and 1 count as this in the log loss, which would be infinite otherwise.
const LEAST_SHARE: f64 = 1e-15;

/// One bin of the reliability curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Mean calibrated share of its pairs.
    pub predicted: f64,
    /// Share of them that are true.
    pub observed: f64,
    /// Number of its pairs.
    pub count: usize,
}

/// How calibrated shares meet labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The curve: bins of equal width with at least one pair, ascending. Perfect is `observed = predicted`.
    pub bins: Vec<Bin>,
    /// Mean squared error: 0 is perfect.
    pub brier: f64,
    /// Cross-entropy in nats: 0 is perfect.
    pub log_loss: f64,
    /// Expected calibration error: 0 is perfect, and so is always saying the base rate.
    pub expected_error: f64,
}

impl Reliability {
    /// Of shares and labels, one each per pair, in `bins` bins; a share on an edge belongs to the bin below.
    pub fn of(shares: &[f64], labels: &[bool], bins: usize) -> Self {
        let mut sums = vec![(0.0f64, 0usize, 0usize); bins.max(1)];
        let (mut brier, mut log_loss) = (0.0, 0.0);
        for (&share, &label) in shares.iter().zip(labels) {
            let place = ((share * sums.len() as f64).ceil() as usize).clamp(1, sums.len()) - 1;
            let (total, trues, count) = &mut sums[place];
            *total += share;
            *trues += usize::from(label);
            *count += 1;
            brier += (share - f64::from(u8::from(label))).powi(2);
            log_loss -= if label { share.max(LEAST_SHARE).ln() } else { (1.0 - share).max(LEAST_SHARE).ln() };
        }
        let filled = sums.into_iter().filter(|(.., count)| *count > 0);
        let bins: Vec<Bin> = filled
            .map(|(total, trues, count)| Bin {
                predicted: total / count as f64,
                observed: trues as f64 / count as f64,
                count,
            })
            .collect();
        let pairs = shares.len().min(labels.len()).max(1) as f64;
        let expected_error =
            bins.iter().map(|bin| bin.count as f64 / pairs * (bin.observed - bin.predicted).abs()).sum();
        Reliability { bins, brier: brier / pairs, log_loss: log_loss / pairs, expected_error }
    }
}
