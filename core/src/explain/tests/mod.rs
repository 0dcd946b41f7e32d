//! A small world to explain, and what weights, near treatments and the case against say of it.

mod paths;

use super::*;
use crate::graph::{Adjacency, Entity, KnowledgeGraph, Relation, Roles, Split, SplitTriples, Triple, Vocabulary};
use crate::ids::{EntityId, RelationId};
use crate::model::{Interaction, Metric, Model};
use crate::rng::{Stream, hash, unit};

/// Something to explain: what a [`View`] borrows.
pub struct World {
    pub graph: KnowledgeGraph,
    pub adjacency: Adjacency,
    model: Model,
    weights: EdgeWeights,
}

impl World {
    pub fn view(&self) -> View<'_> {
        let World { graph, adjacency, model, weights } = self;
        View { graph, adjacency, model, weights }
    }
}

/// Rows 0 to 6 are drugs, 7 to 10 diseases, the rest genes; relation 0 treats, 1 and 2 connect anything.
pub fn world(entities: u32, relations: u32, train: Vec<Triple>, seed: u32) -> World {
    held_out_world(entities, relations, SplitTriples { train, ..SplitTriples::default() }, seed)
}

fn held_out_world(entities: u32, relations: u32, splits: SplitTriples, seed: u32) -> World {
    let mut vocabulary = Vocabulary::default();
    let [drug, disease, gene] = ["Compound", "Disease", "Gene"].map(|name| vocabulary.add_type(name));
    for row in 0..entities {
        let kind = if row < 7 {
            drug
        } else if row < 11 {
            disease
        } else {
            gene
        };
        let (id, label) = (format!("E::{row}"), format!("Entity {row}"));
        let entity = Entity { id, label, kind, synonyms: Vec::new(), area: String::new() };
        vocabulary.add_entity(entity).expect("identifiers differ");
    }
    for row in 0..relations {
        let relation = Relation { id: format!("R::{row}"), words: String::new() };
        vocabulary.add_relation(relation).expect("identifiers differ");
    }
    let roles = Roles { drug, disease, treatments: vec![RelationId(0)] };
    let graph = KnowledgeGraph::new(vocabulary, splits, Some(roles)).expect("all rows exist");
    let adjacency = Adjacency::new(entities as usize, graph.triples(Split::Train));
    let dim = 6;
    let rows = (0..(entities + relations) * dim).map(|at| unit(hash(seed, Stream::Init, at, 77)) - 0.5).collect();
    let model = Model::new(Interaction::TransEL2, 6.0, entities as usize, relations as usize, dim as usize, rows);
    let model = model.expect("the rows fit");
    let weights = EdgeWeights::new(&graph, &model).expect("the model is the graph's");
    World { graph, adjacency, model, weights }
}

fn triple(head: u32, relation: u32, tail: u32) -> Triple {
    Triple { head, relation, tail }
}

#[test]
fn weights_are_alike_across_relations_and_follow_the_score() {
    let train: Vec<_> = (0..300).map(|at| triple(at % 7, at % 2, 7 + at % 4)).chain([triple(0, 2, 1)]).collect();
    let world = world(12, 3, train.clone(), 3);
    for relation in [0, 1] {
        let of_relation: Vec<_> = train.iter().filter(|t| t.relation == relation).collect();
        let mean = of_relation.iter().map(|t| world.view().weight(t)).sum::<f32>() / of_relation.len() as f32;
        assert!((mean - 0.5).abs() < 0.05, "{mean}");
    }
    let weights = &world.weights;
    assert!(weights.weight(RelationId(0), 5.0) > weights.weight(RelationId(0), 4.9));
    assert_eq!(weights.weight(RelationId(2), 1.0), 0.5, "one triple has no spread");
    assert_eq!(weights.weight(RelationId(9), 1.0), 0.5, "nor has a relation that does not exist");
    let other = Model::new(Interaction::TransEL2, 6.0, 2, 3, 1, vec![0.0; 5]).expect("the rows fit");
    assert!(EdgeWeights::new(&world.graph, &other).is_err());
}

#[test]
fn nearest_known_treatments_leave_out_the_pair_and_what_was_held_out() {
    let splits = SplitTriples {
        train: vec![triple(0, 0, 7), triple(1, 0, 7), triple(2, 0, 7), triple(3, 0, 8), triple(0, 0, 9)],
        valid: vec![triple(4, 0, 7)],
        test: vec![triple(0, 0, 10)],
    };
    let world = held_out_world(12, 1, splits, 8);
    for metric in [Metric::Cosine, Metric::Euclidean] {
        let found = nearest_known(world.view(), EntityId(0), EntityId(7), metric, 5).expect("both exist");
        let mut drugs: Vec<_> = found.drugs.iter().map(|near| near.entity.0).collect();
        drugs.sort_unstable();
        assert_eq!((drugs, found.drugs_known), (vec![1, 2], 2));
        assert_eq!(found.diseases.iter().map(|near| near.entity.0).collect::<Vec<_>>(), [9]);

        let one = nearest_known(world.view(), EntityId(0), EntityId(7), metric, 1).expect("both exist").drugs;
        assert_eq!(one, found.drugs[..1], "the first of more are the same");
        assert!(found.drugs.is_sorted_by(|a, b| a.distance <= b.distance));
        let none = nearest_known(world.view(), EntityId(0), EntityId(7), metric, 0).expect("both exist");
        assert_eq!((none.drugs, none.drugs_known), (Vec::new(), 2));
        assert!(nearest_known(world.view(), EntityId(12), EntityId(7), metric, 2).is_err());
    }
}

#[test]
fn the_case_against_counts_what_a_scan_counts() {
    let splits = SplitTriples {
        train: vec![
            triple(0, 0, 7),
            triple(1, 0, 8),
            triple(2, 2, 7),
            triple(2, 2, 9),
            triple(3, 2, 9),
            triple(2, 1, 11),
        ],
        valid: vec![triple(1, 0, 7)],
        test: vec![triple(2, 0, 7)],
    };
    let world = held_out_world(12, 3, splits, 4);
    let (drug, disease) = (EntityId(2), EntityId(7));
    let notes = [CautionNote { about: EntityId(9), kind: 'w' }, CautionNote { about: disease, kind: 'c' }];
    let case = case_against(world.view(), drug, disease, &notes, &[RelationId(2)], 1).expect("both exist");
    assert_eq!((&case.cautions[..], &case.other_cautions[..]), (&notes[1..], &notes[..1]));
    assert_eq!(case.harms.count, 2);
    assert_eq!(case.harms.first, [Harm { relation: RelationId(2), about: disease, shared_by: 1 }]);

    let score = |drug: u32, disease: u32| world.model.score(&triple(drug, 0, disease));
    let above = (0..7).filter(|&other| score(other, 7) > score(2, 7)).count() as u32;
    assert_eq!((case.drugs.above, case.drugs.candidates), (above, 7));
    assert_eq!(case.drugs.first.len(), above.min(1) as usize);
    let above = (7..11).filter(|&other| score(2, other) > score(2, 7)).count() as u32;
    assert_eq!((case.diseases.above, case.diseases.candidates), (above, 4));

    // Three triples: more than any other drug has.
    assert_eq!((case.degree.degree, case.degree.rank_by_degree), (3, 1.0));
    assert!((-1.0..=1.0).contains(&case.degree.correlation));
    let reliability = &case.reliability;
    assert_eq!((reliability.held_out, reliability.in_top_10, reliability.in_top_100), (2, 2, 2));
    assert!(reliability.words.contains("Of 2 treatments of Entity 7"), "{}", reliability.words);
    assert!(case_against(world.view(), disease, drug, &notes, &[], 1).is_err(), "they are the wrong way round");
}

#[test]
fn harms_are_found_by_code_and_by_words_and_are_of_drugs() {
    let mut vocabulary = Vocabulary::default();
    let ids = [
        "Hetionet::CcSE::Compound:Side Effect",
        "Hetionet::CtD::Compound:Disease",
        "GNBR::Sa::Compound:Disease",
        "GNBR::J::Compound:Disease",
        "GNBR::J::Gene:Disease",
        "contraindicated",
    ];
    for id in ids {
        vocabulary.relation_or_add(id);
    }
    let relation = Relation { id: "P2175".into(), words: "worsens".into() };
    vocabulary.add_relation(relation).expect("it is new");
    assert_eq!(harm_relations(&vocabulary), [0, 2, 3, 5, 6].map(RelationId));
}
