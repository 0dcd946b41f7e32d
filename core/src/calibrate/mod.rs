//! From scores to calibrated shares: of pairs that score like this, how many are true?
//!
//! Scores of knowledge-graph embeddings are not probabilities. What can be said is a share *under stated
//! negatives*: mix held-out true triples with `n` random false ones each, and ask which share of those with
//! a given score are true. With another mix the share is another, so the words of the mix belong to the number,
//! and it is never called a probability.
//!
//! A map from score to share is fitted on the valid split ([`Platt`] or [`Isotonic`]) and judged on the test
//! split ([`Reliability`]): fitted and judged on the same triples, it would flatter itself.

mod isotonic;
mod pairs;
mod platt;
mod reliability;

pub use isotonic::Isotonic;
pub use pairs::{CalibrationPairs, calibration_pairs};
pub use platt::Platt;
pub use reliability::{Bin, Reliability};

use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Split};
use crate::ids::RelationId;
use crate::model::Model;

/// Bins of the reliability curve.
const BINS: usize = 10;

/// How the map from score to share is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A sigmoid of the score: two numbers, smooth, good with few pairs.
    Platt,
    /// The best map that never falls: follows any shape, and needs many pairs.
    Isotonic,
}

/// A fitted map from score to calibrated share.
#[derive(Debug, Clone, PartialEq)]
pub enum Calibrator {
    /// See [`Platt`].
    Platt(Platt),
    /// See [`Isotonic`].
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Fits a map to scores with labels.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there are not both true and false pairs, or a score is not finite.
    pub fn fit(method: Method, scores: &[f32], labels: &[bool]) -> Result<Self> {
        let trues = labels.iter().filter(|&&label| label).count();
        if scores.len() != labels.len() || trues == 0 || trues == labels.len() {
            return Err(Error::NotFound("calibration needs held-out true pairs and false ones".into()));
        }
        if scores.iter().any(|score| !score.is_finite()) {
            return Err(Error::NotFound("a score to calibrate is not a finite number".into()));
        }
        Ok(match method {
            Method::Platt => Calibrator::Platt(Platt::fit(scores, labels)),
            Method::Isotonic => Calibrator::Isotonic(Isotonic::fit(scores, labels)),
        })
    }

    /// Calibrated share of a score, in `[0, 1]`; never falls while the score rises, as long as the model is better
    /// than chance.
    pub fn share(&self, score: f32) -> f64 {
        match self {
            Calibrator::Platt(platt) => platt.share(score),
            Calibrator::Isotonic(isotonic) => isotonic.share(score),
        }
    }
}

/// A map that was fitted on valid, with what it is worth on test.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The map.
    pub calibrator: Calibrator,
    /// How its shares meet the test split.
    pub reliability: Reliability,
    /// What the shares mean: split, relations and negatives of the fit and of the curve.
    pub words: String,
}

/// Fits a calibrator on the valid split and draws its reliability on the test split.
///
/// `negatives_per_positive` and `seed` are those of [`calibration_pairs`].
///
/// # Errors
/// [`Error::NotFound`] when a split holds no triple of the relations, or no negative can be drawn.
pub fn calibrate(
    graph: &KnowledgeGraph,
    model: &Model,
    relations: &[RelationId],
    method: Method,
    negatives_per_positive: u32,
    seed: u32,
) -> Result<Calibration> {
    let pairs = |split| calibration_pairs(graph, model, split, relations, negatives_per_positive, seed);
    let (valid, test) = (pairs(Split::Valid)?, pairs(Split::Test)?);
    let calibrator = Calibrator::fit(method, &valid.scores, &valid.labels)?;
    let shares: Vec<f64> = test.scores.iter().map(|&score| calibrator.share(score)).collect();
    let reliability = Reliability::of(&shares, &test.labels, BINS);
    let words =
        format!("calibrated share under the stated negatives; fitted on {}; judged on {}", valid.words, test.words);
    Ok(Calibration { calibrator, reliability, words })
}

#[cfg(test)]
mod tests;
