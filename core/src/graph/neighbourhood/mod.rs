//! A part of a graph: what lies around some entities, small enough to be looked at and trained in a page.
//!
//! Reached is what `search.rs` finds along training triples: held-out triples must not choose what they are asked of.
//! With a target for the size, the farthest go first, then those with the fewest triples to what is nearer; of equals,
//! those of higher degree. Before that, up to half of the room goes to the ends of held-out pairs, the nearest first,
//! with the way that leads to them: a part on which nothing can be measured is of little use.
//!
//! What is held out stays held out, and nothing else is. A held-out pair stays if both ends do, each with a training
//! triple; else it leaves the graph whole, and is counted. Treatments are never capped.

mod search;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{KnowledgeGraph, Selection, Split, SplitTriples, Triple};
use crate::error::{Error, Result};
use crate::ids::{EntityId, RelationId, TypeId};
use search::{FAR, Field, Reach, Room};

/// What to keep of a graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Around {
    /// Entities in the middle.
    pub seeds: Vec<EntityId>,
    /// Hops from the nearest seed, where there are no meta-paths.
    pub hops: u32,
    /// Types of the entities along a walk that starts or ends at a seed: only what lies on such a walk is kept.
    pub meta_paths: Vec<Vec<TypeId>>,
    /// Types that are kept, beside the seeds; all where it is `None`.
    pub types: Option<Vec<TypeId>>,
    /// Relations that are kept; all where it is `None`.
    pub relations: Option<Vec<RelationId>>,
    /// Triples at most of one entity under one relation, treatments apart.
    pub cap: Option<usize>,
    /// Entities at most.
    pub most_entities: Option<usize>,
}

/// A part of a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbourhood {
    /// What stays, entities in the order of their rows.
    pub selection: Selection,
    /// Hops from the nearest seed, for each entity that stays.
    pub distances: Vec<u32>,
    /// Entities that were reached, before the target for the size.
    pub reached: usize,
    /// Training triples among the entities that stay which the cap left out.
    pub capped: usize,
    /// What became of the held-out pairs.
    pub held_out: HeldOutCount,
}

/// Held-out pairs of entities, valid and test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldOutCount {
    /// In the whole graph.
    pub all: usize,
    /// Those that stay.
    pub kept: usize,
    /// Those whose relations or types are filtered out.
    pub filtered: usize,
    /// Those of which an end is not reached.
    pub out_of_reach: usize,
    /// Those for which there was no room.
    pub no_room: usize,
    /// Those of which an end has no training triple in the part.
    pub untrained: usize,
}

impl KnowledgeGraph {
    /// What lies around some entities.
    ///
    /// # Errors
    /// [`Error::Settings`] without a seed, for a seed that does not exist, a meta-path that is none or none of whose ends
    /// is a seed's type, and a size without room for the seeds.
    pub fn around(&self, around: &Around) -> Result<Neighbourhood> {
        check(self, around)?;
        let field = Field::new(self, around);
        let reach = match around.meta_paths.as_slice() {
            [] => field.by_hops(around.hops),
            paths => field.by_paths(paths),
        };
        let pairs = held_out_pairs(self, &field);
        let reached: Vec<u32> = (0..self.entity_count() as u32).filter(|row| reach.is_in(*row)).collect();
        let kept = match around.most_entities {
            Some(most) if most < reached.len() => nearest(&field, &reach, &reached, &pairs, most),
            _ => reached.clone(),
        };
        let mut is_kept = vec![false; self.entity_count()];
        kept.iter().for_each(|row| is_kept[*row as usize] = true);
        let (train, capped) = training(&field, &reach, &is_kept);

        let mut is_trained = vec![false; self.entity_count()];
        for triple in &train {
            (is_trained[triple.head as usize], is_trained[triple.tail as usize]) = (true, true);
        }
        let mut held_out = HeldOutCount { all: pairs.len(), ..HeldOutCount::default() };
        let mut stay = BTreeSet::new();
        for (&(a, b), is_allowed) in &pairs {
            let both = |is: &dyn Fn(u32) -> bool| is(a) && is(b);
            let count = if !is_allowed {
                &mut held_out.filtered
            } else if !both(&|row| reach.is_in(row)) {
                &mut held_out.out_of_reach
            } else if !both(&|row| is_kept[row as usize]) {
                &mut held_out.no_room
            } else if !both(&|row| is_trained[row as usize]) {
                &mut held_out.untrained
            } else {
                stay.insert((a, b));
                &mut held_out.kept
            };
            *count += 1;
        }
        let held = |split| {
            let triples = self.triples(split).iter();
            triples.filter(|t| stay.contains(&pair(t)) && field.allows(t)).copied().collect::<Vec<_>>()
        };
        let triples = SplitTriples { train, valid: held(Split::Valid), test: held(Split::Test) };
        let mut is_used = vec![false; self.relation_count()];
        for triple in triples.train.iter().chain(&triples.valid).chain(&triples.test) {
            is_used[triple.relation as usize] = true;
        }
        let relations =
            (0..self.relation_count() as u32).filter(|row| is_used[*row as usize]).map(RelationId).collect();
        let distances = kept.iter().map(|row| reach.distance[*row as usize]).collect();
        let entities = kept.into_iter().map(EntityId).collect();
        let selection = Selection { entities, relations, triples };
        Ok(Neighbourhood { selection, distances, reached: reached.len(), capped, held_out })
    }
}

fn check(graph: &KnowledgeGraph, around: &Around) -> Result<()> {
    let wrong = |what: String| Err(Error::Settings(what));
    if around.seeds.is_empty() {
        return wrong("there is no entity to look around".into());
    }
    let mut kinds = BTreeSet::new();
    for seed in &around.seeds {
        match graph.vocabulary.entity(*seed) {
            Some(entity) => kinds.insert(entity.kind),
            None => return wrong(format!("there is no entity of row {}", seed.0)),
        };
    }
    for path in &around.meta_paths {
        let names: Vec<_> = path.iter().map(|kind| graph.vocabulary.type_name(*kind)).collect();
        match path.as_slice() {
            [first, .., last] if kinds.contains(first) || kinds.contains(last) => {}
            [_, .., _] => return wrong(format!("no seed is of a type at an end of the meta-path {}", names.join("-"))),
            _ => return wrong("a meta-path has two types or more".into()),
        }
    }
    let seeds: BTreeSet<_> = around.seeds.iter().collect();
    match around.most_entities {
        Some(most) if most < seeds.len() => wrong(format!("{most} entities leave no room for {} seeds", seeds.len())),
        _ => Ok(()),
    }
}

fn pair(triple: &Triple) -> (u32, u32) {
    (triple.head.min(triple.tail), triple.head.max(triple.tail))
}

/// Pairs that are held out, and whether the filters let a triple of theirs pass.
fn held_out_pairs(graph: &KnowledgeGraph, field: &Field<'_>) -> BTreeMap<(u32, u32), bool> {
    let mut pairs = BTreeMap::new();
    for triple in graph.triples(Split::Valid).iter().chain(graph.triples(Split::Test)) {
        *pairs.entry(pair(triple)).or_default() |= field.allows(triple);
    }
    pairs
}

/// At most so many of the reached, by row; see the top of the file.
fn nearest(
    field: &Field<'_>,
    reach: &Reach,
    reached: &[u32],
    pairs: &BTreeMap<(u32, u32), bool>,
    most: usize,
) -> Vec<u32> {
    let mut kept: BTreeSet<u32> = field.seeds.iter().copied().collect();
    let distance = |row: u32| reach.distance[row as usize];
    let rank = |row: u32| field.entity_rank[row as usize];
    let allowed = pairs.iter().filter(|(_, is_allowed)| **is_allowed).map(|(pair, _)| *pair);
    let mut pairs: Vec<_> = allowed.filter(|(a, b)| reach.is_in(*a) && reach.is_in(*b)).collect();
    pairs.sort_by_cached_key(|&(a, b)| {
        let (near, far) = (distance(a).min(distance(b)), distance(a).max(distance(b)));
        (far, near, rank(a).min(rank(b)), rank(a).max(rank(b)))
    });
    let room = kept.len().max(most / 2);
    for (a, b) in pairs {
        let way: BTreeSet<u32> = [a, b].into_iter().flat_map(|end| reach.way(field, end)).collect();
        if kept.union(&way).count() <= room {
            kept.extend(way);
        }
    }
    let mut others: Vec<u32> = reached.iter().copied().filter(|row| !kept.contains(row)).collect();
    others.sort_by_cached_key(|&row| {
        let nearer = |place: &&u32| {
            let Triple { head, tail, .. } = field.triple(**place);
            distance(if head == row { tail } else { head }) < distance(row)
        };
        let links = field.at(row).iter().filter(nearer).count();
        (distance(row), Reverse(links), field.degree(row), rank(row))
    });
    others.truncate(most.saturating_sub(kept.len()));
    kept.extend(others);
    kept.into_iter().collect()
}

/// Training triples among the kept in their order, and how many the cap left out. The way to each entity goes first,
/// then what is nearest to the seeds, then what is of the lowest degree.
fn training(field: &Field<'_>, reach: &Reach, is_kept: &[bool]) -> (Vec<Triple>, usize) {
    let train = field.graph.triples(Split::Train);
    let is_among = |t: &Triple| is_kept[t.head as usize] && is_kept[t.tail as usize] && field.allows(t);
    let mut places: Vec<u32> = (0u32..).zip(train).filter(|(_, t)| is_among(t)).map(|(place, _)| place).collect();
    let all = places.len();
    if field.around.cap.is_some() {
        places.sort_by_cached_key(|&place| {
            let triple = field.triple(place);
            let ends = [triple.head, triple.tail];
            let is_way = ends.iter().any(|end| reach.by[*end as usize] == Some(place));
            let distance: u64 = ends.iter().map(|end| u64::from(reach.distance[*end as usize])).sum();
            let degree: u64 = ends.iter().map(|end| u64::from(field.degree(*end))).sum();
            let rank = ends.map(|end| field.entity_rank[end as usize]);
            (!is_way, distance, degree, rank, field.relation_rank[triple.relation as usize])
        });
        let mut room = Room::default();
        places.retain(|place| field.takes(*place, &mut room));
        places.sort_unstable();
    }
    let capped = all - places.len();
    (places.into_iter().map(|place| field.triple(place)).collect(), capped)
}

impl Reach {
    fn is_in(&self, row: u32) -> bool {
        self.distance[row as usize] != FAR
    }

    /// An entity and those that lead from it to a seed.
    fn way(&self, field: &Field<'_>, row: u32) -> Vec<u32> {
        let mut way = vec![row];
        let mut row = row;
        // Each step is nearer than the last.
        while let Some(place) = self.by[row as usize] {
            let Triple { head, tail, .. } = field.triple(place);
            row = if head == row { tail } else { head };
            way.push(row);
        }
        way
    }
}

#[cfg(test)]
mod tests;
