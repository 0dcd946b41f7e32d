//! Who is connected with whom: the training triples as lists of edges, in compressed sparse rows.
//!
//! The edges of an entity are cut into *runs* of one relation and one direction (a metaedge as seen from
//! the entity), each an ascending list of other ends. So an edge costs one `u32` per end, and the degree
//! within a metaedge, `d = |run|`, is a difference of two offsets. Built in `O(triples)` up to the sort of
//! each entity's own list; repeated triples count once.

use super::Triple;
use crate::graph::Side;
use crate::ids::{EntityId, RelationId};

/// Edges of one relation and one direction at an entity.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The relation.
    pub relation: RelationId,
    /// Where the other ends stand in the triple: `Tail` if the entity is the head.
    pub side: Side,
    /// The other ends, ascending, without repeats.
    pub others: &'a [u32],
}

/// Where a run starts in `others`; it ends where the next starts.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// Relation and side, see [`metaedge`].
    metaedge: u32,
    at: u32,
}

/// Edges of every entity in both directions.
#[derive(Debug, Clone)]
pub struct Adjacency {
    /// First run of each entity, `[entities + 1]`.
    first_run: Vec<u32>,
    /// All runs, and one more that marks the end.
    runs: Vec<Start>,
    others: Vec<u32>,
}

impl Adjacency {
    /// Of `triples` among `entities`; triples with other rows are left out.
    pub fn new(entities: usize, triples: &[Triple]) -> Self {
        let is_inside = |t: &&Triple| (t.head.max(t.tail) as usize) < entities;
        // Edges as `metaedge · 2³² + other end`, counted and then dealt to their entities.
        let mut ends = vec![0u32; entities + 1];
        for triple in triples.iter().filter(is_inside) {
            ends[triple.head as usize] += 1;
            ends[triple.tail as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut edges = vec![0u64; total as usize];
        for triple in triples.iter().filter(is_inside) {
            for (own, other, side) in [(triple.head, triple.tail, Side::Tail), (triple.tail, triple.head, Side::Head)] {
                let place = &mut ends[own as usize];
                edges[*place as usize] = (u64::from(metaedge(triple.relation(), side)) << 32) | u64::from(other);
                *place += 1;
            }
        }

        // Every place has moved to the end of its entity's edges.
        let (mut first_run, mut runs, mut others) = (Vec::with_capacity(entities + 1), Vec::new(), Vec::new());
        others.reserve_exact(edges.len());
        let mut from = 0;
        for &to in &ends[..entities] {
            first_run.push(runs.len() as u32);
            let own = &mut edges[from as usize..to as usize];
            own.sort_unstable();
            let mut last = None;
            for &edge in own.iter() {
                let metaedge = (edge >> 32) as u32;
                if last == Some(edge) {
                    continue;
                }
                if last.map(|last| (last >> 32) as u32) != Some(metaedge) {
                    runs.push(Start { metaedge, at: others.len() as u32 });
                }
                others.push(edge as u32);
                last = Some(edge);
            }
            from = to;
        }
        first_run.push(runs.len() as u32);
        runs.push(Start { metaedge: u32::MAX, at: others.len() as u32 });
        Adjacency { first_run, runs, others }
    }

    /// Number of entities.
    pub fn entity_count(&self) -> usize {
        self.first_run.len() - 1
    }

    /// Number of edge ends: twice the number of different triples.
    pub fn end_count(&self) -> usize {
        self.others.len()
    }

    /// Edges of an entity by relation and direction; none for a row that does not exist.
    pub fn runs(&self, entity: EntityId) -> impl Iterator<Item = Run<'_>> + '_ {
        self.starts(entity).windows(2).map(|pair| Run {
            relation: RelationId(pair[0].metaedge >> 1),
            side: side_of(pair[0].metaedge),
            others: &self.others[pair[0].at as usize..pair[1].at as usize],
        })
    }

    /// Number of edges of an entity, both directions.
    pub fn degree(&self, entity: EntityId) -> usize {
        match self.starts(entity) {
            [first, .., end] => (end.at - first.at) as usize,
            _ => 0,
        }
    }

    /// Number of edges of an entity within a metaedge: the relation, with the other ends on `side`.
    pub fn degree_within(&self, entity: EntityId, relation: RelationId, side: Side) -> u32 {
        let (starts, wanted) = (self.starts(entity), metaedge(relation, side));
        let Some((_, own)) = starts.split_last() else { return 0 };
        match own.binary_search_by_key(&wanted, |start| start.metaedge) {
            Ok(at) => starts[at + 1].at - starts[at].at,
            Err(_) => 0,
        }
    }

    /// Runs of an entity and the start of the next one's.
    fn starts(&self, entity: EntityId) -> &[Start] {
        match (self.first_run.get(entity.index()), self.first_run.get(entity.index() + 1)) {
            (Some(&from), Some(&to)) => &self.runs[from as usize..=to as usize],
            _ => &[],
        }
    }
}

/// Relation and side in one word: edges sort by relation, tails before heads.
fn metaedge(relation: RelationId, side: Side) -> u32 {
    (relation.0 << 1) | u32::from(side == Side::Head)
}

fn side_of(metaedge: u32) -> Side {
    if metaedge & 1 == 0 { Side::Tail } else { Side::Head }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, below, hash};

    #[test]
    fn edges_are_those_of_a_scan() {
        let draw = |at, slot, n| below(hash(9, Stream::Init, at, slot), n);
        // Twelve entities and 300 draws: repeats and self-loops occur; entity 12 has no edges.
        let triples: Vec<_> = (0..300)
            .map(|at| Triple { head: draw(at, 0, 12), relation: draw(at, 1, 3), tail: draw(at, 2, 12) })
            .collect();
        let adjacency = Adjacency::new(13, &triples);
        for entity in 0..14 {
            let mut degree = 0;
            for relation in (0..3).map(RelationId) {
                for side in Side::BOTH {
                    let mut expected: Vec<u32> = triples
                        .iter()
                        .filter(|t| t.relation() == relation && t.entity(side.opposite()).0 == entity)
                        .map(|t| t.entity(side).0)
                        .collect();
                    expected.sort_unstable();
                    expected.dedup();
                    let found =
                        adjacency.runs(EntityId(entity)).find(|run| run.relation == relation && run.side == side);
                    assert_eq!(found.map_or(&[][..], |run| run.others), expected);
                    assert_eq!(adjacency.degree_within(EntityId(entity), relation, side) as usize, expected.len());
                    degree += expected.len();
                }
            }
            assert_eq!(adjacency.degree(EntityId(entity)), degree);
        }
    }
}
