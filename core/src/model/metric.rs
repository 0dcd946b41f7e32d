//! How far two rows are apart, for whatever looks for near ones: neighbours of a map, known treatments like this one.

use serde::{Deserialize, Serialize};

use crate::maths::{dot, fold};

/// How far two rows are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// `|a − b|`.
    #[default]
    Euclidean,
    /// `1 − a·b / (|a| |b|)`; a row of zeros is at distance 1 from all.
    Cosine,
}

impl Metric {
    /// Its name in a sentence: "nearest by … distance".
    pub fn name(self) -> &'static str {
        match self {
            Metric::Euclidean => "Euclidean",
            Metric::Cosine => "cosine",
        }
    }

    /// Distance of two rows, each `[dim]`; smaller is nearer.
    pub fn distance(self, a: &[f32], b: &[f32]) -> f32 {
        match self {
            Metric::Euclidean => fold(a, b, |x, y| (x - y) * (x - y)).sqrt(),
            Metric::Cosine => {
                let [first, second] = [dot(a, a), dot(b, b)].map(f32::sqrt);
                if first == 0.0 || second == 0.0 {
                    return 1.0;
                }
                // Half the squared distance of rows of length one: exact for near ones, where 1 − a·b is not.
                let [first, second] = [1.0 / first, 1.0 / second];
                fold(a, b, |x, y| (x * first - y * second) * (x * first - y * second)) / 2.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_formulas() {
        let (a, b) = ([3.0, 4.0, 0.0], [0.0, 8.0, 6.0]);
        assert!((Metric::Euclidean.distance(&a, &b) - 61f32.sqrt()).abs() < 1e-6);
        assert!((Metric::Cosine.distance(&a, &b) - (1.0 - 32.0 / 50.0)).abs() < 1e-6);
        assert!(Metric::Cosine.distance(&a, &a.map(|x| 7.0 * x)) < 1e-6, "length does not count");
        assert_eq!(Metric::Cosine.distance(&a, &[0.0; 3]), 1.0);
    }
}
