//! Filtered ranking: where does the true answer stand among all candidates?
//!
//! For a query with true answer `t`, candidates are all entities of the protocol's set except the
//! other answers known to be true (train, valid and test). From two counts per query,
//! `greater` and `equal` (other candidates scoring the same), the ranks are
//!
//! `optimistic = greater + 1`, `pessimistic = greater + equal + 1`, `realistic` = their mean
//! (Berrendorf et al., 2020; PyKEEN).

use crate::graph::{KnowledgeGraph, Side, Split, Triple};
use crate::ids::{EntityId, TypeId};
use crate::model::{Arithmetic, Model};

/// Queries scored together, and candidates per tile: a tile of scores fits the second-level cache.
const QUERIES: usize = 64;
const CANDIDATES: usize = 1024;

/// Ranks of one query's true answer, from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// Candidates that score strictly higher.
    pub greater: u32,
    /// Other candidates that score the same.
    pub equal: u32,
    /// All candidates, the true answer among them.
    pub candidates: u32,
}

impl Rank {
    /// Ties resolved for the true answer.
    pub fn optimistic(&self) -> f64 {
        f64::from(self.greater + 1)
    }

    /// Ties resolved against it.
    pub fn pessimistic(&self) -> f64 {
        f64::from(self.greater + self.equal + 1)
    }

    /// The mean of both: what a tie is worth in expectation.
    pub fn realistic(&self) -> f64 {
        0.5 * (self.optimistic() + self.pessimistic())
    }

    /// Expected rank of a random answer, `(candidates + 1) / 2`.
    pub fn expected(&self) -> f64 {
        0.5 * (f64::from(self.candidates) + 1.0)
    }
}

/// Which entities stand against the true answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateSet {
    /// Every entity of the graph.
    All,
    /// Entities of one type.
    OfType(TypeId),
}

/// How a metric was measured; its [`Protocol::words`] go wherever the number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// Whose triples are asked.
    pub split: Split,
    /// Which ends; `None` for both.
    pub side: Option<Side>,
    /// Candidates.
    pub candidates: CandidateSet,
}

impl Protocol {
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
        };
        format!(
            "{} split, {queries} queries for {side}, filtered, against {candidates}, realistic rank for ties",
            self.split.name()
        )
    }
}

/// Rank-based metrics over realistic ranks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Metrics {
    /// Number of queries.
    pub queries: usize,
    /// Mean reciprocal rank, `mean 1/rank`.
    pub mrr: f64,
    /// Mean rank.
    pub mean_rank: f64,
    /// Adjusted mean rank index, `1 − Σ(rank − 1) / Σ(expected − 1)`: 1 is perfect, 0 is chance.
    pub amri: f64,
    /// Share of queries with rank ≤ 1.
    pub hits_at_1: f64,
    /// Share of queries with rank ≤ 3.
    pub hits_at_3: f64,
    /// Share of queries with rank ≤ 10.
    pub hits_at_10: f64,
}

impl Metrics {
    /// Of some ranks; zeros for none.
    pub fn of(ranks: &[Rank]) -> Self {
        if ranks.is_empty() {
            return Metrics::default();
        }
        let count = ranks.len() as f64;
        let mean = |f: &dyn Fn(&Rank) -> f64| ranks.iter().map(f).sum::<f64>() / count;
        let hits = |k: f64| mean(&|rank| f64::from(u8::from(rank.realistic() <= k)));
        let chance = mean(&|rank| rank.expected() - 1.0);
        Metrics {
            queries: ranks.len(),
            mrr: mean(&|rank| 1.0 / rank.realistic()),
            mean_rank: mean(&|rank| rank.realistic()),
            amri: if chance > 0.0 { 1.0 - mean(&|rank| rank.realistic() - 1.0) / chance } else { 0.0 },
            hits_at_1: hits(1.0),
            hits_at_3: hits(3.0),
            hits_at_10: hits(10.0),
        }
    }
}

/// Something that scores all candidates of queries: a model, or a baseline.
pub trait Scorer {
    /// Scores of entities `from .. from + width` for each query (given end, relation), into `[queries, width]`.
    fn score_block(&mut self, side: Side, queries: &[Triple], from: usize, width: usize, scores: &mut [f32]);

    /// Score of each query's own true answer, by the same arithmetic: ties must compare equal.
    fn score_true(&mut self, side: Side, queries: &[Triple]) -> Vec<f32>;
}

/// A model as a scorer; keeps its working arrays.
pub struct ModelScorer<'a> {
    model: &'a Model,
    arithmetic: Arithmetic,
    queries: Vec<f32>,
    norms: Vec<f32>,
}

impl<'a> ModelScorer<'a> {
    /// Scores with `model`.
    pub fn new(model: &'a Model, arithmetic: Arithmetic) -> Self {
        ModelScorer { model, arithmetic, queries: Vec::new(), norms: Vec::new() }
    }

    fn fill_queries(&mut self, side: Side, queries: &[Triple]) {
        let dim = self.model.dim();
        self.queries.resize(queries.len() * dim, 0.0);
        for (triple, query) in queries.iter().zip(self.queries.chunks_exact_mut(dim)) {
            self.model.query(side, triple.entity(side.opposite()), triple.relation(), query);
        }
    }
}

impl Scorer for ModelScorer<'_> {
    fn score_block(&mut self, side: Side, queries: &[Triple], from: usize, width: usize, scores: &mut [f32]) {
        self.fill_queries(side, queries);
        let table = self.model.entity_table();
        let candidates = table.slice(ndarray::s![from..from + width, ..]);
        self.model.score_block(self.arithmetic, &self.queries, candidates, &mut self.norms, scores);
    }

    fn score_true(&mut self, side: Side, queries: &[Triple]) -> Vec<f32> {
        self.fill_queries(side, queries);
        let rows: Vec<usize> = queries.iter().map(|triple| triple.entity(side).index()).collect();
        let own = self.model.entity_table().select(ndarray::Axis(0), &rows);
        let mut scores = vec![0.0; queries.len() * queries.len()];
        self.model.score_block(self.arithmetic, &self.queries, own.view(), &mut self.norms, &mut scores);
        scores.into_iter().step_by(queries.len() + 1).collect()
    }
}

/// The baseline beside every model: a candidate's score is its number of training triples.
pub struct DegreeScorer<'a>(pub &'a KnowledgeGraph);

impl Scorer for DegreeScorer<'_> {
    fn score_block(&mut self, _side: Side, _queries: &[Triple], from: usize, width: usize, scores: &mut [f32]) {
        for row in scores.chunks_exact_mut(width) {
            for (at, score) in row.iter_mut().enumerate() {
                *score = self.0.degree(EntityId((from + at) as u32)) as f32;
            }
        }
    }

    fn score_true(&mut self, side: Side, queries: &[Triple]) -> Vec<f32> {
        queries.iter().map(|triple| self.0.degree(triple.entity(side)) as f32).collect()
    }
}

/// Ranks the true answer of each triple on `side`, filtered.
pub fn rank(
    graph: &KnowledgeGraph,
    scorer: &mut dyn Scorer,
    triples: &[Triple],
    side: Side,
    set: CandidateSet,
) -> Vec<Rank> {
    let entities = graph.entity_count();
    let allowed: Vec<bool> = match set {
        CandidateSet::All => vec![true; entities],
        CandidateSet::OfType(kind) => graph.vocabulary.entities().iter().map(|entity| entity.kind == kind).collect(),
    };
    let candidates = allowed.iter().filter(|&&is| is).count();
    let mut scores = vec![0.0; QUERIES * CANDIDATES];
    let mut ranks = Vec::with_capacity(triples.len());
    for block in triples.chunks(QUERIES) {
        let targets = scorer.score_true(side, block);
        let excluded: Vec<Vec<usize>> = block.iter().map(|triple| excluded(graph, triple, side, &allowed)).collect();
        let mut counts: Vec<[usize; 2]> = vec![[0; 2]; block.len()];
        for from in (0..entities).step_by(CANDIDATES) {
            let width = CANDIDATES.min(entities - from);
            let tile = &mut scores[..block.len() * width];
            scorer.score_block(side, block, from, width, tile);
            for (query, row) in tile.chunks_exact(width).enumerate() {
                let [greater, equal] = &mut counts[query];
                let target = targets[query];
                for (&score, &is_candidate) in row.iter().zip(&allowed[from..]) {
                    // A target that is no number is beaten by all.
                    *greater += usize::from(is_candidate & ((score > target) | target.is_nan()));
                    *equal += usize::from(is_candidate & (score == target));
                }
                let counted = |at: &&usize| (from..from + width).contains(*at) && allowed[**at];
                for &at in excluded[query].iter().filter(counted) {
                    *greater -= usize::from((row[at - from] > target) | target.is_nan());
                    *equal -= usize::from(row[at - from] == target);
                }
            }
        }
        ranks.extend(counts.iter().zip(&excluded).map(|([greater, equal], excluded)| Rank {
            greater: *greater as u32,
            equal: *equal as u32,
            candidates: (candidates + 1 - excluded.iter().filter(|at| allowed[**at]).count()) as u32,
        }));
    }
    ranks
}

/// Candidates that do not stand against a triple's true answer: the answer itself and all known ones.
fn excluded(graph: &KnowledgeGraph, triple: &Triple, side: Side, allowed: &[bool]) -> Vec<usize> {
    let known = graph.known.answers(side, triple.entity(side.opposite()), triple.relation());
    let mut rows: Vec<usize> = known.map(EntityId::index).filter(|&row| allowed[row]).collect();
    let own = triple.entity(side).index();
    if let Err(place) = rows.binary_search(&own) {
        rows.insert(place, own);
    }
    rows
}
