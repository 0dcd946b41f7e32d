//! Small graphs and runs with known shape.

use std::sync::Arc;

use lladr_core::backend::{Parameters, RunData, RunSpec, TrainingTriples};
use lladr_core::graph::{Entity, KnowledgeGraph, Relation, Roles, SplitTriples, Triple, Vocabulary};
use lladr_core::ids::{EntityId, RelationId};
use lladr_core::model::Interaction;
use lladr_core::plan::PlanShape;
use lladr_core::rng::{Stream, below, hash, unit};
use lladr_core::sampling::{Draw, Weighting};
use lladr_core::settings::Settings;
use lladr_core::train::frequency_weights;

/// Random triples that include a hub (entity 0), repeats and self-loops.
pub fn triples(count: u32, entities: u32, relations: u32) -> Vec<Triple> {
    let draw = |at: u32, slot: u32, n: u32| below(hash(77, Stream::Init, at, slot), n);
    (0..count)
        .map(|at| Triple {
            head: if at.is_multiple_of(3) { 0 } else { draw(at, 0, entities) },
            relation: draw(at, 1, relations),
            tail: draw(at, 2, entities),
        })
        .collect()
}

/// Entities of [`run`].
pub const ENTITIES: u32 = 23;

/// A run over [`triples`]: specification, data, initial parameters.
pub fn run(
    interaction: Interaction,
    dim: usize,
    triple_count: u32,
    batch: u32,
    negatives: u32,
) -> (RunSpec, Arc<RunData>, Parameters) {
    let settings = Settings {
        dim: dim as u32,
        batch,
        negatives,
        gamma: 4.0,
        alpha: 0.7,
        seed: 5,
        ..Settings::for_interaction(interaction)
    };
    let spec = spec(settings, triple_count);
    let data = data(&spec);
    (spec, data.clone(), Parameters::initial(&spec, &data))
}

/// A run with any settings over `triple_count` of [`triples`].
pub fn spec(settings: Settings, triple_count: u32) -> RunSpec {
    let Settings { batch, negatives, seed, .. } = settings;
    let shape = PlanShape { entities: ENTITIES, relations: 3, triples: triple_count, batch, negatives, seed };
    RunSpec { settings, shape }
}

/// All that settings may ask for: weights, types, text with gaps, a second modality.
pub fn data(spec: &RunSpec) -> Arc<RunData> {
    let (settings, entities, dim) = (&spec.settings, spec.shape.entities, spec.settings.dim);
    let triples: TrainingTriples = triples(spec.shape.triples, entities, spec.shape.relations).into();
    let rows = |seed: u32, gap: u32| {
        let number = |entity: u32, k: u32| (unit(hash(seed, Stream::Text, entity, k)) - 0.5) * 0.8;
        let row = |entity: u32| (0..dim).map(move |k| if entity.is_multiple_of(gap) { 0.0 } else { number(entity, k) });
        (0..entities).flat_map(row).collect::<Vec<f32>>()
    };
    Arc::new(RunData {
        weights: match settings.recipe.weighting {
            Weighting::Uniform => Vec::new(),
            Weighting::Frequency => frequency_weights(&triples),
        },
        kinds: match settings.recipe.draw {
            Draw::Uniform => Vec::new(),
            Draw::TypeConstrained => (0..entities).map(|entity| entity % 3).collect(),
        },
        text: if settings.text.is_used() { rows(31, 7) } else { Vec::new() },
        second: if settings.text.zeta_second > 0.0 { rows(32, 2) } else { Vec::new() },
        triples,
    })
}

/// Complex models hold an even number of numbers in a row.
pub fn fitting(interaction: Interaction, dim: usize) -> usize {
    if interaction.is_complex() { dim.next_multiple_of(2) } else { dim }
}

/// Sizes of FB15k, the benchmark that speeds are quoted on; batch and negatives as in DGL-KE's recipe.
pub const FB15K: PlanShape =
    PlanShape { entities: 14_951, relations: 1_345, triples: 483_142, batch: 1024, negatives: 256, seed: 1 };

/// Random triples with skewed degrees, as real graphs have: a draw `u` becomes row `n u²`.
pub fn skewed_triples(shape: &PlanShape) -> Vec<Triple> {
    let draw = |at: u32, slot: u32, n: u32| {
        let u = unit(hash(78, Stream::Init, at, slot));
        ((n as f32 * u * u) as u32).min(n - 1)
    };
    (0..shape.triples)
        .map(|at| Triple {
            head: draw(at, 0, shape.entities),
            relation: draw(at, 1, shape.relations),
            tail: draw(at, 2, shape.entities),
        })
        .collect()
}

/// Six drugs, four diseases, two genes, two treatment relations; ten training triples, one valid, one test.
///
/// # Panics
/// Never: the graph is fixed.
pub fn clinic() -> KnowledgeGraph {
    let mut vocabulary = Vocabulary::default();
    let mut add = |kind: &str, id: String, label: String, synonyms: &[&str]| {
        let type_row = vocabulary.add_type(kind);
        let synonyms = synonyms.iter().map(|text| (*text).to_owned()).collect();
        let entity = Entity { id: format!("{kind}::{id}"), label, kind: type_row, synonyms, area: String::new() };
        vocabulary.add_entity(entity).expect("identifiers differ");
    };
    for drug in 0..6 {
        let synonyms: &[&str] = if drug == 0 { &["First Aid", "<b>bold</b>"] } else { &[] };
        add("Compound", format!("DB0000{drug}"), format!("Drug {drug}"), synonyms);
    }
    for disease in 0..4 {
        add("Disease", format!("DOID:{disease}"), format!("Disease {disease}"), &[]);
    }
    for gene in 0..2 {
        add("Gene", gene.to_string(), format!("GENE{gene}"), &[]);
    }
    for (id, words) in
        [("Hetionet::CtD::Compound:Disease", "treats"), ("GNBR::T::Compound:Disease", "treats"), ("target", "acts on")]
    {
        vocabulary.add_relation(Relation { id: id.into(), words: words.into() }).expect("identifiers differ");
    }
    let triple = |head, relation, tail| Triple { head, relation, tail };
    let train = vec![
        triple(0, 0, 6),
        triple(1, 0, 6),
        triple(1, 1, 7),
        triple(2, 0, 7),
        triple(3, 0, 8),
        triple(4, 1, 8),
        triple(0, 2, 10),
        triple(1, 2, 10),
        triple(5, 2, 11),
        triple(3, 2, 11),
    ];
    let splits = SplitTriples { train, valid: vec![triple(2, 0, 6)], test: vec![triple(5, 0, 8)] };
    let kind = |name: &str| vocabulary.type_row(name).expect("the type was added");
    let roles =
        Roles { drug: kind("Compound"), disease: kind("Disease"), treatments: vec![RelationId(0), RelationId(1)] };
    KnowledgeGraph::new(vocabulary, splits, Some(roles)).expect("all rows exist")
}

/// The first disease of [`clinic`].
pub const CLINIC_DISEASE: EntityId = EntityId(6);
