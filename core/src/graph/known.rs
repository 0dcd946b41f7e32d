//! Which answers of a query are known to be true: the filter of filtered evaluation.
//!
//! Two sorted copies of all triples, so that the known tails of (head, relation) and the known
//! heads of (relation, tail) are each one contiguous, ascending run found by binary search.

use super::{Side, Triple};
use crate::ids::{EntityId, RelationId};

/// All known triples (train, valid and test), by query.
#[derive(Debug, Clone, Default)]
pub struct KnownTriples {
    by_head: Vec<[u32; 3]>,
    by_tail: Vec<[u32; 3]>,
}

impl KnownTriples {
    /// Indexes triples; duplicates count once.
    pub fn new<'a>(triples: impl Iterator<Item = &'a Triple> + Clone) -> Self {
        let sorted = |key: fn(&Triple) -> [u32; 3]| {
            let mut rows: Vec<_> = triples.clone().map(key).collect();
            rows.sort_unstable();
            rows.dedup();
            rows
        };
        KnownTriples {
            by_head: sorted(|t| [t.head, t.relation, t.tail]),
            by_tail: sorted(|t| [t.tail, t.relation, t.head]),
        }
    }

    /// Known answers on `side` for a query that is given the opposite end: ascending, without repeats.
    pub fn answers(&self, side: Side, given: EntityId, relation: RelationId) -> impl Iterator<Item = EntityId> + '_ {
        self.answer_rows(side, given, relation).iter().map(|row| EntityId(row[2]))
    }

    /// As [`KnownTriples::answers`]: rows `[given, relation, answer]`, ascending.
    pub fn answer_rows(&self, side: Side, given: EntityId, relation: RelationId) -> &[[u32; 3]] {
        let rows = match side {
            Side::Tail => &self.by_head,
            Side::Head => &self.by_tail,
        };
        let key = [given.0, relation.0];
        let start = rows.partition_point(|row| [row[0], row[1]] < key);
        let length = rows[start..].partition_point(|row| [row[0], row[1]] == key);
        &rows[start..start + length]
    }

    /// Whether a triple is known.
    pub fn contains(&self, triple: &Triple) -> bool {
        self.by_head.binary_search(&[triple.head, triple.relation, triple.tail]).is_ok()
    }

    /// Number of different known triples.
    pub fn len(&self) -> usize {
        self.by_head.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.by_head.is_empty()
    }
}
