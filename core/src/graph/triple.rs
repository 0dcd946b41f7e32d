//! A statement of the graph, and the split it belongs to.

use bytemuck::{Pod, Zeroable};
use serde::{Deserialize, Serialize};

use crate::ids::{EntityId, RelationId};

/// One statement: head, relation, tail. Laid out as three `u32`, as tensors and the GPU hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
#[repr(C)]
pub struct Triple {
    /// Row of the head entity.
    pub head: u32,
    /// Row of the relation.
    pub relation: u32,
    /// Row of the tail entity.
    pub tail: u32,
}

impl Triple {
    /// From typed rows.
    pub fn new(head: EntityId, relation: RelationId, tail: EntityId) -> Self {
        Triple { head: head.0, relation: relation.0, tail: tail.0 }
    }

    /// The entity on a side.
    #[inline]
    pub fn entity(&self, side: Side) -> EntityId {
        match side {
            Side::Head => EntityId(self.head),
            Side::Tail => EntityId(self.tail),
        }
    }

    /// The relation.
    #[inline]
    pub fn relation(&self) -> RelationId {
        RelationId(self.relation)
    }
}

/// The end of a triple that is asked for: corrupted in training, ranked in evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Side {
    /// The query is (?, relation, tail).
    Head,
    /// The query is (head, relation, ?).
    #[default]
    Tail,
}

impl Side {
    /// Both sides.
    pub const BOTH: [Side; 2] = [Side::Head, Side::Tail];

    /// The other end: the one a query is given.
    #[inline]
    pub fn opposite(self) -> Side {
        match self {
            Side::Head => Side::Tail,
            Side::Tail => Side::Head,
        }
    }
}

/// Part of the graph a triple is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Seen by training.
    Train,
    /// Held out, for choosing settings.
    Valid,
    /// Held out, for reporting.
    Test,
}

impl Split {
    /// All three, in the order in which packs store them.
    pub const ALL: [Split; 3] = [Split::Train, Split::Valid, Split::Test];

    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Valid => "valid",
            Split::Test => "test",
        }
    }
}
