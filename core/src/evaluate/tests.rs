//! Ranks against a plain count, on models and graphs with many ties.

use super::*;
use crate::graph::{Roles, Split, SplitTriples, Vocabulary};
use crate::ids::RelationId;
use crate::model::{Arithmetic, Interaction, Model};
use crate::rng::{Stream, below, hash};

const ENTITIES: u32 = 700;
const RELATIONS: u32 = 4;
const DIM: u32 = 4;

/// Rows from few different values, so that many candidates tie.
fn model(interaction: Interaction, seed: u32) -> Model {
    let rows =
        (0..(ENTITIES + RELATIONS) * DIM).map(|at| below(hash(seed, Stream::Init, at, 0), 3) as f32 - 1.0).collect();
    Model::new(interaction, 4.0, ENTITIES as usize, RELATIONS as usize, DIM as usize, rows).expect("the rows fit")
}

fn graph() -> KnowledgeGraph {
    let mut vocabulary = Vocabulary::default();
    for at in 0..ENTITIES {
        vocabulary.entity_or_add(&format!("{}::{at}", ["Compound", "Disease", "Gene"][at as usize % 3]));
    }
    for at in 0..RELATIONS {
        vocabulary.relation_or_add(&format!("relation {at}"));
    }
    let draw = |at: u32, slot: u32, n: u32| below(hash(5, Stream::Init, at, slot), n);
    // Few heads, so that queries have many answers.
    let triples = |from: u32, to: u32| -> Vec<Triple> {
        (from..to)
            .map(|at| Triple { head: draw(at, 0, 9), relation: draw(at, 1, 3), tail: draw(at, 2, ENTITIES) })
            .collect()
    };
    let splits = SplitTriples { train: triples(0, 400), valid: triples(400, 430), test: triples(430, 500) };
    let kind = |name: &str| vocabulary.type_row(name).expect("the type is there");
    let roles = Roles { drug: kind("Compound"), disease: kind("Disease"), treatments: vec![RelationId(0)] };
    KnowledgeGraph::new(vocabulary, splits, Some(roles)).expect("rows exist")
}

fn with(triple: &Triple, side: Side, entity: u32) -> Triple {
    match side {
        Side::Tail => Triple { tail: entity, ..*triple },
        Side::Head => Triple { head: entity, ..*triple },
    }
}

fn plain(graph: &KnowledgeGraph, model: &Model, result: &QueryResult, protocol: &Protocol) -> Rank {
    let kind = |entity: EntityId| graph.vocabulary.entities()[entity.index()].kind;
    let own = result.triple.entity(result.side);
    let stands = |&entity: &u32| {
        let in_set = match protocol.candidates {
            CandidateSet::OfType(wanted) => kind(EntityId(entity)) == wanted,
            CandidateSet::SameType => kind(EntityId(entity)) == kind(own),
            CandidateSet::All | CandidateSet::Sampled { .. } => true,
        };
        let is_known = graph.known.contains(&with(&result.triple, result.side, entity));
        in_set && entity != own.0 && !(is_known && protocol.filter == Filter::Filtered)
    };
    let scores: Vec<f32> =
        (0..ENTITIES).filter(stands).map(|entity| model.score(&with(&result.triple, result.side, entity))).collect();
    Rank {
        greater: scores.iter().filter(|&&score| score > result.score).count() as u32,
        equal: scores.iter().filter(|&&score| score == result.score).count() as u32,
        candidates: scores.len() as u32 + 1,
    }
}

#[test]
fn ranks_are_plain_counts() {
    let graph = graph();
    let triples = [graph.triples(Split::Test), &[Triple { head: 1, relation: 3, tail: 5 }]].concat();
    // Scores of small whole numbers have no rounding in these, so any arithmetic finds the same ties.
    for interaction in [Interaction::TransEL1, Interaction::TransEL2, Interaction::DistMult, Interaction::ComplEx] {
        let model = model(interaction, 3);
        let scorer = ModelScorer::new(&model, Arithmetic::Fast);
        for candidates in [CandidateSet::All, CandidateSet::OfType(TypeId(1)), CandidateSet::SameType] {
            for filter in [Filter::Filtered, Filter::Unfiltered] {
                let protocol = Protocol { candidates, filter, ..Protocol::filtered(Split::Test) };
                let evaluation = evaluate(&graph, &scorer, &triples, &protocol);
                assert_eq!(evaluation.results.len(), 2 * triples.len());
                for (at, result) in evaluation.results.iter().enumerate() {
                    assert_eq!(result.triple, triples[at % triples.len()]);
                    let expected = plain(&graph, &model, result, &protocol);
                    assert_eq!(result.rank, expected, "{} {candidates:?} {filter:?} {at}", interaction.name());
                }
                let others: u32 = evaluation.results.iter().map(|result| result.rank.candidates - 1).sum();
                let pooled = evaluation.pooled().expect("few pairs");
                assert_eq!(pooled.negatives, others as usize, "each other candidate is pooled once");
            }
        }
    }
}

#[test]
fn a_pair_scores_the_same_bits_in_any_block() {
    let graph = graph();
    let triples = graph.triples(Split::Train);
    for interaction in Interaction::ALL {
        for arithmetic in [Arithmetic::Fast, Arithmetic::Portable] {
            let dim = 66;
            let rows = (0..(ENTITIES + RELATIONS) * dim).map(|at| crate::rng::unit(hash(1, Stream::Init, at, 1)));
            let model = Model::new(interaction, 4.0, 700, 4, 66, rows.collect()).expect("the rows fit");
            let scorer = ModelScorer::new(&model, arithmetic);
            let mut block = scorer.block(Side::Tail, triples);
            let run: Vec<EntityId> = (100..613).map(EntityId).collect();
            let some: Vec<EntityId> = run.iter().copied().step_by(7).collect();
            let mut of_run = vec![0.0; triples.len() * run.len()];
            let mut of_some = vec![0.0; triples.len() * some.len()];
            block.scores(&run, &mut of_run);
            block.scores(&some, &mut of_some);
            let pairs: Vec<_> =
                (0..triples.len() as u32).flat_map(|query| some.iter().map(move |&entity| (query, entity))).collect();
            let expected: Vec<f32> =
                of_run.chunks_exact(run.len()).flat_map(|row| row.iter().copied().step_by(7)).collect();
            assert_eq!(of_some, expected, "{} {arithmetic:?}", interaction.name());
            assert_eq!(block.pairs(&pairs), expected, "{} {arithmetic:?}", interaction.name());
            let mut alone = vec![0.0; some.len()];
            scorer.block(Side::Tail, &triples[17..18]).scores(&some, &mut alone);
            assert_eq!(alone, expected[17 * some.len()..18 * some.len()], "{} {arithmetic:?}", interaction.name());
        }
    }
}

#[test]
fn duplicates_of_the_true_answer_tie() {
    let graph = graph();
    for interaction in Interaction::ALL {
        let rows = (0..(ENTITIES + RELATIONS) * 6).map(|at| [0.3, -0.7, 0.11, 0.9, 0.5, 0.7][at as usize % 6]);
        let model = Model::new(interaction, 4.0, 700, 4, 6, rows.collect()).expect("the rows fit");
        let scorer = ModelScorer::new(&model, Arithmetic::Fast);
        for rank in rank(&graph, &scorer, graph.triples(Split::Test), Side::Head, CandidateSet::All) {
            assert_eq!((rank.greater, rank.equal + 1), (0, rank.candidates), "{}", interaction.name());
        }
    }
}

#[test]
fn sampled_candidates_are_of_the_same_type_and_do_not_depend_on_the_list() {
    let graph = graph();
    let model = model(Interaction::DistMult, 8);
    let scorer = ModelScorer::new(&model, Arithmetic::Fast);
    let triples = graph.triples(Split::Test);
    for filter in [Filter::Filtered, Filter::Unfiltered] {
        let sampled = |count| Protocol {
            candidates: CandidateSet::Sampled { count, seed: 1 },
            filter,
            ..Protocol::filtered(Split::Test)
        };
        let all = evaluate(&graph, &scorer, triples, &sampled(50));
        assert!(all.results.iter().all(|result| result.rank.candidates == 50));
        let last = evaluate(&graph, &scorer, &triples[triples.len() - 1..], &sampled(50));
        assert_eq!(last.results[1], *all.results.last().expect("there are results"));
        // With a count beyond the type, the sample is the type.
        let whole = evaluate(&graph, &scorer, triples, &sampled(ENTITIES));
        let typed = Protocol { candidates: CandidateSet::SameType, ..sampled(50) };
        assert_eq!(whole.results, evaluate(&graph, &scorer, triples, &typed).results);
        assert!(all.words.contains("49 entities of its type drawn at random (seed 1)"), "{}", all.words);
    }
}

#[test]
fn a_score_that_is_no_number_comes_last() {
    struct Nothing;
    impl Scorer for Nothing {
        fn block<'a>(&'a self, _: Side, _: &'a [Triple]) -> Box<dyn QueryBlock + 'a> {
            Box::new(Nothing)
        }
    }
    impl QueryBlock for Nothing {
        fn scores(&mut self, _: &[EntityId], scores: &mut [f32]) {
            scores.fill(f32::NAN);
        }
        fn pairs(&mut self, pairs: &[(u32, EntityId)]) -> Vec<f32> {
            vec![f32::NAN; pairs.len()]
        }
    }
    let graph = graph();
    for candidates in [CandidateSet::All, CandidateSet::Sampled { count: 5, seed: 0 }] {
        for rank in rank(&graph, &Nothing, graph.triples(Split::Test), Side::Tail, candidates) {
            assert_eq!(rank.greater + 1, rank.candidates);
        }
    }
}

#[test]
fn groups_hold_every_query_once() {
    let graph = graph();
    let evaluation =
        evaluate(&graph, &DegreeScorer(&graph), graph.triples(Split::Test), &Protocol::filtered(Split::Test));
    for by in [By::Side, By::Relation, By::RelationCategory, By::Degree] {
        let groups = evaluation.breakdown(&graph, by);
        let queries: usize = groups.iter().map(|group| group.metrics.queries).sum();
        assert_eq!(queries, evaluation.results.len(), "{by:?}");
        let mean = groups.iter().map(|group| group.metrics.mrr * group.metrics.queries as f64).sum::<f64>();
        assert!((mean / queries as f64 - evaluation.metrics().mrr).abs() < 1e-12, "{by:?}");
    }
    let names = |by| evaluation.breakdown(&graph, by).into_iter().map(|group| group.name).collect::<Vec<_>>();
    assert_eq!(names(By::Side), ["heads", "tails"]);
    assert_eq!(names(By::Degree), ["0", "1–3", "16–63"]);
    assert!(names(By::Disease).iter().all(|name| name.parse::<u32>().is_ok_and(|row| row % 3 == 1)));
}

#[test]
fn categories_follow_means_of_partners() {
    let mut vocabulary = Vocabulary::default();
    (0..8).for_each(|at| _ = vocabulary.entity_or_add(&format!("Thing::{at}")));
    (0..6).for_each(|at| _ = vocabulary.relation_or_add(&at.to_string()));
    let rows = [
        [0, 0, 1],
        [2, 0, 3], // 1-1
        [0, 1, 1],
        [0, 1, 2],
        [0, 1, 2], // 1-N; a triple that is there twice counts once
        [1, 2, 0],
        [2, 2, 0], // N-1
        [0, 3, 2],
        [0, 3, 3],
        [1, 3, 2],
        [1, 3, 3], // N-N
        [0, 4, 1],
        [0, 4, 2],
        [3, 4, 4],
        [5, 4, 6], // 4 triples, 3 heads: below 1.5
    ];
    let train = rows.map(|[head, relation, tail]| Triple { head, relation, tail }).to_vec();
    let graph =
        KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, None).expect("rows exist");
    let names = relation_categories(&graph).into_iter().map(RelationCategory::name).collect::<Vec<_>>();
    assert_eq!(names, ["1-1", "1-N", "N-1", "N-N", "1-1", "no training triple"]);
}
