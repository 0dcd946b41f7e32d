//! Held-out positives with stated negatives: what a calibrated share is a share of.
//!
//! Each held-out triple comes with `n` false ones, made by replacing one end, heads and tails in turn, with a
//! random entity of the same type such that the triple is not known to be true. Negatives are drawn with
//! replacement; an end for which every draw is known after [`TRIES`] gives none, so there may be a few less.

use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Side, Split, Triple};
use crate::ids::{EntityId, RelationId};
use crate::model::Model;
use crate::rng::{Stream, below, hash};

/// Draws for one negative.
const TRIES: u32 = 64;

/// Scores with labels, and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationPairs {
    /// Scores of positives and negatives, each positive followed by its negatives.
    pub scores: Vec<f32>,
    /// Which of them are true.
    pub labels: Vec<bool>,
    /// The mix in words.
    pub words: String,
}

/// Scores of a split's triples of `relations` with `negatives_per_positive` negatives each, drawn with `seed`.
///
/// # Errors
/// [`Error::NotFound`] when the split holds no triple of the relations, or no negative can be drawn.
pub fn calibration_pairs(
    graph: &KnowledgeGraph,
    model: &Model,
    split: Split,
    relations: &[RelationId],
    negatives_per_positive: u32,
    seed: u32,
) -> Result<CalibrationPairs> {
    let entities = graph.vocabulary.entities();
    let of_type: Vec<&[EntityId]> = (0..graph.vocabulary.types().len() as u32)
        .map(|kind| graph.vocabulary.of_type(crate::ids::TypeId(kind)))
        .collect();
    // Each split has draws of its own.
    let draws = hash(seed, Stream::Calibration, split as u32, u32::MAX);
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    let mut positives = 0u32;
    for triple in graph.triples(split).iter().filter(|triple| relations.contains(&triple.relation())) {
        scores.push(model.score(triple));
        labels.push(true);
        for negative in 0..negatives_per_positive {
            let counter = positives * negatives_per_positive + negative;
            let side = Side::BOTH[counter as usize % 2];
            let pool = of_type[entities[triple.entity(side).index()].kind.index()];
            let draw = |attempt| {
                let place = below(hash(draws, Stream::Calibration, counter, attempt), pool.len() as u32);
                let entity = pool[place as usize].0;
                match side {
                    Side::Head => Triple { head: entity, ..*triple },
                    Side::Tail => Triple { tail: entity, ..*triple },
                }
            };
            if let Some(negative) = (0..TRIES).map(draw).find(|drawn| !graph.known.contains(drawn)) {
                scores.push(model.score(&negative));
                labels.push(false);
            }
        }
        positives += 1;
    }
    let negatives = labels.len() - positives as usize;
    if positives == 0 || negatives == 0 {
        return Err(Error::NotFound(format!(
            "the {} split has {positives} triples of these relations with {negatives} negatives: nothing to calibrate with",
            split.name()
        )));
    }
    let words = format!(
        "{} split, {positives} true triples and {negatives} random ones with one end replaced by an entity of the same \
         type, not known to be true ({negatives_per_positive} each, heads and tails in turn, seed {seed})",
        split.name()
    );
    Ok(CalibrationPairs { scores, labels, words })
}
