//! Evaluation: where does the true answer stand among all candidates?
//!
//! For a query with true answer `t`, candidates are the entities of the protocol's set; filtered, without the
//! other answers known to be true (train, valid and test). Two counts per query, `greater` and `equal`, make
//! its [`Rank`]; ranks make [`Metrics`]; and what measured them is said by the [`Protocol`].
//!
//! ```text
//! Protocol ─▶ evaluate(graph, scorer, triples) ─▶ Evaluation ─▶ metrics · pooled · breakdown
//! ```

mod breakdown;
mod count;
mod curve;
mod metrics;
mod protocol;
mod rank;
mod sampled;
mod scorer;

pub use breakdown::{By, Group, RelationCategory, relation_categories};
pub use curve::Pooled;
pub use metrics::Metrics;
pub use protocol::{CandidateSet, Filter, Protocol};
pub use rank::{Rank, TieRule};
pub use scorer::{DegreeScorer, ModelScorer, QueryBlock, Scorer};

use count::{Count, Counted, Keep};

use crate::graph::{KnowledgeGraph, Side, Triple};
use crate::ids::{EntityId, TypeId};

/// The most (query, candidate) pairs whose scores an evaluation keeps for [`Evaluation::pooled`]: 16 MiB of scores.
pub const MOST_POOLED_PAIRS: usize = 1 << 22;

/// What was found for one query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueryResult {
    /// The triple whose end was asked for.
    pub triple: Triple,
    /// That end.
    pub side: Side,
    /// The place of its true answer.
    pub rank: Rank,
    /// The score of its true answer.
    pub score: f32,
}

/// The results of an evaluation, with the protocol they were measured by.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// How it was measured.
    pub protocol: Protocol,
    /// The same in words, with the numbers of queries and candidates.
    pub words: String,
    /// One per query: all heads and then all tails, each in the order of the triples.
    pub results: Vec<QueryResult>,
    /// Scores of all other candidates of all queries, where they were few enough to keep.
    others: Option<Vec<f32>>,
}

impl Evaluation {
    /// Rank-based metrics over all queries, by the protocol's rule for ties.
    pub fn metrics(&self) -> Metrics {
        let ranks: Vec<Rank> = self.results.iter().map(|result| result.rank).collect();
        Metrics::by(&ranks, self.protocol.ties)
    }

    /// Areas under the curves of all scores in one list. `None` where there would be more than
    /// [`MOST_POOLED_PAIRS`] (no scores were kept then), or nothing to compare.
    ///
    /// Unfiltered, another known answer of a query counts as a negative of it, as in LLaDR.
    pub fn pooled(&self) -> Option<Pooled> {
        let positives: Vec<f32> = self.results.iter().map(|result| result.score).collect();
        Pooled::of(&positives, self.others.as_deref()?)
    }
}

/// Asks a scorer for the ends of `triples` by a protocol; `triples` are of the protocol's split.
///
/// Runs on all cores under feature `parallel`, with the same bits on any number of them.
pub fn evaluate(graph: &KnowledgeGraph, scorer: &dyn Scorer, triples: &[Triple], protocol: &Protocol) -> Evaluation {
    let keeps = protocol.most_pairs(graph, triples) <= MOST_POOLED_PAIRS;
    let keep = if keeps { Keep::Scores } else { Keep::Ranks };
    let mut results = Vec::with_capacity(triples.len() * protocol.sides().len());
    let mut others = Vec::new();
    for &side in protocol.sides() {
        let count = Count { graph, scorer, side, filter: protocol.filter, keep };
        let counted = count.by(protocol.candidates, triples);
        for (&triple, counted) in triples.iter().zip(counted) {
            results.push(QueryResult { triple, side, rank: counted.rank, score: counted.score });
            others.extend(counted.others);
        }
    }
    let words = protocol.words(graph, results.len());
    Evaluation { protocol: *protocol, words, results, others: keeps.then_some(others) }
}

/// Ranks the true answer of each triple on `side`, filtered.
///
/// An answer that is not of the candidates is ranked among those that are.
pub fn rank(
    graph: &KnowledgeGraph,
    scorer: &dyn Scorer,
    triples: &[Triple],
    side: Side,
    candidates: CandidateSet,
) -> Vec<Rank> {
    let count = Count { graph, scorer, side, filter: Filter::Filtered, keep: Keep::Ranks };
    count.by(candidates, triples).into_iter().map(|counted| counted.rank).collect()
}

impl Count<'_> {
    fn by(&self, set: CandidateSet, triples: &[Triple]) -> Vec<Counted> {
        let vocabulary = &self.graph.vocabulary;
        match set {
            CandidateSet::All => {
                let all: Vec<EntityId> = (0..self.graph.entity_count() as u32).map(EntityId).collect();
                self.against(triples, &all)
            }
            CandidateSet::OfType(kind) => self.against(triples, vocabulary.of_type(kind)),
            CandidateSet::Sampled { count, seed } => self.against_sampled(triples, count.saturating_sub(1), seed),
            CandidateSet::SameType => {
                let kind = |at: &usize| vocabulary.entity(triples[*at].entity(self.side)).map(|entity| entity.kind);
                let mut order: Vec<usize> = (0..triples.len()).collect();
                order.sort_by_key(|at| kind(at).map(|kind: TypeId| kind.0));
                let mut counted: Vec<(usize, Counted)> = Vec::with_capacity(triples.len());
                for rows in order.chunk_by(|a, b| kind(a) == kind(b)) {
                    let Some(kind) = kind(&rows[0]) else { continue };
                    let asked: Vec<Triple> = rows.iter().map(|&at| triples[at]).collect();
                    let found = self.against(&asked, vocabulary.of_type(kind));
                    counted.extend(rows.iter().copied().zip(found));
                }
                counted.sort_unstable_by_key(|(at, _)| *at);
                counted.into_iter().map(|(_, counted)| counted).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
