//! Which drugs does a model rank first for a disease, and which diseases for a drug?
//!
//! A drug and a disease are scored as head and tail of every treatment relation; their score is the best
//! over these relations, as in DRKG's own drug-repurposing notebook. Nothing is filtered: known
//! treatments stay in the list and are marked.
//!
//! Candidates are scored one by one rather than as a matrix product: each row is read from memory once,
//! for all relations, which is what the time goes into, and the bits are the same on every machine.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Roles, Side, Split, Treatment};
use crate::ids::{EntityId, RelationId, TypeId};
use crate::model::{Model, Similarity};

/// What the graph says about a drug and a disease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LinkStatus {
    /// A treatment the model was trained on.
    Known,
    /// A true treatment kept from training, to test the model.
    HeldOut,
    /// Not in the graph: a prediction.
    Predicted,
}

impl From<Split> for LinkStatus {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => LinkStatus::Known,
            Split::Valid | Split::Test => LinkStatus::HeldOut,
        }
    }
}

/// A drug's place in the ranking of a disease.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankedDrug {
    /// The drug.
    pub drug: EntityId,
    /// Realistic rank from 1; ties share their mean.
    pub rank: f32,
    /// Share of the other drugs that it is ahead of, in percent: `100 (n − rank) / (n − 1)`.
    pub percentile: f32,
    /// Best score over the treatment relations.
    pub score: f32,
    /// What the graph says.
    pub status: LinkStatus,
}

/// A disease's place in the ranking of a drug.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankedDisease {
    /// The disease.
    pub disease: EntityId,
    /// Realistic rank from 1; ties share their mean.
    pub rank: f32,
    /// Share of the other diseases that it is ahead of, in percent: `100 (n − rank) / (n − 1)`.
    pub percentile: f32,
    /// Best score over the treatment relations.
    pub score: f32,
    /// What the graph says.
    pub status: LinkStatus,
}

/// What is asked, where it is more than one disease or one drug.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The end that the candidates stand at: [`Side::Head`] ranks drugs, [`Side::Tail`] diseases.
    pub side: Side,
    /// The diseases, or the drugs; the best of them counts.
    pub given: &'a [EntityId],
    /// The relations; the best of them counts.
    pub relations: &'a [RelationId],
    /// Who is ranked.
    pub candidates: &'a [EntityId],
}

/// A candidate's place in the answer to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// The candidate.
    pub entity: EntityId,
    /// Realistic rank from 1; ties share their mean.
    pub rank: f32,
    /// Share of the other candidates that it is ahead of, in percent: `100 (n − rank) / (n − 1)`.
    pub percentile: f32,
    /// Best score over the given entities and relations.
    pub score: f32,
    /// Which of the given entities gave it; the first of equals.
    pub best_with: EntityId,
    /// What the graph says of the candidate and any of the given entities: known before held out before predicted.
    pub status: LinkStatus,
}

/// Candidates best first; equal scores in their order. With one disease, the treatment relations and all drugs, the
/// answer is that of [`rank_drugs`], to the bit.
///
/// # Errors
/// [`Error::NotFound`] for rows outside the graph or the model, and where nothing is given or there are no relations.
pub fn rank(graph: &KnowledgeGraph, model: &Model, question: &Question<'_>) -> Result<Vec<Ranked>> {
    let Question { side, given, relations, candidates } = *question;
    let entities = graph.entity_count().min(model.entity_count());
    let is_missing = |row: &EntityId| row.index() >= entities;
    if given.iter().chain(candidates).any(is_missing)
        || relations.iter().any(|row| row.index() >= graph.relation_count())
    {
        return Err(Error::NotFound("an entity or a relation of the question is not in the pack".into()));
    }
    let (Some(&first), false) = (given.first(), relations.is_empty()) else {
        return Err(Error::NotFound("a question needs an entity and a relation".into()));
    };
    let mut best = best_scores(model, side, first, relations, candidates);
    let mut best_with = vec![first; candidates.len()];
    for &other in &given[1..] {
        for (at, score) in best_scores(model, side, other, relations, candidates).into_iter().enumerate() {
            if score > best[at] {
                (best[at], best_with[at]) = (score, other);
            }
        }
    }
    let stated: Vec<&[Treatment]> = match side {
        Side::Head => given.iter().map(|disease| graph.treatments.of_disease(*disease)).collect(),
        Side::Tail => given.iter().map(|drug| graph.treatments.of_drug(*drug)).collect(),
    };
    let candidate_of = |pair: &Treatment| if side == Side::Head { pair.drug } else { pair.disease };
    let status = |candidate: EntityId| {
        let found = stated.iter().filter_map(|pairs| {
            let at = pairs.binary_search_by_key(&candidate, candidate_of).ok()?;
            Some(LinkStatus::from(pairs[at].split))
        });
        found.min().unwrap_or(LinkStatus::Predicted)
    };
    Ok(places(&best)
        .map(|(at, rank, percentile)| Ranked {
            entity: candidates[at],
            rank,
            percentile,
            score: best[at],
            best_with: best_with[at],
            status: status(candidates[at]),
        })
        .collect())
}

/// All drugs for a disease, best first; equal scores by row.
///
/// # Errors
/// [`Error::NotFound`] when the graph has no drugs and diseases, or `disease` is none.
pub fn rank_drugs(graph: &KnowledgeGraph, model: &Model, disease: EntityId) -> Result<Vec<RankedDrug>> {
    let roles = roles(graph)?;
    expect_kind(graph, disease, roles.disease, "disease")?;
    let candidates = graph.vocabulary.of_type(roles.drug);
    let ranked = rank(
        graph,
        model,
        &Question { side: Side::Head, given: &[disease], relations: &roles.treatments, candidates },
    )?;
    let row = |Ranked { entity, rank, percentile, score, status, .. }| RankedDrug {
        drug: entity,
        rank,
        percentile,
        score,
        status,
    };
    Ok(ranked.into_iter().map(row).collect())
}

/// All diseases for a drug, best first; equal scores by row.
///
/// Scores of one pair agree with [`rank_drugs`] up to rounding: the query is made from the other end.
///
/// # Errors
/// [`Error::NotFound`] when the graph has no drugs and diseases, or `drug` is none.
pub fn rank_diseases(graph: &KnowledgeGraph, model: &Model, drug: EntityId) -> Result<Vec<RankedDisease>> {
    let roles = roles(graph)?;
    expect_kind(graph, drug, roles.drug, "drug")?;
    let candidates = graph.vocabulary.of_type(roles.disease);
    let ranked =
        rank(graph, model, &Question { side: Side::Tail, given: &[drug], relations: &roles.treatments, candidates })?;
    let row = |Ranked { entity, rank, percentile, score, status, .. }| RankedDisease {
        disease: entity,
        rank,
        percentile,
        score,
        status,
    };
    Ok(ranked.into_iter().map(row).collect())
}

fn roles(graph: &KnowledgeGraph) -> Result<&Roles> {
    let missing = || Error::NotFound("this pack does not say which entities are drugs and diseases".into());
    graph.roles.as_ref().ok_or_else(missing)
}

fn expect_kind(graph: &KnowledgeGraph, entity: EntityId, kind: TypeId, word: &str) -> Result<()> {
    match graph.vocabulary.entity(entity) {
        Some(entity) if entity.kind == kind => Ok(()),
        Some(entity) => Err(Error::NotFound(format!("{} is not a {word}", entity.label))),
        None => Err(Error::NotFound(format!("this {word} is not in the pack"))),
    }
}

/// Best score of each candidate on `side` over the relations, `[candidates]`.
fn best_scores(
    model: &Model,
    side: Side,
    given: EntityId,
    relations: &[RelationId],
    candidates: &[EntityId],
) -> Vec<f32> {
    let mut queries = vec![0.0; relations.len() * model.dim()];
    for (&relation, query) in relations.iter().zip(queries.chunks_exact_mut(model.dim())) {
        model.query(side, given, relation, query);
    }
    let mut best = vec![f32::MIN; candidates.len()];
    score_rows(model, model.interaction.similarity(), &queries, candidates, &mut best);
    best
}

/// Raises `best` to the best score over `queries`; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn score_rows(model: &Model, similarity: Similarity, queries: &[f32], candidates: &[EntityId], best: &mut [f32]) {
    for (best, &candidate) in best.iter_mut().zip(candidates) {
        let row = model.entity(candidate);
        for query in queries.chunks_exact(model.dim()) {
            *best = best.max(similarity.score(model.gamma, query, row));
        }
    }
}

/// Positions best first, with rank and percentile.
fn places(scores: &[f32]) -> impl Iterator<Item = (usize, f32, f32)> {
    let order = descending(scores);
    let count = order.len();
    let mut ranks = Vec::with_capacity(count);
    for tied in order.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]) {
        let rank = ranks.len() as f32 + 0.5 * (tied.len() + 1) as f32;
        ranks.resize(ranks.len() + tied.len(), rank);
    }
    order.into_iter().zip(ranks).map(move |(at, rank)| {
        let percentile = 100.0 * (count as f32 - rank) / (count.max(2) - 1) as f32;
        (at as usize, rank, percentile)
    })
}

/// Positions by falling score, equal scores by position: [`f32::total_cmp`] as an integer above the
/// position, so that the sort compares plain words.
fn descending(scores: &[f32]) -> Vec<u32> {
    let key = |(at, score): (usize, &f32)| {
        let bits = score.to_bits();
        let ascending = if bits >> 31 == 0 { bits | (1 << 31) } else { !bits };
        (u64::from(!ascending) << 32) | at as u64
    };
    let mut keys: Vec<u64> = scores.iter().enumerate().map(key).collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{SplitTriples, Triple, Vocabulary};
    use crate::model::Interaction;
    use crate::rng::{Stream, below, hash, unit};

    const DRUGS: u32 = 30;
    const DISEASES: u32 = 9;

    /// Drugs, diseases and random triples of three relations, the first two treatments; a triple can
    /// stand in several splits.
    fn graph(seed: u32) -> KnowledgeGraph {
        let mut vocabulary = Vocabulary::default();
        for (kind, count) in [("Compound", DRUGS), ("Disease", DISEASES)] {
            (0..count).map(|row| format!("{kind}::{row}")).for_each(|id| assert!(vocabulary.entity_or_add(&id).0 < 39));
        }
        let relations = ["a::T", "b::T", "c::X"].map(|id| vocabulary.relation_or_add(id));
        let draw = |at, slot, n| below(hash(seed, Stream::Negative, at, slot), n);
        let triples = |from: u32, to: u32| {
            let triple =
                |at| Triple { head: draw(at, 0, DRUGS), relation: draw(at, 1, 3), tail: DRUGS + draw(at, 2, DISEASES) };
            (from..to).map(triple).collect::<Vec<_>>()
        };
        let splits = SplitTriples { train: triples(0, 60), valid: triples(50, 80), test: triples(70, 100) };
        let kind = |row: usize| vocabulary.entities()[row].kind;
        let roles = Roles { drug: kind(0), disease: kind(DRUGS as usize), treatments: relations[..2].to_vec() };
        KnowledgeGraph::new(vocabulary, splits, Some(roles)).expect("all rows exist")
    }

    /// What a scan of all triples says.
    fn status(graph: &KnowledgeGraph, drug: u32, disease: u32) -> LinkStatus {
        let stated = |split| graph.triples(split).iter().any(|t| t.head == drug && t.tail == disease && t.relation < 2);
        match Split::ALL.map(stated) {
            [true, ..] => LinkStatus::Known,
            [_, false, false] => LinkStatus::Predicted,
            _ => LinkStatus::HeldOut,
        }
    }

    #[test]
    fn rankings_are_those_of_a_scan_to_the_bit() {
        for (seed, interaction) in (0..).zip(Interaction::ALL) {
            let (graph, dim) = (graph(seed), 24);
            // Few values, so that scores tie.
            let rows = (0..(DRUGS + DISEASES + 3) * dim)
                .map(|at| (unit(hash(seed, Stream::Init, at / dim % 13, at % dim)) * 8.0).round());
            let model = Model::new(interaction, 6.0, 39, 3, dim as usize, rows.collect()).expect("the rows fit");
            let score = |side: Side, given: u32, candidate: u32| {
                let mut query = vec![0.0; dim as usize];
                let scores = [0, 1].map(|relation| {
                    model.query(side, EntityId(given), RelationId(relation), &mut query);
                    interaction.similarity().score(model.gamma, &query, model.entity(EntityId(candidate)))
                });
                scores[0].max(scores[1])
            };
            let place = |scores: &[f32], score: f32| {
                let (above, tied) =
                    (scores.iter().filter(|s| **s > score).count(), scores.iter().filter(|s| **s == score).count());
                let rank = above as f32 + 0.5 * (tied + 1) as f32;
                (rank, 100.0 * (scores.len() as f32 - rank) / (scores.len() - 1) as f32)
            };
            for disease in DRUGS..DRUGS + DISEASES {
                let ranked = rank_drugs(&graph, &model, EntityId(disease)).expect("it is a disease");
                let scores: Vec<f32> = (0..DRUGS).map(|drug| score(Side::Head, disease, drug)).collect();
                assert_eq!(ranked.len(), scores.len());
                assert!(ranked.is_sorted_by(|a, b| (b.score, a.drug) < (a.score, b.drug)));
                for row in ranked {
                    let expected = scores[row.drug.index()];
                    assert_eq!((row.rank, row.percentile), place(&scores, expected));
                    assert_eq!(row.score.to_bits(), expected.to_bits());
                    assert_eq!(row.status, status(&graph, row.drug.0, disease));
                }
            }
            for drug in 0..DRUGS {
                let ranked = rank_diseases(&graph, &model, EntityId(drug)).expect("it is a drug");
                let scores: Vec<f32> =
                    (DRUGS..DRUGS + DISEASES).map(|disease| score(Side::Tail, drug, disease)).collect();
                assert_eq!(ranked.len(), scores.len());
                assert!(ranked.is_sorted_by(|a, b| (b.score, a.disease) < (a.score, b.disease)));
                for row in ranked {
                    let expected = scores[(row.disease.0 - DRUGS) as usize];
                    assert_eq!((row.rank, row.percentile), place(&scores, expected));
                    assert_eq!(row.score.to_bits(), expected.to_bits());
                    assert_eq!(row.status, status(&graph, drug, row.disease.0));
                }
            }
            assert!(rank_drugs(&graph, &model, EntityId(0)).is_err(), "a drug is no disease");
            assert!(rank_diseases(&graph, &model, EntityId(DRUGS)).is_err(), "a disease is no drug");
            assert!(rank_diseases(&graph, &model, EntityId(999)).is_err());
        }
    }

    #[test]
    fn several_questions_at_once_keep_the_best_of_each_candidate() {
        let (graph, dim) = (graph(3), 16);
        let rows = (0..(DRUGS + DISEASES + 3) * dim).map(|at| unit(hash(9, Stream::Init, at, 0)));
        let model = Model::new(Interaction::TransEL2, 6.0, 39, 3, dim as usize, rows.collect()).expect("the rows fit");
        let (given, relations) = ([EntityId(DRUGS + 2), EntityId(DRUGS + 7)], [RelationId(1)]);
        let candidates: Vec<EntityId> = (0..DRUGS).filter(|row| row % 3 != 0).map(EntityId).collect();
        let ask = |given: &[EntityId]| {
            let question = Question { side: Side::Head, given, relations: &relations, candidates: &candidates };
            rank(&graph, &model, &question).expect("all rows exist")
        };
        let [together, first, second] = [&given[..], &given[..1], &given[1..]].map(ask);
        let of = |list: &[Ranked], entity| *list.iter().find(|row| row.entity == entity).expect("it was a candidate");
        assert_eq!(together.len(), candidates.len());
        for row in &together {
            let (a, b) = (of(&first, row.entity), of(&second, row.entity));
            assert_eq!(row.score, a.score.max(b.score));
            assert_eq!(row.best_with, given[usize::from(b.score > a.score)]);
            assert_eq!(row.status, a.status.min(b.status));
        }
        assert!(together.is_sorted_by(|a, b| a.score >= b.score && a.rank <= b.rank));
        let wrong = Question { side: Side::Head, given: &[], relations: &relations, candidates: &candidates };
        assert!(rank(&graph, &model, &wrong).is_err());
        assert!(rank(&graph, &model, &Question { given: &[EntityId(99)], ..wrong }).is_err());
        assert!(rank(&graph, &model, &Question { given: &given, relations: &[RelationId(3)], ..wrong }).is_err());
    }

    #[test]
    fn the_order_is_that_of_total_cmp() {
        let scores = [0.5, -1.0, 0.0, f32::MIN, -0.0, 0.5, 3e-40, f32::MAX, -3e-40, -1.0];
        let mut expected: Vec<u32> = (0..scores.len() as u32).collect();
        expected.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
        assert_eq!(descending(&scores), expected);
    }
}
