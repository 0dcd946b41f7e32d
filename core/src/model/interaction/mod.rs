//! Scoring functions (interactions): how plausible a triple is, from the rows of its parts.
//!
//! Every function here has the form `score = similarity(query(given, relation), candidate)`:
//! one end of the triple and the relation make a query vector, and the other end is compared with
//! it. So a chunk of queries meets a chunk of candidates as one matrix product (or its L1 twin),
//! in training, evaluation and prediction alike. To add one: a file here, a `.wgsl` of the same
//! name under `core/shader/interaction/`, a variant, and a golden.

mod complex;
mod distmult;
mod rotate;
mod transe;

use serde::{Deserialize, Serialize};

use super::similarity::Similarity;
use crate::graph::Side;

/// Scoring function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Interaction {
    /// `γ − ‖h + r − t‖₁` (Bordes et al., 2013).
    #[serde(rename = "transe_l1")]
    TransEL1,
    /// `γ − ‖h + r − t‖₂` (Bordes et al., 2013).
    #[serde(rename = "transe_l2")]
    TransEL2,
    /// `Σ_k h_k r_k t_k` (Yang et al., 2015).
    #[serde(rename = "distmult")]
    DistMult,
    /// `Re Σ_k h_k r_k conj(t_k)`, complex (Trouillon et al., 2016).
    #[serde(rename = "complex")]
    ComplEx,
    /// `γ − Σ_k |h_k e^{iθ_k} − t_k|`, complex (Sun et al., 2019).
    #[serde(rename = "rotate")]
    RotatE,
}

impl Interaction {
    /// All of them.
    pub const ALL: [Interaction; 5] = [
        Interaction::TransEL1,
        Interaction::TransEL2,
        Interaction::DistMult,
        Interaction::ComplEx,
        Interaction::RotatE,
    ];

    /// Name in files, addresses and command lines.
    pub fn name(self) -> &'static str {
        match self {
            Interaction::TransEL1 => "transe_l1",
            Interaction::TransEL2 => "transe_l2",
            Interaction::DistMult => "distmult",
            Interaction::ComplEx => "complex",
            Interaction::RotatE => "rotate",
        }
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Interaction::TransEL1 => "TransE (L1)",
            Interaction::TransEL2 => "TransE (L2)",
            Interaction::DistMult => "DistMult",
            Interaction::ComplEx => "ComplEx",
            Interaction::RotatE => "RotatE",
        }
    }

    /// Back from [`Interaction::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interaction| interaction.name() == name)
    }

    /// How a query is compared with a candidate.
    pub fn similarity(self) -> Similarity {
        match self {
            Interaction::TransEL1 => Similarity::L1,
            Interaction::TransEL2 => Similarity::L2,
            Interaction::DistMult | Interaction::ComplEx => Similarity::Dot,
            Interaction::RotatE => Similarity::Modulus,
        }
    }

    /// Whether a row holds complex numbers, real parts before imaginary parts; its length is then even.
    pub fn is_complex(self) -> bool {
        matches!(self, Interaction::ComplEx | Interaction::RotatE)
    }

    /// The query vector for `side`, from the rows of the given end and the relation, each `[dim]`.
    #[inline(always)]
    pub fn query(self, side: Side, given: &[f32], relation: &[f32], query: &mut [f32]) {
        match self {
            Interaction::TransEL1 | Interaction::TransEL2 => transe::query(side, given, relation, query),
            Interaction::DistMult => distmult::query(given, relation, query),
            Interaction::ComplEx => complex::query(side, given, relation, query),
            Interaction::RotatE => rotate::query(side, given, relation, query),
        }
    }

    /// Gradients of the given end and the relation from the gradient of the query, each `[dim]`.
    #[inline(always)]
    pub fn query_gradient(self, side: Side, rows: QueryRows<'_>, d_given: &mut [f32], d_relation: &mut [f32]) {
        match self {
            Interaction::TransEL1 | Interaction::TransEL2 => {
                transe::query_gradient(side, rows.d_query, d_given, d_relation);
            }
            Interaction::DistMult => distmult::query_gradient(rows, d_given, d_relation),
            Interaction::ComplEx => complex::query_gradient(side, rows, d_given, d_relation),
            Interaction::RotatE => rotate::query_gradient(side, rows, d_given, d_relation),
        }
    }
}

/// What the gradient of a query is computed from, each `[dim]`.
#[derive(Debug, Clone, Copy)]
pub struct QueryRows<'a> {
    /// Row of the given end.
    pub given: &'a [f32],
    /// Row of the relation.
    pub relation: &'a [f32],
    /// Gradient of the loss with respect to the query.
    pub d_query: &'a [f32],
}
