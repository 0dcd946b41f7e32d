//! Numbers of an experiment: mean and 95 % confidence interval over seeds, and paired differences.
//!
//! `mean ± t_{0.975, n−1} · s / √n` (Student, 1908). Differences are taken seed by seed, so that what a seed does to
//! all arms alike falls out.

use serde::{Deserialize, Serialize};

use super::Arm;

/// 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, `1.96 + 2.372 / df` (Cornish and Fisher's first
/// term) is within .003.
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

/// Mean and interval of some values; `None` of none.
pub fn estimate(values: &[f64]) -> Option<Estimate> {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    match n {
        0 => None,
        1 => Some(Estimate { mean, half_width: None }),
        _ => {
            let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1) as f64;
            let t = T.get(n - 2).copied().unwrap_or(1.96 + 2.372 / (n - 1) as f64);
            Some(Estimate { mean, half_width: Some(t * (variance / n as f64).sqrt()) })
        }
    }
}

/// One arm's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    /// The arm's name, with the number of its runs that diverged, if any.
    pub arm: String,
    /// Runs that ended well.
    pub seeds: u32,
    /// Each metric, in the order of [`Summary::metrics`]; `None` where all runs diverged.
    pub values: Vec<Option<Estimate>>,
    /// Each metric less the baseline's, seed by seed; of a baseline itself none.
    pub differences: Vec<Option<Estimate>>,
}

/// An experiment's result.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Names of the metrics.
    pub metrics: Vec<String>,
    /// How they were measured, and what else to know.
    pub protocols: Vec<String>,
    /// What was asked, and with which settings, in a line.
    pub asked: String,
    /// What the differences are from, in a sentence.
    pub compared: String,
    /// One row per arm, in order.
    pub rows: Vec<SummaryRow>,
}

impl Summary {
    /// From the values of each arm, `[arms][seeds][metrics]`; `None` for a run that diverged.
    pub fn of(metrics: Vec<String>, protocols: Vec<String>, arms: &[Arm], values: &[Vec<Option<Vec<f64>>>]) -> Self {
        let rows = arms.iter().zip(values).enumerate().map(|(at, (arm, runs))| {
            let column = |metric: usize| runs.iter().flatten().map(|run| run[metric]).collect::<Vec<_>>();
            let differences = |metric: usize| {
                let baseline = values[arm.baseline].iter().filter(|_| arm.baseline != at);
                let pairs = runs.iter().zip(baseline).filter_map(|(own, other)| Some((own.as_ref()?, other.as_ref()?)));
                pairs.map(|(own, other)| own[metric] - other[metric]).collect::<Vec<_>>()
            };
            let seeds = runs.iter().flatten().count();
            let diverged = match runs.len() - seeds {
                0 => String::new(),
                some => format!(" ({some} of {} runs diverged)", runs.len()),
            };
            SummaryRow {
                arm: arm.name.clone() + &diverged,
                seeds: seeds as u32,
                values: (0..metrics.len()).map(|metric| estimate(&column(metric))).collect(),
                differences: (0..metrics.len()).map(|metric| estimate(&differences(metric))).collect(),
            }
        });
        let compared = match arms.iter().all(|arm| arm.baseline == 0) {
            true => "Differences are from the first row, seed by seed.",
            false => {
                "Differences are from the whole graph with the same texts, seed by seed; of the whole graph from the first row."
            }
        };
        Summary { rows: rows.collect(), metrics, protocols, asked: String::new(), compared: compared.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_students() {
        // scipy.stats.t.interval(0.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4])) = (0.4457, 4.5543)
        let Estimate { mean, half_width } = estimate(&[1.0, 2.0, 3.0, 4.0]).expect("there are values");
        assert_eq!(mean, 2.5);
        assert!((half_width.unwrap_or_default() - 2.0543).abs() < 1e-3, "{half_width:?}");
        assert_eq!(estimate(&[3.0]), Some(Estimate { mean: 3.0, half_width: None }));
        assert_eq!(estimate(&[]), None);
        // scipy.stats.t.ppf(0.975, 39) = 2.0227; of 0 and 1 in turn, 40 values: s / sqrt(n) = 0.080064
        let many: Vec<f64> = (0..40).map(|at| f64::from(at % 2)).collect();
        let half = estimate(&many).and_then(|estimate| estimate.half_width).unwrap_or_default();
        assert!((half - 2.0227 * 0.080_064).abs() < 3e-4, "{half}");
    }

    #[test]
    fn differences_are_paired_and_skip_runs_that_diverged() {
        let values = vec![
            vec![Some(vec![1.0]), Some(vec![5.0]), None],
            vec![Some(vec![2.0]), Some(vec![6.0]), Some(vec![100.0])],
        ];
        let arm = |name: &str| Arm {
            name: name.to_owned(),
            settings: crate::settings::Settings::default(),
            change: crate::experiment::Change::None,
            baseline: 0,
        };
        let summary = Summary::of(vec!["m".into()], vec!["p".into()], &[arm("a"), arm("b")], &values);
        assert_eq!((summary.rows[0].seeds, summary.rows[0].differences[0]), (2, None));
        assert_eq!(summary.rows[0].arm, "a (1 of 3 runs diverged)");
        assert_eq!(summary.rows[1].differences[0], Some(Estimate { mean: 1.0, half_width: Some(0.0) }));
    }
}
