//! The true answer among a few candidates of its own type, as LLaDR and others measure it.
//!
//! The other candidates of a query are a uniform subset by Floyd's method (Bentley and Floyd, 1987):
//! `k` draws for `k` of `n` items, each draw a hash of seed, query and counter.

use std::collections::BTreeSet;

use super::count::{Count, Counted, Keep, count, map_all};
use super::protocol::Filter;
use super::rank::Rank;
use crate::graph::{Side, Triple};
use crate::ids::EntityId;
use crate::rng::{Stream, below, hash};

/// Triples whose candidates are drawn by one worker at a time.
const SHARE: usize = 64;

impl Count<'_> {
    /// Counts for each triple against `others` candidates of the true answer's type, drawn with `seed`.
    pub fn against_sampled(&self, triples: &[Triple], others: u32, seed: u32) -> Vec<Counted> {
        let vocabulary = &self.graph.vocabulary;
        let mut of_type: Vec<Vec<EntityId>> = vec![Vec::new(); vocabulary.types().len()];
        for (row, entity) in vocabulary.entities().iter().enumerate() {
            of_type[entity.kind.index()].push(EntityId(row as u32));
        }
        let pool = |triple: &Triple| {
            let kind = vocabulary.entity(triple.entity(self.side)).map_or(0, |entity| entity.kind.index());
            of_type.get(kind).map_or(&[][..], Vec::as_slice)
        };
        let shares: Vec<&[Triple]> = triples.chunks(SHARE).collect();
        let counted = map_all(&shares, |share| {
            share.iter().map(|triple| self.one_sampled(triple, pool(triple), others, seed)).collect::<Vec<_>>()
        });
        counted.into_iter().flatten().collect()
    }

    fn one_sampled(&self, triple: &Triple, pool: &[EntityId], others: u32, seed: u32) -> Counted {
        let own = triple.entity(self.side);
        let mut excluded = vec![own];
        if self.filter == Filter::Filtered {
            excluded.extend(self.graph.known.answers(
                self.side,
                triple.entity(self.side.opposite()),
                triple.relation(),
            ));
        }
        excluded.sort_unstable();
        excluded.dedup();
        let mut candidates = vec![own];
        candidates.extend(drawn(pool, &excluded, others, query_seed(seed, self.side, triple)));
        let mut scores = vec![0.0; candidates.len()];
        self.scorer.block(self.side, std::slice::from_ref(triple)).scores(&candidates, &mut scores);
        let (score, against) = (scores[0], &scores[1..]);
        let (greater, equal) = if score.is_nan() { (against.len() as u32, 0) } else { count(against, score) };
        let rank = Rank { greater, equal, candidates: candidates.len() as u32 };
        Counted { rank, score, others: if self.keep == Keep::Scores { against.to_vec() } else { Vec::new() } }
    }
}

/// A seed for one query, which does not depend on the list the query stands in.
fn query_seed(seed: u32, side: Side, triple: &Triple) -> u32 {
    let ends = hash(seed, Stream::Candidate, triple.head, triple.tail);
    hash(ends, Stream::Candidate, triple.relation, u32::from(side == Side::Head))
}

/// `wanted` members of `pool` that are not `excluded`, or all; both lists ascend, and so does the result.
fn drawn(pool: &[EntityId], excluded: &[EntityId], wanted: u32, seed: u32) -> Vec<EntityId> {
    let taken: Vec<u32> =
        excluded.iter().filter_map(|entity| pool.binary_search(entity).ok()).map(|at| at as u32).collect();
    let free = (pool.len() - taken.len()) as u32;
    let mut chosen = BTreeSet::new();
    for last in free - wanted.min(free)..free {
        let draw = below(hash(seed, Stream::Candidate, last, 0), last + 1);
        if !chosen.insert(draw) {
            chosen.insert(last);
        }
    }
    // The draws number the free members; each excluded one before a member moves it up by one.
    let mut passed = 0;
    chosen
        .into_iter()
        .map(|draw| {
            while taken.get(passed).is_some_and(|&place| place <= draw + passed as u32) {
                passed += 1;
            }
            pool[draw as usize + passed]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_free_different_and_even() {
        let pool: Vec<EntityId> = (0..20).map(|at| EntityId(3 * at)).collect();
        let excluded = [EntityId(0), EntityId(1), EntityId(9), EntityId(12), EntityId(57)];
        let mut times = [0u32; 20];
        for seed in 0..8000 {
            let drawn = drawn(&pool, &excluded, 4, seed);
            assert!(drawn.len() == 4 && drawn.is_sorted_by(|a, b| a < b));
            drawn.iter().for_each(|entity| times[entity.index() / 3] += 1);
        }
        for (at, &times) in times.iter().enumerate() {
            let is_excluded = excluded.contains(&EntityId(3 * at as u32));
            // 8000 · 4 / 16 are expected; six standard deviations are about 230.
            assert!(if is_excluded { times == 0 } else { times.abs_diff(2000) < 230 }, "{at}: {times}");
        }
        assert_eq!(drawn(&pool, &excluded, 99, 1).len(), 16, "all there are");
        assert_eq!(drawn(&[], &excluded, 99, 1), []);
    }
}
