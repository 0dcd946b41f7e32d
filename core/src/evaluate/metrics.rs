//! Numbers over the ranks of many queries.
//!
//! | metric | over queries |
//! |---|---|
//! | MRR | `mean 1/rank` |
//! | MR | `mean rank` |
//! | AMRI | `1 − Σ(rank − 1) / Σ(expected − 1)` (Berrendorf et al., 2020) |
//! | Hits@k | share with `rank ≤ k` |
//! | AUROC | `mean 1 − (rank − 1) / (candidates − 1)`, of realistic ranks |

use super::rank::{Rank, TieRule};

/// Rank-based metrics.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Metrics {
    /// Number of queries.
    pub queries: usize,
    /// Mean reciprocal rank, `mean 1/rank`.
    pub mrr: f64,
    /// Mean rank.
    pub mean_rank: f64,
    /// Adjusted mean rank index, `1 − Σ(rank − 1) / Σ(expected − 1)`: 1 is perfect, 0 is chance.
    pub amri: f64,
    /// Share of queries with rank ≤ 1.
    pub hits_at_1: f64,
    /// Share of queries with rank ≤ 3.
    pub hits_at_3: f64,
    /// Share of queries with rank ≤ 10.
    pub hits_at_10: f64,
    /// Mean over queries of [`Rank::auroc`], whatever the rule for ties; queries with one candidate are left out, and
    /// where all are, 0.5: chance.
    pub auroc: f64,
}

impl Metrics {
    /// Of some ranks, ties in the middle; zeros for none.
    pub fn of(ranks: &[Rank]) -> Self {
        Metrics::by(ranks, TieRule::Realistic)
    }

    /// Of some ranks by a rule for ties; zeros for none.
    pub fn by(ranks: &[Rank], ties: TieRule) -> Self {
        if ranks.is_empty() {
            return Metrics::default();
        }
        let count = ranks.len() as f64;
        let mean = |f: &dyn Fn(&Rank) -> f64| ranks.iter().map(f).sum::<f64>() / count;
        let hits = |k: f64| mean(&|rank| f64::from(u8::from(rank.by(ties) <= k)));
        let chance = mean(&|rank| rank.expected() - 1.0);
        let areas: Vec<f64> = ranks.iter().filter_map(Rank::auroc).collect();
        Metrics {
            queries: ranks.len(),
            mrr: mean(&|rank| 1.0 / rank.by(ties)),
            mean_rank: mean(&|rank| rank.by(ties)),
            amri: if chance > 0.0 { 1.0 - mean(&|rank| rank.by(ties) - 1.0) / chance } else { 0.0 },
            hits_at_1: hits(1.0),
            hits_at_3: hits(3.0),
            hits_at_10: hits(10.0),
            auroc: if areas.is_empty() { 0.5 } else { areas.iter().sum::<f64>() / areas.len() as f64 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_worth_what_the_rule_says() {
        let ranks = [Rank { greater: 0, equal: 2, candidates: 5 }, Rank { greater: 0, equal: 0, candidates: 1 }];
        assert_eq!(Metrics::by(&ranks, TieRule::Optimistic).hits_at_1, 1.0);
        assert_eq!(Metrics::by(&ranks, TieRule::Pessimistic).mean_rank, 2.0);
        assert_eq!(Metrics::of(&ranks).mean_rank, 1.5);
        // Only the first query counts: it beats two of four and ties with two.
        assert_eq!(Metrics::of(&ranks).auroc, 0.75);
        assert_eq!(Metrics::of(&ranks[1..]).auroc, 0.5);
        assert_eq!(Metrics::of(&[]), Metrics::default());
    }
}
