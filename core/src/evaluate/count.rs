//! Counting: how many candidates score higher than each true answer, and how many the same.
//!
//! Triples that ask the same query share its scores. Queries are taken in blocks and candidates in tiles, so
//! that a tile of scores `[queries, candidates]` is still in the cache when it is counted; no more of the score
//! matrix ever exists. All scores of a tile are counted without a look at the filter; then what the known
//! answers among them added is subtracted, from lists sorted by tile.

use super::protocol::Filter;
use super::rank::Rank;
use super::scorer::{QueryBlock, Scorer};
use crate::graph::{KnowledgeGraph, Side, Triple};
use crate::ids::EntityId;

/// Different queries scored together, and candidates of a tile.
const QUERIES: usize = 512;
const TILE: usize = 512;

/// No place among the candidates.
const NOWHERE: u32 = u32::MAX;

/// What was counted for one triple.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counted {
    pub rank: Rank,
    /// Score of the true answer.
    pub score: f32,
    /// Scores of all other candidates, where they are wanted.
    pub others: Vec<f32>,
}

/// Whether scores of the other candidates are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Ranks,
    Scores,
}

/// What a whole count has in common.
pub(super) struct Count<'a> {
    pub graph: &'a KnowledgeGraph,
    pub scorer: &'a dyn Scorer,
    pub side: Side,
    pub filter: Filter,
    pub keep: Keep,
}

impl Count<'_> {
    /// Counts for each triple against `candidates` (ascending), in the order of the triples.
    pub fn against(&self, triples: &[Triple], candidates: &[EntityId]) -> Vec<Counted> {
        let mut places = vec![NOWHERE; self.graph.entity_count()];
        for (place, entity) in candidates.iter().enumerate() {
            places[entity.index()] = place as u32;
        }
        let key = |triple: &Triple| (triple.relation, triple.entity(self.side.opposite()));
        let mut order: Vec<usize> = (0..triples.len()).collect();
        order.sort_by_key(|&at| key(&triples[at]));
        let asked: Vec<&[usize]> = order.chunk_by(|&a, &b| key(&triples[a]) == key(&triples[b])).collect();
        let blocks: Vec<&[&[usize]]> = asked.chunks(QUERIES).collect();
        let count = |block: &&[&[usize]]| self.block(block, triples, candidates, &places);
        let mut counted: Vec<(usize, Counted)> = map_all(&blocks, count).into_iter().flatten().collect();
        counted.sort_unstable_by_key(|(at, _)| *at);
        counted.into_iter().map(|(_, counted)| counted).collect()
    }

    /// One block of different queries, each with the rows of the triples that ask it.
    fn block(
        &self,
        asked: &[&[usize]],
        triples: &[Triple],
        candidates: &[EntityId],
        places: &[u32],
    ) -> Vec<(usize, Counted)> {
        let queries: Vec<Triple> = asked.iter().map(|rows| triples[rows[0]]).collect();
        let mut block = self.scorer.block(self.side, &queries);
        let mut targets = self.targets(block.as_mut(), asked, triples, places);
        let known: Vec<Vec<u32>> = queries.iter().map(|query| self.known(query, places)).collect();
        let mut next_known = vec![0; queries.len()];
        let mut scores = vec![0.0; queries.len() * TILE.min(candidates.len())];
        let mut known_scores = Vec::new();
        for (at, tile) in candidates.chunks(TILE).enumerate() {
            let first = (at * TILE) as u32;
            let scores = &mut scores[..queries.len() * tile.len()];
            block.scores(tile, scores);
            let mut waiting = targets.as_mut_slice();
            for (query, row) in scores.chunks_exact(tile.len()).enumerate() {
                let (own, rest) = waiting.split_at_mut(asked[query].len());
                waiting = rest;
                let ahead = &known[query][next_known[query]..];
                let here = &ahead[..ahead.partition_point(|&place| ((place - first) as usize) < tile.len())];
                next_known[query] += here.len();
                known_scores.clear();
                known_scores.extend(here.iter().map(|&place| row[(place - first) as usize]));
                for target in own {
                    target.count(row, first, &known_scores);
                    if self.keep == Keep::Scores {
                        target.keep(row, first, here);
                    }
                }
            }
        }
        targets.into_iter().map(|target| target.counted(candidates.len(), &known)).collect()
    }

    fn targets(
        &self,
        block: &mut dyn QueryBlock,
        asked: &[&[usize]],
        triples: &[Triple],
        places: &[u32],
    ) -> Vec<Target> {
        let rows = asked.iter().enumerate().flat_map(|(query, rows)| rows.iter().map(move |&row| (query, row)));
        let pairs: Vec<_> = rows.clone().map(|(query, row)| (query as u32, triples[row].entity(self.side))).collect();
        let scores = block.pairs(&pairs);
        rows.zip(pairs)
            .zip(scores)
            .map(|(((query, row), (_, entity)), score)| Target {
                row,
                query,
                place: places[entity.index()],
                is_known: self.filter == Filter::Filtered && self.graph.known.contains(&triples[row]),
                score,
                greater: 0,
                equal: 0,
                others: Vec::new(),
            })
            .collect()
    }

    /// Places of the candidates that the filter takes away, ascending.
    fn known(&self, query: &Triple, places: &[u32]) -> Vec<u32> {
        match self.filter {
            Filter::Unfiltered => Vec::new(),
            Filter::Filtered => {
                let answers = self.graph.known.answers(self.side, query.entity(self.side.opposite()), query.relation());
                answers.map(|entity| places[entity.index()]).filter(|&place| place != NOWHERE).collect()
            }
        }
    }
}

/// A true answer while its candidates go by.
struct Target {
    /// Row of its triple, and of its query in the block.
    row: usize,
    query: usize,
    /// Its own place among the candidates; it need not have one.
    place: u32,
    /// Whether the list of known answers holds it.
    is_known: bool,
    score: f32,
    greater: u32,
    equal: u32,
    others: Vec<f32>,
}

impl Target {
    /// Adds a tile of scores, less those of known answers and of the true answer itself.
    fn count(&mut self, row: &[f32], first: u32, known_scores: &[f32]) {
        let (greater, equal) = count(row, self.score);
        let (known_greater, known_equal) = count(known_scores, self.score);
        self.greater += greater - known_greater;
        self.equal += equal - known_equal;
        let own = row.get(self.place.wrapping_sub(first) as usize).filter(|_| !self.is_known);
        if let Some(score) = own {
            self.greater -= u32::from(*score > self.score);
            self.equal -= u32::from(*score == self.score);
        }
    }

    /// Keeps the scores that were counted.
    fn keep(&mut self, row: &[f32], first: u32, known: &[u32]) {
        let mut known = known.iter().peekable();
        for (at, &score) in row.iter().enumerate() {
            let place = first + at as u32;
            let is_known = known.next_if_eq(&&place).is_some();
            if !is_known && place != self.place {
                self.others.push(score);
            }
        }
    }

    fn counted(self, candidates: usize, known: &[Vec<u32>]) -> (usize, Counted) {
        let stands_itself = self.place != NOWHERE && !self.is_known;
        let others = (candidates - known[self.query].len() - usize::from(stands_itself)) as u32;
        // A score that is no number is beaten by all.
        let (greater, equal) = if self.score.is_nan() { (others, 0) } else { (self.greater, self.equal) };
        let rank = Rank { greater, equal, candidates: others + 1 };
        (self.row, Counted { rank, score: self.score, others: self.others })
    }
}

/// How many scores are greater than, and how many equal to, a target; compiled for wider vectors too.
#[multiversion::multiversion(targets("x86_64+avx2"))]
pub(super) fn count(scores: &[f32], target: f32) -> (u32, u32) {
    let (mut greater, mut equal) = (0, 0);
    for &score in scores {
        greater += u32::from(score > target);
        equal += u32::from(score == target);
    }
    (greater, equal)
}

/// Results in order, on all cores under feature `parallel`.
#[cfg(feature = "parallel")]
pub(super) fn map_all<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;
    items.par_iter().map(f).collect()
}

/// Results in order, on all cores under feature `parallel`.
#[cfg(not(feature = "parallel"))]
pub(super) fn map_all<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.iter().map(f).collect()
}
