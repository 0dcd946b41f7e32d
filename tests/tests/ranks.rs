//! Filtered ranks against a plain count, on random models and graphs with ties.

use lladr_core::evaluate::{CandidateSet, DegreeScorer, ModelScorer, Protocol, Rank, Scorer, evaluate, rank};
use lladr_core::graph::{KnowledgeGraph, Side, Split, SplitTriples, Triple, Vocabulary};
use lladr_core::ids::EntityId;
use lladr_core::model::{Arithmetic, Interaction, Model};
use lladr_core::predict::{LinkStatus, rank_drugs};
use lladr_core::rng::{Stream, hash, unit};
use lladr_tests::toy;
use proptest::prelude::*;

const ENTITIES: u32 = 11;

/// Scores of small whole numbers have no rounding in these, so any arithmetic finds the same ties.
const EXACT: [Interaction; 4] =
    [Interaction::TransEL1, Interaction::TransEL2, Interaction::DistMult, Interaction::ComplEx];

/// Rows from few different values, so that many candidates tie.
fn model(interaction: Interaction, seed: u32) -> Model {
    let dim = if interaction.is_complex() { 4 } else { 3 };
    let rows =
        (0..(ENTITIES + 2) * dim).map(|at| (unit(hash(seed, Stream::Init, at, 0)) * 3.0).floor() - 1.0).collect();
    Model::new(interaction, 4.0, ENTITIES as usize, 2, dim as usize, rows).expect("the rows fit")
}

fn graph(triples: Vec<Triple>) -> KnowledgeGraph {
    let mut vocabulary = Vocabulary::default();
    for at in 0..ENTITIES {
        vocabulary.entity_or_add(&format!("{}::{at}", if at.is_multiple_of(2) { "Even" } else { "Odd" }));
    }
    for name in ["a", "b"] {
        vocabulary.relation_or_add(name);
    }
    KnowledgeGraph::new(vocabulary, SplitTriples { train: triples, ..SplitTriples::default() }, None)
        .expect("rows exist")
}

fn plain(graph: &KnowledgeGraph, model: &Model, triple: &Triple, side: Side, only_even: bool) -> Rank {
    let with = |entity: u32| match side {
        Side::Tail => Triple { tail: entity, ..*triple },
        Side::Head => Triple { head: entity, ..*triple },
    };
    let own = triple.entity(side).0;
    let target = model.score(triple);
    let others = (0..ENTITIES).filter(|&e| e != own && !graph.known.contains(&with(e)) && !(only_even && e % 2 == 1));
    let scores: Vec<f32> = others.map(|entity| model.score(&with(entity))).collect();
    Rank {
        greater: scores.iter().filter(|&&score| score > target).count() as u32,
        equal: scores.iter().filter(|&&score| score == target).count() as u32,
        candidates: scores.len() as u32 + 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn filtered_ranks_are_plain_counts(
        rows in prop::collection::vec((0..ENTITIES, 0..2u32, 0..ENTITIES), 1..40),
        seed in 0..1000u32,
        which in 0..EXACT.len(),
    ) {
        let triples: Vec<Triple> = rows.iter().map(|&(head, relation, tail)| Triple { head, relation, tail }).collect();
        let graph = graph(triples);
        let model = model(EXACT[which], seed);
        let even = graph.vocabulary.type_row("Even").expect("entity 0 is even");
        for side in Side::BOTH {
            let triples = graph.triples(Split::Train);
            let all = rank(&graph, &ModelScorer::new(&model, Arithmetic::Fast), triples, side, CandidateSet::All);
            let expected: Vec<Rank> = triples.iter().map(|t| plain(&graph, &model, t, side, false)).collect();
            prop_assert_eq!(all, expected);
            // The true answer need not be a candidate itself: it is ranked among those that are.
            let typed = rank(&graph, &ModelScorer::new(&model, Arithmetic::Fast), triples, side, CandidateSet::OfType(even));
            let expected: Vec<Rank> = triples.iter().map(|t| plain(&graph, &model, t, side, true)).collect();
            prop_assert_eq!(typed, expected);
        }
    }
}

#[test]
fn ranks_do_not_depend_on_tiles() {
    // More entities than a tile holds, all rows equal: everything ties with everything.
    let mut vocabulary = Vocabulary::default();
    let count = 2500;
    for at in 0..count {
        vocabulary.entity_or_add(&format!("Entity::{at}"));
    }
    vocabulary.relation_or_add("r");
    let train = vec![Triple { head: 0, relation: 0, tail: 2400 }, Triple { head: 1, relation: 0, tail: 7 }];
    let graph =
        KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, None).expect("rows exist");
    for interaction in Interaction::ALL {
        let rows = (0..(count + 1) * 6).map(|at| [0.3, -0.7, 0.11, 0.9, 0.5, 0.2][at % 6]).collect();
        let model = Model::new(interaction, 4.0, count, 1, 6, rows).expect("the rows fit");
        let ranks = rank(
            &graph,
            &ModelScorer::new(&model, Arithmetic::Fast),
            graph.triples(Split::Train),
            Side::Tail,
            CandidateSet::All,
        );
        for rank in ranks {
            assert_eq!((rank.greater, rank.equal), (0, count as u32 - 1), "{}", interaction.name());
        }
    }
}

#[test]
fn the_degree_baseline_counts_training_triples() {
    let graph = graph(vec![Triple { head: 0, relation: 0, tail: 1 }, Triple { head: 0, relation: 1, tail: 2 }]);
    let (scorer, triples) = (DegreeScorer(&graph), graph.triples(Split::Train));
    let mut block = scorer.block(Side::Tail, triples);
    let mut scores = vec![0.0; 2 * 3];
    block.scores(&[EntityId(0), EntityId(1), EntityId(2)], &mut scores);
    assert_eq!(scores, [2.0, 1.0, 1.0, 2.0, 1.0, 1.0]);
    assert_eq!(block.pairs(&[(1, EntityId(0))]), [2.0]);
}

#[test]
fn drugs_are_ranked_once_with_their_status() {
    let graph = toy::clinic();
    let dim = 4;
    let rows = (0..(12 + 3) * dim).map(|at| unit(hash(4, Stream::Init, at, 1))).collect();
    let model = Model::new(Interaction::TransEL2, 6.0, 12, 3, dim as usize, rows).expect("the rows fit");
    let ranked = rank_drugs(&graph, &model, toy::CLINIC_DISEASE).expect("it is a disease");
    assert_eq!(ranked.len(), 6);
    assert!(ranked.is_sorted_by(|a, b| a.score >= b.score && a.rank <= b.rank));
    let status = |drug: u32| ranked.iter().find(|row| row.drug.0 == drug).map(|row| row.status);
    assert_eq!(status(0), Some(LinkStatus::Known));
    assert_eq!(status(2), Some(LinkStatus::HeldOut));
    assert_eq!(status(5), Some(LinkStatus::Predicted));
    assert!(rank_drugs(&graph, &model, EntityId(0)).is_err(), "a drug is no disease");
}

/// The bundled pack's card says what evaluating its model gives, numbers and words.
#[test]
fn the_starter_packs_metrics_are_measured_again() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    let entries = std::fs::read_dir(&folder).expect("the bundled pack is there");
    let files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("the folder can be read"))
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).expect("the file can be read");
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    let pack = lladr_core::pack::read(&files, lladr_core::pack::MOST_IN_BROWSER).expect("the bundled pack is whole");
    let (graph, model) = (&pack.graph, pack.model.as_ref().expect("it has a model"));
    let roles = graph.roles.as_ref().expect("it has drugs and diseases");
    let card = pack.manifest.model.as_ref().expect("its model has a card");
    let treatments: Vec<Triple> =
        graph.triples(Split::Test).iter().filter(|t| roles.treatments.contains(&t.relation())).copied().collect();
    let (model, degree) = (ModelScorer::new(model, Arithmetic::Portable), DegreeScorer(graph));
    let scorers: [&dyn Scorer; 2] = [&model, &degree];
    let sides = [(Side::Head, roles.drug, "drugs"), (Side::Tail, roles.disease, "diseases")];
    let mut lines = card.metrics.iter();
    for (scorer, (side, kind, asked)) in scorers.into_iter().flat_map(|s| sides.map(|side| (s, side))) {
        let candidates = CandidateSet::OfType(kind);
        let protocol = Protocol { side: Some(side), candidates, ..Protocol::filtered(Split::Test) };
        let evaluation = evaluate(graph, scorer, &treatments, &protocol);
        let metrics = evaluation.metrics();
        for (name, value) in [("MRR", metrics.mrr), ("Hits@10", metrics.hits_at_10), ("AMRI", metrics.amri)] {
            let line = lines.next().expect("the card has a line for each");
            assert_eq!(line.name, format!("{name} ({asked})"));
            assert_eq!(line.value, (value * 1e4).round() as f32 / 1e4, "{name}");
            assert!(line.protocol.ends_with(&evaluation.words), "{} / {}", line.protocol, evaluation.words);
        }
    }
}
