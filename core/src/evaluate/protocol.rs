//! How a metric was measured. A number without these words cannot be compared with another.

use super::rank::TieRule;
use crate::graph::{KnowledgeGraph, Side, Split, Triple};
use crate::ids::TypeId;

/// Which entities stand against the true answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateSet {
    /// Every entity of the graph.
    All,
    /// Entities of one type.
    OfType(TypeId),
    /// Entities of the type of each query's own true answer.
    SameType,
    /// The true answer among `count` candidates: the others are drawn for each query, uniformly and without
    /// replacement, from the entities of its type (LLaDR, 2025: 50). Filtered, known answers are not drawn;
    /// a type with too few entities gives all it has.
    Sampled {
        /// Candidates, the true answer among them.
        count: u32,
        /// Seed of the draws; a query has the same candidates in any list of queries.
        seed: u32,
    },
}

/// What happens to other answers that are known to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// They are no candidates: known from train, valid and test (Bordes et al., 2013).
    #[default]
    Filtered,
    /// They stand against the true answer.
    Unfiltered,
}

impl Filter {
    /// Name in protocols.
    pub fn name(self) -> &'static str {
        match self {
            Filter::Filtered => "filtered",
            Filter::Unfiltered => "unfiltered",
        }
    }
}

/// How a metric was measured; its [`Protocol::words`] go wherever the number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// Whose triples are asked.
    pub split: Split,
    /// Which ends; `None` for both.
    pub side: Option<Side>,
    /// What happens to other known answers.
    pub filter: Filter,
    /// Candidates.
    pub candidates: CandidateSet,
    /// What a tie is worth.
    pub ties: TieRule,
}

impl Protocol {
    /// The usual protocol: both sides, filtered, all entities, realistic ranks.
    pub fn filtered(split: Split) -> Self {
        Protocol {
            split,
            side: None,
            filter: Filter::Filtered,
            candidates: CandidateSet::All,
            ties: TieRule::Realistic,
        }
    }

    /// The sides that are asked, heads first.
    pub fn sides(&self) -> &'static [Side] {
        match self.side {
            None => &Side::BOTH,
            Some(Side::Head) => &[Side::Head],
            Some(Side::Tail) => &[Side::Tail],
        }
    }

    /// The protocol in a line, with the candidates counted.
    pub fn words(&self, graph: &KnowledgeGraph, queries: usize) -> String {
        let side = match self.side {
            None => "heads and tails",
            Some(Side::Head) => "heads",
            Some(Side::Tail) => "tails",
        };
        let candidates = match self.candidates {
            CandidateSet::All => format!("all {} entities", graph.entity_count()),
            CandidateSet::OfType(kind) => {
                let count = graph.vocabulary.of_type(kind).len();
                format!("all {count} entities of type {}", graph.vocabulary.type_name(kind))
            }
            CandidateSet::SameType => "all entities of the true answer’s type".into(),
            CandidateSet::Sampled { count, seed } => {
                format!("{} entities of its type drawn at random (seed {seed})", count.saturating_sub(1))
            }
        };
        let noun = if queries == 1 { "query" } else { "queries" };
        format!(
            "{} split, {queries} {noun} for {side}, {}, against {candidates}, {} rank for ties",
            self.split.name(),
            self.filter.name(),
            self.ties.name(),
        )
    }

    /// The most (query, candidate) pairs that `triples` give, before the filter.
    pub(super) fn most_pairs(&self, graph: &KnowledgeGraph, triples: &[Triple]) -> usize {
        let per_query = match self.candidates {
            CandidateSet::All | CandidateSet::SameType => graph.entity_count(),
            CandidateSet::OfType(kind) => graph.vocabulary.of_type(kind).len() + 1,
            CandidateSet::Sampled { count, .. } => count as usize,
        };
        triples.len().saturating_mul(self.sides().len()).saturating_mul(per_query)
    }
}
