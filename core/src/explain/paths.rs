//! What a search for paths is asked and what it answers; the search itself is in `search.rs`.
//!
//! A path of `L` edges is worth the product
//!
//! `score = Π_e weight_e · (d_head,e · d_tail,e)^−w`
//!
//! of what the model thinks of each edge and how few others each edge's ends have (see `weight.rs`). With
//! all weights 1 it is the path-degree product, and the sum over a meta-path is its degree-weighted path
//! count. Longer paths have more factors below 1, so they must be better to stand beside short ones.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::graph::Side;
use crate::ids::{EntityId, RelationId, TypeId};

/// Most edges of a path.
pub const LONGEST: u32 = 4;

/// Most paths that can be asked for.
const MOST_PATHS: usize = 1000;

/// What to search for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PathOptions {
    /// Most edges of a path, from 1 to [`LONGEST`].
    pub longest: u32,
    /// How many paths to return, at most 1000.
    pub most_paths: usize,
    /// The exponent `w` of the hub discount; 0 for none.
    pub hub_exponent: f32,
    /// Edges that the second hop out of an end may look at. Beyond it, only the neighbours with the
    /// strongest edges are followed, and the answer says so ([`Paths::caps`]).
    pub most_edges: usize,
}

impl Default for PathOptions {
    fn default() -> Self {
        PathOptions { longest: 3, most_paths: 20, hub_exponent: 0.4, most_edges: 2_000_000 }
    }
}

impl PathOptions {
    /// Whether all are in range.
    ///
    /// # Errors
    /// [`Error::Settings`] saying which is not.
    pub(super) fn check(&self) -> Result<()> {
        let PathOptions { longest, most_paths, hub_exponent, .. } = *self;
        if !(1..=LONGEST).contains(&longest) {
            return Err(Error::Settings(format!("paths have 1 to {LONGEST} edges, not {longest}")));
        }
        if !(1..=MOST_PATHS).contains(&most_paths) {
            return Err(Error::Settings(format!("1 to {MOST_PATHS} paths can be asked for, not {most_paths}")));
        }
        if !(0.0..=1.0).contains(&hub_exponent) {
            return Err(Error::Settings(format!(
                "the exponent of the hub discount is from 0 to 1, not {hub_exponent}"
            )));
        }
        Ok(())
    }
}

/// An edge of a path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PathEdge {
    /// Head, as the graph states it.
    pub head: EntityId,
    /// Relation.
    pub relation: RelationId,
    /// Tail, as the graph states it.
    pub tail: EntityId,
    /// The end that the path arrives at: `Tail` where it goes along the relation.
    pub towards: Side,
    /// What the model thinks of it, from 0 to 1; ½ is typical of the relation.
    pub weight: f32,
    /// Hub discount.
    pub discount: f32,
}

/// A path from the drug to the disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Its edges, in the order of travel.
    pub edges: Vec<PathEdge>,
    /// Product of the edges' hub discounts.
    pub discount: f32,
    /// Product of all weights and discounts.
    pub score: f64,
}

/// A step of a meta-path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaStep {
    /// Relation.
    pub relation: RelationId,
    /// The end that the step arrives at: `Tail` where it goes along the relation.
    pub towards: Side,
    /// Type of the entity that it arrives at.
    pub to: TypeId,
}

/// All paths of one sequence of relations, directions and types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetaPath {
    /// The sequence.
    pub steps: Vec<MetaStep>,
    /// Sum of the scores of all its paths, also those that are not listed.
    pub sum: f64,
    /// Number of all its paths.
    pub count: u64,
    /// Those among the best, best first.
    pub paths: Vec<Path>,
}

/// That an end was too crowded to be searched whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The end.
    pub entity: EntityId,
    /// Neighbours followed by a second hop: those with the strongest edges.
    pub expanded: u32,
    /// All its neighbours.
    pub neighbours: u32,
}

/// How the graph connects a drug and a disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paths {
    /// The best paths by meta-path, the one with the largest sum first.
    pub groups: Vec<MetaPath>,
    /// Number of all paths that were searched.
    pub count: u64,
    /// Where the search left something out; empty when it was exhaustive. Sums and counts are then of
    /// what was searched.
    pub caps: Vec<Cap>,
}
