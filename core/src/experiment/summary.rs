//! Numbers of an experiment: mean and 95 % confidence interval over seeds, and paired differences.
//!
//! `mean ± t_{0.975, n−1} · s / √n` (Student, 1908). Differences are taken seed by seed, so that what a seed does to
//! all arms alike falls out.

use serde::{Deserialize, Serialize};

/// 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; the normal one stands for more.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// A mean with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Mean over seeds.
    pub mean: f64,
    /// Half width of the 95 % interval; `None` of a single seed.
    pub half_width: Option<f64>,
}

/// Mean and interval of some values; zero of none.
pub fn estimate(values: &[f64]) -> Estimate {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n.max(1) as f64;
    if n < 2 {
        return Estimate { mean, half_width: None };
    }
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1) as f64;
    let t = T.get(n - 2).copied().unwrap_or(1.96);
    Estimate { mean, half_width: Some(t * (variance / n as f64).sqrt()) }
}

/// One arm's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    /// The arm's name.
    pub arm: String,
    /// Runs that ended well.
    pub seeds: u32,
    /// Each metric, in the order of [`Summary::metrics`].
    pub values: Vec<Estimate>,
    /// Each metric less the first arm's, seed by seed.
    pub differences: Vec<Estimate>,
}

/// An experiment's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Names of the metrics.
    pub metrics: Vec<String>,
    /// How they were measured.
    pub protocols: Vec<String>,
    /// One row per arm, in order.
    pub rows: Vec<SummaryRow>,
}

impl Summary {
    /// From the values of each arm, `[arms][seeds][metrics]`; `None` for a run that diverged.
    pub fn of(metrics: Vec<String>, protocols: Vec<String>, arms: &[String], values: &[Vec<Option<Vec<f64>>>]) -> Self {
        let rows = arms.iter().zip(values).map(|(arm, runs)| {
            let column = |metric: usize| runs.iter().flatten().map(|run| run[metric]).collect::<Vec<_>>();
            let differences = |metric: usize| {
                let pairs =
                    runs.iter().zip(&values[0]).filter_map(|(own, first)| Some((own.as_ref()?, first.as_ref()?)));
                pairs.map(|(own, first)| own[metric] - first[metric]).collect::<Vec<_>>()
            };
            SummaryRow {
                arm: arm.clone(),
                seeds: runs.iter().flatten().count() as u32,
                values: (0..metrics.len()).map(|metric| estimate(&column(metric))).collect(),
                differences: (0..metrics.len()).map(|metric| estimate(&differences(metric))).collect(),
            }
        });
        Summary { rows: rows.collect(), metrics, protocols }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_students() {
        // scipy.stats.t.interval(0.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4])) = (0.4457, 4.5543)
        let Estimate { mean, half_width } = estimate(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(mean, 2.5);
        assert!((half_width.unwrap_or_default() - 2.0543).abs() < 1e-3, "{half_width:?}");
        assert_eq!(estimate(&[3.0]), Estimate { mean: 3.0, half_width: None });
    }

    #[test]
    fn differences_are_paired_and_skip_runs_that_diverged() {
        let values = vec![
            vec![Some(vec![1.0]), Some(vec![5.0]), None],
            vec![Some(vec![2.0]), Some(vec![6.0]), Some(vec![100.0])],
        ];
        let arms = ["a".to_owned(), "b".to_owned()];
        let summary = Summary::of(vec!["m".into()], vec!["p".into()], &arms, &values);
        assert_eq!(summary.rows[0].seeds, 2);
        let difference = summary.rows[1].differences[0];
        assert_eq!((difference.mean, difference.half_width), (1.0, Some(0.0)));
    }
}
