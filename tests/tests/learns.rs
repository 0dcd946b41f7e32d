//! A toy graph is memorised, and the same seed gives the same bits on any number of cores.

use std::sync::Arc;

use lladr_core::backend::{AnyBackend, Backend, Parameters, RunData, RunSpec, TrainingTriples, cpu::CpuBackend};
use lladr_core::error::Error;
use lladr_core::evaluate::{CandidateSet, Metrics, ModelScorer, rank};
use lladr_core::graph::{KnowledgeGraph, Side, Split, SplitTriples, Triple, Vocabulary};
use lladr_core::model::{Arithmetic, Interaction, Model};
use lladr_core::plan::PlanShape;
use lladr_core::settings::Settings;
use lladr_core::train::Trainer;
use lladr_tests::toy;
use pollster::block_on;

/// Ten things, each with a first and a second partner of its own.
fn pairs() -> KnowledgeGraph {
    let mut vocabulary = Vocabulary::default();
    let entities: Vec<_> = (0..30).map(|at| vocabulary.entity_or_add(&format!("Entity::{at}"))).collect();
    let mut train = Vec::new();
    for (first, name) in [(10, "first partner"), (20, "second partner")] {
        let relation = vocabulary.relation_or_add(name);
        train.extend((0..10).map(|at| Triple::new(entities[at], relation, entities[first + at])));
    }
    KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, None).expect("rows exist")
}

fn trained(graph: &KnowledgeGraph, interaction: Interaction, arithmetic: Arithmetic, steps: u32) -> Model {
    let triples: TrainingTriples = graph.triples(Split::Train).into();
    let shape = PlanShape { entities: 30, relations: 2, triples: 20, batch: 20, negatives: 32, seed: 3 };
    let settings = Settings { dim: 32, gamma: 6.0, ..Settings::for_interaction(interaction) };
    let spec = RunSpec { settings, shape };
    let data = Arc::new(RunData::from(triples));
    let backend = CpuBackend::new(spec, arithmetic, data.clone(), Parameters::initial(&spec, &data));
    let mut trainer = Trainer::new(spec, data, AnyBackend::Cpu(backend));
    block_on(trainer.advance(steps, 0.1)).expect("training stays finite");
    block_on(trainer.read()).expect("the model is finite").0
}

#[test]
fn a_toy_graph_is_memorised() {
    let graph = pairs();
    for interaction in Interaction::ALL {
        let model = trained(&graph, interaction, Arithmetic::Fast, 400);
        let scorer = ModelScorer::new(&model, Arithmetic::Fast);
        for side in Side::BOTH {
            let ranks = rank(&graph, &scorer, graph.triples(Split::Train), side, CandidateSet::All);
            let metrics = Metrics::of(&ranks);
            assert!(metrics.mrr > 0.95, "{} {side:?}: {metrics:?}", interaction.name());
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let graph = pairs();
    for arithmetic in [Arithmetic::Fast, Arithmetic::Portable] {
        let run = || trained(&graph, Interaction::TransEL2, arithmetic, 50);
        assert_eq!(run(), run());
    }
}

/// Portable arithmetic must not depend on the machine: these bits were computed once and are kept.
#[test]
fn portable_arithmetic_has_fixed_bits() {
    for (interaction, dim, expected) in PORTABLE_BITS {
        let (spec, triples, start) = toy::run(interaction, dim, 300, 270, 33);
        let mut backend = CpuBackend::new(spec, Arithmetic::Portable, triples.clone(), start);
        let mut planner = lladr_core::plan::Planner::new(spec.shape);
        let plans: Vec<_> = (0..6).map(|step| planner.plan(step, &triples.triples)).collect();
        backend.train(&plans, 0.1).expect("the CPU does not fail");
        let bits = backend.parameters().rows.iter().fold(0u32, |sum, x| sum.rotate_left(5) ^ x.to_bits());
        assert_eq!(bits, expected, "{} {dim}: {bits:#010x}", interaction.name());
    }
}

/// Rows of whole vectors, and rows with a rest.
const PORTABLE_BITS: [(Interaction, usize, u32); 9] = [
    (Interaction::TransEL2, 24, 0xd65d_3e7b),
    (Interaction::TransEL2, 27, 0x5640_7dad),
    (Interaction::TransEL1, 24, 0xb683_c2bb),
    (Interaction::TransEL1, 27, 0x2f22_ceee),
    (Interaction::DistMult, 27, 0xac7b_0f66),
    (Interaction::ComplEx, 26, 0x900d_28ff),
    (Interaction::RotatE, 64, 0x3264_588e),
    (Interaction::RotatE, 26, 0x3d4d_4cd3),
    (Interaction::RotatE, 6, 0x47ec_97af),
];

#[test]
fn rows_that_are_no_numbers_stop_a_run() {
    for interaction in Interaction::ALL {
        let (spec, triples, mut start) = toy::run(interaction, 6, 60, 32, 9);
        start.rows.fill(f32::NAN);
        let backend = CpuBackend::new(spec, Arithmetic::Fast, triples.clone(), start);
        let mut trainer = Trainer::new(spec, triples, AnyBackend::Cpu(backend));
        let told = block_on(trainer.advance(1, 0.1));
        assert!(matches!(told, Err(Error::Diverged { step: 0 })), "{}: {told:?}", interaction.name());
        assert!(matches!(block_on(trainer.read()), Err(Error::Diverged { .. })));
    }
}
