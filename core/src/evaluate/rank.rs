//! The rank of a true answer from two counts, and what a tie is worth.
//!
//! `optimistic = greater + 1`, `pessimistic = greater + equal + 1`, `realistic` = their mean
//! (Berrendorf et al., 2020; PyKEEN).

/// Ranks of one query's true answer, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// Candidates that score strictly higher.
    pub greater: u32,
    /// Other candidates that score the same.
    pub equal: u32,
    /// All candidates, the true answer among them.
    pub candidates: u32,
}

/// Where the true answer stands among candidates that score the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TieRule {
    /// In the middle: what a tie is worth in expectation.
    #[default]
    Realistic,
    /// Before them.
    Optimistic,
    /// After them.
    Pessimistic,
}

impl TieRule {
    /// Name in protocols.
    pub fn name(self) -> &'static str {
        match self {
            TieRule::Realistic => "realistic",
            TieRule::Optimistic => "optimistic",
            TieRule::Pessimistic => "pessimistic",
        }
    }
}

impl Rank {
    /// Ties resolved for the true answer.
    pub fn optimistic(&self) -> f64 {
        f64::from(self.greater + 1)
    }

    /// Ties resolved against it.
    pub fn pessimistic(&self) -> f64 {
        f64::from(self.greater + self.equal + 1)
    }

    /// The mean of both: what a tie is worth in expectation.
    pub fn realistic(&self) -> f64 {
        0.5 * (self.optimistic() + self.pessimistic())
    }

    /// The rank by a rule.
    pub fn by(&self, ties: TieRule) -> f64 {
        match ties {
            TieRule::Realistic => self.realistic(),
            TieRule::Optimistic => self.optimistic(),
            TieRule::Pessimistic => self.pessimistic(),
        }
    }

    /// Expected rank of a random answer, `(candidates + 1) / 2`.
    pub fn expected(&self) -> f64 {
        0.5 * (f64::from(self.candidates) + 1.0)
    }

    /// Share of the other candidates that the true answer beats, a tie counting half:
    /// `1 − (realistic − 1) / (candidates − 1)`; `None` where there is no other.
    pub fn auroc(&self) -> Option<f64> {
        (self.candidates > 1).then(|| 1.0 - (self.realistic() - 1.0) / (f64::from(self.candidates) - 1.0))
    }
}
