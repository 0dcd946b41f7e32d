//! A scorer with a progress bar beside it: each block of queries moves the bar on when it is done.

use indicatif::ProgressBar;
use lladr_core::evaluate::{CandidateSet, Protocol, QueryBlock, Scorer};
use lladr_core::graph::{KnowledgeGraph, Side, Triple};
use lladr_core::ids::EntityId;

/// A scorer that is watched.
pub struct Watched<'a> {
    /// Who scores.
    pub scorer: &'a dyn Scorer,
    /// Moves on by the queries of a block.
    pub bar: &'a ProgressBar,
}

impl Scorer for Watched<'_> {
    fn block<'a>(&'a self, side: Side, queries: &'a [Triple]) -> Box<dyn QueryBlock + 'a> {
        Box::new(Block { block: self.scorer.block(side, queries), bar: self.bar, queries: queries.len() as u64 })
    }
}

struct Block<'a> {
    block: Box<dyn QueryBlock + 'a>,
    bar: &'a ProgressBar,
    queries: u64,
}

impl QueryBlock for Block<'_> {
    fn scores(&mut self, candidates: &[EntityId], scores: &mut [f32]) {
        self.block.scores(candidates, scores);
    }

    fn pairs(&mut self, pairs: &[(u32, EntityId)]) -> Vec<f32> {
        self.block.pairs(pairs)
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        self.bar.inc(self.queries);
    }
}

/// Queries that an evaluation scores: triples that ask the same share them, unless candidates are drawn for each.
pub fn queries(graph: &KnowledgeGraph, protocol: &Protocol, triples: &[Triple]) -> u64 {
    let kind = |entity| graph.vocabulary.entity(entity).map(|entity| entity.kind);
    let of = |side: Side| match protocol.candidates {
        CandidateSet::Sampled { .. } => triples.len(),
        candidates => {
            let asks = |triple: &Triple| {
                let own = (candidates == CandidateSet::SameType).then(|| kind(triple.entity(side)));
                (own, triple.relation, triple.entity(side.opposite()))
            };
            let mut asked: Vec<_> = triples.iter().map(asks).collect();
            asked.sort_unstable();
            asked.dedup();
            asked.len()
        }
    };
    protocol.sides().iter().map(|side| of(*side) as u64).sum()
}

#[cfg(test)]
mod tests {
    use lladr_core::evaluate::{DegreeScorer, evaluate};
    use lladr_core::graph::{Split, SplitTriples, Vocabulary};

    use super::*;

    #[test]
    fn the_bar_ends_where_the_count_of_queries_says() {
        let mut vocabulary = Vocabulary::default();
        for at in 0..30 {
            vocabulary.entity_or_add(&format!("{}::{at}", ["A", "B", "C"][at % 3]));
        }
        vocabulary.relation_or_add("r");
        let train = (0..90).map(|at| Triple { head: at * 7 % 30, relation: 0, tail: at * at % 30 }).collect();
        let graph = KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, None)
            .expect("all rows exist");
        let triples = graph.triples(Split::Train);
        for candidates in [CandidateSet::All, CandidateSet::SameType, CandidateSet::Sampled { count: 5, seed: 1 }] {
            let protocol = Protocol { candidates, ..Protocol::filtered(Split::Train) };
            let bar = ProgressBar::hidden();
            let scorer = DegreeScorer(&graph);
            let watched = Watched { scorer: &scorer, bar: &bar };
            let seen = evaluate(&graph, &watched, triples, &protocol);
            assert_eq!(seen, evaluate(&graph, &scorer, triples, &protocol));
            assert_eq!(bar.position(), queries(&graph, &protocol, triples), "{candidates:?}");
        }
    }
}
