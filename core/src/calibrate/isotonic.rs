//! Isotonic regression: the map that never falls and fits the labels best in squares.
//!
//! Pool adjacent violators (Ayer et al., 1955): pairs in the order of their scores, equal scores as one;
//! wherever a block's share of true pairs is not above that of the block before, the two become one. Between
//! the blocks the share is interpolated linearly, beyond the ends it stays, as in sklearn.

/// A map of steps and slopes.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// Scores at which the map bends, ascending.
    pub scores: Vec<f32>,
    /// Shares there, never falling.
    pub shares: Vec<f64>,
}

/// Neighbours that share one value.
struct Block {
    first: f32,
    last: f32,
    trues: f64,
    count: f64,
}

impl Block {
    fn share(&self) -> f64 {
        self.trues / self.count
    }
}

impl Isotonic {
    /// The best rising map for scores with labels; scores are finite.
    pub(super) fn fit(scores: &[f32], labels: &[bool]) -> Self {
        // Adding zero makes −0 equal to 0 for `total_cmp` as well.
        let mut pairs: Vec<(f32, bool)> = scores.iter().map(|score| score + 0.0).zip(labels.iter().copied()).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut blocks: Vec<Block> = Vec::new();
        for tied in pairs.chunk_by(|a, b| a.0 == b.0) {
            let trues = tied.iter().filter(|(_, label)| *label).count() as f64;
            let mut block = Block { first: tied[0].0, last: tied[0].0, trues, count: tied.len() as f64 };
            while let Some(before) = blocks.pop_if(|before| before.share() >= block.share()) {
                block.first = before.first;
                block.trues += before.trues;
                block.count += before.count;
            }
            blocks.push(block);
        }
        let (mut scores, mut shares) = (Vec::new(), Vec::new());
        for block in &blocks {
            scores.push(block.first);
            shares.push(block.share());
            if block.last > block.first {
                scores.push(block.last);
                shares.push(block.share());
            }
        }
        Isotonic { scores, shares }
    }

    /// Calibrated share of a score.
    pub fn share(&self, score: f32) -> f64 {
        let after = self.scores.partition_point(|&at| at <= score);
        match (self.shares.get(after.wrapping_sub(1)), self.shares.get(after)) {
            (Some(&low), Some(&high)) => {
                let (from, to) = (f64::from(self.scores[after - 1]), f64::from(self.scores[after]));
                low + (high - low) * (f64::from(score) - from) / (to - from)
            }
            (Some(&only), None) | (None, Some(&only)) => only,
            (None, None) => 0.0,
        }
    }
}
