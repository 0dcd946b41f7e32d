//! Which entities are reached from the seeds, how far they are, and by which triple.
//!
//! Level by level, along training triples that the filters allow. With a cap, the triples between a level and the next
//! are taken in one order for the whole level, each if both of its ends have room under its relation: first those whose
//! new end is an end of a held-out pair, so that something is left to be measured; then those whose new end has most
//! triples with the level, then those whose new end has the lowest degree, then by identifier. What several of the
//! reached share comes before what one of them has, and the specific before the hub, which is near to everything and
//! tells little.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::Around;
use crate::graph::{KnowledgeGraph, Split, Triple};
use crate::ids::{EntityId, TypeId};

/// Not reached.
pub const FAR: u32 = u32::MAX;

/// The graph under a search's filters.
pub struct Field<'a> {
    pub graph: &'a KnowledgeGraph,
    pub around: &'a Around,
    /// Seeds, each once.
    pub seeds: Vec<u32>,
    /// What the filters let pass.
    is_seed: Vec<bool>,
    has_type: Vec<bool>,
    has_relation: Vec<bool>,
    /// Allowed triples of each entity, as places in the training triples: `[entities + 1]` starts.
    starts: Vec<u32>,
    places: Vec<u32>,
    /// Rank of each entity and relation by identifier: the order must not depend on rows.
    pub entity_rank: Vec<u32>,
    pub relation_rank: Vec<u32>,
    /// Relations under which nothing is capped: treatments.
    is_free: Vec<bool>,
    /// Ends of held-out pairs.
    is_asked: Vec<bool>,
}

/// What was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Hops from the nearest seed; [`FAR`] for what is not reached.
    pub distance: Vec<u32>,
    /// The training triple that leads one hop nearer; none for seeds and for what is not reached.
    pub by: Vec<Option<u32>>,
}

/// Triples that were taken, and how many of them an entity has under a relation: the room that a cap leaves.
#[derive(Default)]
pub struct Room {
    taken: HashSet<u32>,
    used: HashMap<(u32, u32), usize>,
}

impl<'a> Field<'a> {
    pub fn new(graph: &'a KnowledgeGraph, around: &'a Around) -> Self {
        let entities = graph.entity_count();
        let mut seeds: Vec<u32> = around.seeds.iter().map(|seed| seed.0).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let all = |count: usize| (0..count as u32).collect::<Vec<_>>();
        let types = around.types.as_ref().map(|list| list.iter().map(|kind| kind.0).collect());
        let relations = around.relations.as_ref().map(|list| list.iter().map(|relation| relation.0).collect());
        let type_count = graph.vocabulary.types().len();
        let mut field = Field {
            graph,
            around,
            is_seed: marks(entities, &seeds),
            has_type: marks(type_count, &types.unwrap_or_else(|| all(type_count))),
            has_relation: marks(graph.relation_count(), &relations.unwrap_or_else(|| all(graph.relation_count()))),
            seeds,
            starts: vec![0; entities + 1],
            places: Vec::new(),
            entity_rank: ranks(graph.vocabulary.entities().iter().map(|entity| entity.id.as_str())),
            relation_rank: ranks(graph.vocabulary.relations().iter().map(|relation| relation.id.as_str())),
            is_free: vec![false; graph.relation_count()],
            is_asked: vec![false; entities],
        };
        for triple in graph.triples(Split::Valid).iter().chain(graph.triples(Split::Test)) {
            if field.allows(triple) {
                (field.is_asked[triple.head as usize], field.is_asked[triple.tail as usize]) = (true, true);
            }
        }
        for row in graph.roles.iter().flat_map(|roles| &roles.treatments) {
            if let Some(is_free) = field.is_free.get_mut(row.index()) {
                *is_free = true;
            }
        }
        let train = graph.triples(Split::Train);
        let allowed: Vec<u32> = (0u32..).zip(train).filter(|(_, t)| field.allows(t)).map(|(at, _)| at).collect();
        let ends = |at: u32| {
            let triple = train[at as usize];
            [Some(triple.head), (triple.head != triple.tail).then_some(triple.tail)].into_iter().flatten()
        };
        for end in allowed.iter().flat_map(|at| ends(*at)) {
            field.starts[end as usize + 1] += 1;
        }
        for at in 0..entities {
            field.starts[at + 1] += field.starts[at];
        }
        let mut next = field.starts.clone();
        field.places = vec![0; field.starts[entities] as usize];
        for &at in &allowed {
            for end in ends(at) {
                field.places[next[end as usize] as usize] = at;
                next[end as usize] += 1;
            }
        }
        field
    }

    /// Whether the filters let a triple pass. Seeds are of every type.
    pub fn allows(&self, triple: &Triple) -> bool {
        let is_in = |row: u32| {
            let kind = self.graph.vocabulary.entity(EntityId(row)).map_or(usize::MAX, |entity| entity.kind.index());
            self.is_seed[row as usize] || self.has_type.get(kind).copied().unwrap_or(false)
        };
        self.has_relation[triple.relation as usize] && is_in(triple.head) && is_in(triple.tail)
    }

    /// Allowed training triples of an entity, by place.
    pub fn at(&self, entity: u32) -> &[u32] {
        &self.places[self.starts[entity as usize] as usize..self.starts[entity as usize + 1] as usize]
    }

    /// Number of those.
    pub fn degree(&self, entity: u32) -> u32 {
        self.starts[entity as usize + 1] - self.starts[entity as usize]
    }

    /// The training triple of a place.
    pub fn triple(&self, place: u32) -> Triple {
        self.graph.triples(Split::Train)[place as usize]
    }

    /// Takes a triple, by place, if both ends have room for it, or its relation is not capped.
    pub fn takes(&self, place: u32, room: &mut Room) -> bool {
        let triple = self.triple(place);
        let Some(cap) = self.around.cap.filter(|_| !self.is_free[triple.relation as usize]) else { return true };
        if room.taken.contains(&place) {
            return true;
        }
        let ends = [triple.head, triple.tail].map(|end| (end, triple.relation));
        if ends.iter().any(|end| room.used.get(end).is_some_and(|used| *used >= cap)) || cap == 0 {
            return false;
        }
        for end in &ends[..if triple.head == triple.tail { 1 } else { 2 }] {
            *room.used.entry(*end).or_default() += 1;
        }
        room.taken.insert(place)
    }

    /// Steps from `level` to entities that are `wanted`: near end, far end, triple of each step.
    fn steps(&self, level: &[u32], room: &mut Room, wanted: impl Fn(u32) -> bool) -> Vec<(u32, u32, u32)> {
        let mut steps = Vec::new();
        let mut shared = vec![0u32; self.graph.entity_count()];
        for &near in level {
            for &place in self.at(near) {
                let Triple { head, tail, .. } = self.triple(place);
                let far = if head == near { tail } else { head };
                if far != near && wanted(far) {
                    shared[far as usize] += 1;
                    steps.push((near, far, place));
                }
            }
        }
        steps.sort_by_cached_key(|&(near, far, place)| {
            let relation = self.triple(place).relation;
            let rank = |row: u32| self.entity_rank[row as usize];
            let (most, degree) = (Reverse(shared[far as usize]), self.degree(far));
            (
                !self.is_asked[far as usize],
                most,
                degree,
                rank(far),
                self.relation_rank[relation as usize],
                rank(near),
                place,
            )
        });
        steps.retain(|(.., place)| self.takes(*place, room));
        steps
    }

    /// All that is reached in so many hops.
    pub fn by_hops(&self, hops: u32) -> Reach {
        let mut reach = self.at_seeds();
        let mut level = self.seeds.clone();
        let mut room = Room::default();
        for distance in 1..=hops {
            let steps = self.steps(&level, &mut room, |far| reach.distance[far as usize] == FAR);
            level.clear();
            for (_, far, place) in steps {
                if reach.add(far, distance, place) {
                    level.push(far);
                }
            }
        }
        reach
    }

    /// All that lies on a whole walk from a seed through entities of these types, in this order or the reverse.
    pub fn by_paths(&self, paths: &[Vec<TypeId>]) -> Reach {
        let mut reach = self.at_seeds();
        let kind = |row: u32| self.graph.vocabulary.entity(EntityId(row)).map(|entity| entity.kind);
        // One for all walks, so that all they take together stays within the cap.
        let mut room = Room::default();
        for path in paths {
            let reversed: Vec<_> = path.iter().rev().copied().collect();
            let both = if reversed == *path { vec![path.clone()] } else { vec![path.clone(), reversed] };
            for types in both {
                let Some((first, others)) = types.split_first() else { continue };
                let seeds = self.seeds.iter().copied();
                let mut level: Vec<u32> = seeds.filter(|seed| kind(*seed) == Some(*first)).collect();
                let mut walked = Vec::new();
                for wanted in others {
                    let steps = self.steps(&level, &mut room, |far| kind(far) == Some(*wanted));
                    level = steps.iter().map(|(_, far, _)| *far).collect();
                    level.sort_unstable();
                    level.dedup();
                    walked.push(steps);
                }
                // Back from the end: what leads nowhere is left out.
                let mut is_alive = vec![false; self.graph.entity_count()];
                level.iter().for_each(|row| is_alive[*row as usize] = true);
                for steps in walked.iter_mut().rev() {
                    steps.retain(|(_, far, _)| is_alive[*far as usize]);
                    is_alive.fill(false);
                    steps.iter().for_each(|(near, ..)| is_alive[*near as usize] = true);
                }
                for (distance, steps) in (1..).zip(walked) {
                    for (_, far, place) in steps {
                        reach.add(far, distance, place);
                    }
                }
            }
        }
        reach
    }

    fn at_seeds(&self) -> Reach {
        let entities = self.graph.entity_count();
        let mut reach = Reach { distance: vec![FAR; entities], by: vec![None; entities] };
        for seed in &self.seeds {
            reach.distance[*seed as usize] = 0;
        }
        reach
    }
}

impl Reach {
    /// Whether this is the nearest way so far.
    fn add(&mut self, row: u32, distance: u32, place: u32) -> bool {
        let is_nearer = distance < self.distance[row as usize];
        if is_nearer {
            self.distance[row as usize] = distance;
            self.by[row as usize] = Some(place);
        }
        is_nearer
    }
}

/// Place of each in the sorted order.
fn ranks<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<u32> {
    let mut sorted: Vec<(&str, usize)> = ids.zip(0..).collect();
    sorted.sort_unstable();
    let mut ranks = vec![0; sorted.len()];
    for (rank, (_, row)) in (0..).zip(sorted) {
        ranks[row] = rank;
    }
    ranks
}

/// Which of so many rows are in a list.
fn marks(count: usize, rows: &[u32]) -> Vec<bool> {
    let mut marks = vec![false; count];
    for row in rows {
        if let Some(mark) = marks.get_mut(*row as usize) {
            *mark = true;
        }
    }
    marks
}
