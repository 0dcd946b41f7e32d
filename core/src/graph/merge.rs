//! Entities that are the same thing become one: DRKG has many diseases twice, by Disease Ontology and by MeSH.
//!
//! Triples of an entity that goes are redirected to the one that stays. What then says the same as another triple, or
//! connects an entity with itself, is dropped. The split stays free of leaks: if any triple of an unordered pair of
//! entities is held out, all of them are (in test if one of them is, else in valid); see `split.rs` for why. A pair
//! that would leave one of its ends without a training triple goes back to training whole.

use std::collections::{HashMap, HashSet};

use super::{KnowledgeGraph, Selection, Split, SplitTriples, Triple};
use crate::error::{Error, Result};
use crate::ids::EntityId;

/// What a merge did to the triples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MergeCount {
    /// Triples of which an end was redirected.
    pub redirected: usize,
    /// Dropped: said by another triple already.
    pub duplicates: usize,
    /// Dropped: both ends are one entity now.
    pub self_loops: usize,
    /// Triples that left training since their pair is held out.
    pub newly_held_out: usize,
    /// Pairs of which triples were in valid and in test, all of them in test now.
    pub valid_to_test: usize,
    /// Held-out pairs that went back to training, since an end had no other training triple.
    pub given_back: usize,
}

impl KnowledgeGraph {
    /// Redirects all triples of the first of each pair of entities to the second. Rows stay as they are: who is merged
    /// has no triple any more, and [`merged_rows`] selects the others.
    ///
    /// # Errors
    /// [`Error::Settings`] for an entity that does not exist, is merged twice, or is merged into one that goes itself.
    pub fn merge(&self, into: &[(EntityId, EntityId)]) -> Result<(KnowledgeGraph, MergeCount)> {
        let mut target: Vec<u32> = (0..self.entity_count() as u32).collect();
        for &(from, to) in into {
            let is_there = |entity: EntityId| entity.index() < self.entity_count();
            if !is_there(from) || !is_there(to) || from == to {
                return Err(Error::Settings(format!("entity {} cannot be merged into {}", from.0, to.0)));
            }
            if std::mem::replace(&mut target[from.index()], to.0) != from.0 {
                return Err(Error::Settings(format!("entity {} is merged twice", from.0)));
            }
        }
        if let Some((from, to)) = into.iter().find(|(_, to)| target[to.index()] != to.0) {
            return Err(Error::Settings(format!("entity {} is merged into {}, which is merged itself", from.0, to.0)));
        }

        let mut count = MergeCount::default();
        let mut seen = HashSet::new();
        let mut triples: Vec<(Split, Triple)> = Vec::new();
        // Held-out triples first: of two that say the same, the held-out one stays.
        for split in [Split::Test, Split::Valid, Split::Train] {
            for old in self.triples(split) {
                let new = Triple { head: target[old.head as usize], tail: target[old.tail as usize], ..*old };
                let is_moved = new != *old;
                count.redirected += usize::from(is_moved);
                // Self-loops that were there before are not this merge's business.
                if is_moved && new.head == new.tail {
                    count.self_loops += 1;
                } else if seen.insert(new) {
                    triples.push((split, new));
                } else {
                    count.duplicates += 1;
                }
            }
        }
        drop(seen);
        let place = places(self.entity_count(), &triples, &mut count);
        let mut splits = SplitTriples::default();
        for (old, triple) in triples {
            let new = place.get(&pair(&triple)).copied().unwrap_or(Split::Train);
            count.newly_held_out += usize::from(old == Split::Train && new != Split::Train);
            match new {
                Split::Train => splits.train.push(triple),
                Split::Valid => splits.valid.push(triple),
                Split::Test => splits.test.push(triple),
            }
        }
        for triples in [&mut splits.train, &mut splits.valid, &mut splits.test] {
            triples.sort_unstable_by_key(|t| (t.relation, t.head, t.tail));
        }
        let graph = KnowledgeGraph::new(self.vocabulary.clone(), splits, self.roles.clone())?;
        Ok((graph, count))
    }
}

/// Rows that stay, in their order, with all triples among them.
pub fn merged_rows(graph: &KnowledgeGraph, into: &[(EntityId, EntityId)]) -> Selection {
    let gone: HashSet<EntityId> = into.iter().map(|(from, _)| *from).collect();
    let kept: Vec<_> = (0..graph.entity_count() as u32).map(EntityId).filter(|row| !gone.contains(row)).collect();
    Selection::of_entities(graph, &kept)
}

fn pair(triple: &Triple) -> (u32, u32) {
    (triple.head.min(triple.tail), triple.head.max(triple.tail))
}

/// Where the pairs go that are held out.
fn places(entities: usize, triples: &[(Split, Triple)], count: &mut MergeCount) -> HashMap<(u32, u32), Split> {
    let mut held: Vec<((u32, u32), Split)> =
        triples.iter().filter(|(split, _)| *split != Split::Train).map(|(split, t)| (pair(t), *split)).collect();
    // Test before valid within a pair.
    held.sort_unstable_by_key(|(pair, split)| (*pair, *split == Split::Valid));
    held.dedup();
    let all = held.len();
    held.dedup_by_key(|(pair, _)| *pair);
    count.valid_to_test = all - held.len();
    let mut place: HashMap<(u32, u32), Split> = held.iter().copied().collect();
    let mut degrees = vec![0u32; entities];
    for (_, triple) in triples.iter().filter(|(_, t)| !place.contains_key(&pair(t))) {
        degrees[triple.head as usize] += 1;
        degrees[triple.tail as usize] += 1;
    }
    for (pair, _) in held {
        let (a, b) = (pair.0 as usize, pair.1 as usize);
        if degrees[a] == 0 || degrees[b] == 0 {
            place.remove(&pair);
            degrees[a] += 1;
            degrees[b] += 1;
            count.given_back += 1;
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{SplitRule, Vocabulary, split_by_pair};
    use crate::ids::RelationId;
    use crate::rng::{Stream, below, hash};

    #[allow(clippy::unwrap_used, reason = "a test")]
    fn graph(seed: u32) -> KnowledgeGraph {
        let mut vocabulary = Vocabulary::default();
        for at in 0..40 {
            vocabulary.entity_or_add(&format!("{}::{at}", ["Compound", "Disease"][at % 2]));
        }
        for relation in ["treats", "binds"] {
            vocabulary.relation_or_add(relation);
        }
        let draw = |at, slot, n| below(hash(seed, Stream::Init, at, slot), n);
        let mut triples: Vec<_> = (0..250)
            .map(|at| Triple { head: draw(at, 0, 40), relation: draw(at, 1, 2), tail: draw(at, 2, 40) })
            .collect();
        triples.sort_unstable();
        triples.dedup();
        let rule = SplitRule { relations: vec![RelationId(0)], share: 0.2, first: vec![], seed };
        let splits = split_by_pair(&vocabulary, &triples, &rule);
        KnowledgeGraph::new(vocabulary, splits, None).unwrap()
    }

    #[test]
    fn no_pair_is_in_training_and_held_out() -> Result<()> {
        for seed in 0..20 {
            let graph = graph(seed);
            let into: Vec<_> = (0..10).map(|at| (EntityId(4 * at + 1), EntityId(4 * at + 3))).collect();
            let (merged, count) = graph.merge(&into)?;
            let pairs = |split| merged.triples(split).iter().map(pair).collect::<HashSet<_>>();
            let [train, valid, test] = Split::ALL.map(pairs);
            assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test), "seed {seed}");
            for triple in merged.triples(Split::Test).iter().chain(merged.triples(Split::Valid)) {
                assert!(merged.degree(EntityId(triple.head)) > 0 && merged.degree(EntityId(triple.tail)) > 0);
            }
            let size =
                |graph: &KnowledgeGraph| Split::ALL.map(|split| graph.triples(split).len()).iter().sum::<usize>();
            assert_eq!(size(&graph), size(&merged) + count.duplicates + count.self_loops);
            assert!(count.newly_held_out > 0 && count.duplicates > 0, "the test tests something: {count:?}");
            assert!(into.iter().all(|(from, _)| merged.degree(*from) == 0));
            let cut = merged.select(&merged_rows(&merged, &into))?;
            assert_eq!((cut.entity_count(), size(&cut)), (30, size(&merged)));
        }
        Ok(())
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test")]
    fn a_pair_whose_ends_would_be_untrained_goes_back() {
        let mut vocabulary = Vocabulary::default();
        for id in ["Compound::a", "Disease::MESH:1", "Disease::DOID:1", "Compound::b"] {
            vocabulary.entity_or_add(id);
        }
        vocabulary.relation_or_add("treats");
        let triple = |head, tail| Triple { head, relation: 0, tail };
        // The drug was trained on the other node of the same disease only.
        let splits = SplitTriples {
            train: vec![triple(0, 2), triple(3, 1), triple(3, 2)],
            valid: vec![],
            test: vec![triple(0, 1)],
        };
        let graph = KnowledgeGraph::new(vocabulary, splits, None).unwrap();
        let (merged, count) = graph.merge(&[(EntityId(1), EntityId(2))]).unwrap();
        assert_eq!(merged.triples(Split::Train), [triple(0, 2), triple(3, 2)]);
        assert_eq!((count.given_back, count.duplicates, count.redirected), (1, 2, 2));
        for wrong in [[(1, 1), (0, 2)], [(1, 2), (1, 3)], [(1, 2), (2, 3)], [(9, 1), (0, 2)]] {
            let wrong = wrong.map(|(from, to)| (EntityId(from), EntityId(to)));
            assert!(matches!(graph.merge(&wrong), Err(Error::Settings(_))), "{wrong:?}");
        }
    }
}
