//! Splits that do not leak: a held-out drug–disease pair is held out under every relation.
//!
//! DRKG states the same treatment under several relations (a third of `DRUGBANK::treats` pairs are
//! also `GNBR::T` pairs). If one copy stayed in training, the held-out one would be no test. So
//! the unit of the split is the unordered pair of entities: all its triples, mirrored ones too, go together.

use std::collections::{HashMap, HashSet};

use super::{Split, Triple, Vocabulary};
use crate::ids::{EntityId, RelationId};
use crate::rng::{Stream, hash};

/// How to split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitRule {
    /// Triples of these relations are offered to be held out: the treatments.
    pub relations: Vec<RelationId>,
    /// Share of the offered pairs that go to valid, and the same again to test.
    pub share: f32,
    /// Pairs of entities that go to test before all others, in this order.
    pub first: Vec<(EntityId, EntityId)>,
    /// Seed of the order in which pairs are offered.
    pub seed: u32,
}

/// Triples by split, each in the order of the input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SplitTriples {
    /// Seen by training.
    pub train: Vec<Triple>,
    /// Held out, for choosing settings.
    pub valid: Vec<Triple>,
    /// Held out, for reporting.
    pub test: Vec<Triple>,
}

/// Splits triples by the pair of their ends.
///
/// A pair is held out only while both of its entities keep another training triple, so that
/// every held-out entity is still trained.
pub fn split_by_pair(vocabulary: &Vocabulary, triples: &[Triple], rule: &SplitRule) -> SplitTriples {
    let pair = |t: &Triple| (t.head.min(t.tail), t.head.max(t.tail));
    let offered: HashSet<u32> = rule.relations.iter().map(|relation| relation.0).collect();

    let mut triples_of_pair: HashMap<(u32, u32), u32> = HashMap::new();
    let mut degrees = vec![0u32; vocabulary.entities().len()];
    for triple in triples {
        *triples_of_pair.entry(pair(triple)).or_default() += 1;
        degrees[triple.head as usize] += 1;
        degrees[triple.tail as usize] += 1;
    }

    // A self-loop is no pair of entities: it stays in training.
    let is_offered = |t: &&Triple| offered.contains(&t.relation) && t.head != t.tail;
    let mut pairs: Vec<_> = triples.iter().filter(is_offered).map(pair).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let wanted = (pairs.len() as f32 * rule.share).round() as usize;
    let first: Vec<(u32, u32)> = rule.first.iter().map(|(a, b)| (a.0.min(b.0), a.0.max(b.0))).collect();
    pairs.sort_by_cached_key(|&(a, b)| {
        let turn = first.iter().position(|pair| *pair == (a, b)).unwrap_or(usize::MAX);
        (turn, hash(rule.seed, Stream::Split, a, b), a, b)
    });

    let mut place: HashMap<(u32, u32), Split> = HashMap::new();
    for (a, b) in pairs {
        let split = match place.len() {
            held if held < wanted => Split::Test,
            held if held < 2 * wanted => Split::Valid,
            _ => break,
        };
        let lost = triples_of_pair[&(a, b)];
        if degrees[a as usize] > lost && degrees[b as usize] > lost {
            degrees[a as usize] -= lost;
            degrees[b as usize] -= lost;
            place.insert((a, b), split);
        }
    }

    let mut out = SplitTriples::default();
    for triple in triples {
        match place.get(&pair(triple)) {
            Some(Split::Test) => out.test.push(*triple),
            Some(Split::Valid) => out.valid.push(*triple),
            _ => out.train.push(*triple),
        }
    }
    out
}
