//! What a run needs besides its settings: weights, types, text rows of the model's length.

use std::collections::HashMap;
use std::sync::Arc;

use crate::backend::{RunData, RunSpec};
use crate::error::Result;
use crate::graph::{KnowledgeGraph, KnownTriples, Split, Triple};
use crate::model::fit_width;
use crate::plan::{PlanShape, Sampler};
use crate::sampling::{Draw, FalseNegatives, TypeTable, Weighting};
use crate::settings::Settings;

/// Counts of a query start here (RotatE's and LLaDR's code).
const FIRST_COUNT: u32 = 4;

/// A matrix keyed by entity: text vectors of one template, molecule embeddings, fingerprints.
#[derive(Debug, Clone, Copy)]
pub struct Modality<'a> {
    /// `[entities, width]`; a row of zeros means that there is none for the entity.
    pub rows: &'a [f32],
    /// Numbers in a row.
    pub width: usize,
}

/// What a backend must know to run `settings` on a graph.
pub fn run_spec(graph: &KnowledgeGraph, settings: &Settings) -> RunSpec {
    RunSpec {
        settings: *settings,
        shape: PlanShape {
            entities: graph.entity_count() as u32,
            relations: graph.relation_count() as u32,
            triples: graph.triples(Split::Train).len() as u32,
            batch: settings.batch,
            negatives: settings.negatives,
            seed: settings.seed,
        },
    }
}

/// What stays the same over a run of `spec` on a graph: its training triples, and text and a second modality
/// where the settings use them.
///
/// # Errors
/// [`Error::Settings`](crate::Error::Settings) when the settings ask for what is not there.
pub fn run_data(
    graph: &KnowledgeGraph,
    spec: &RunSpec,
    text: Option<Modality<'_>>,
    second: Option<Modality<'_>>,
) -> Result<Arc<RunData>> {
    let (settings, triples) = (&spec.settings, graph.triples(Split::Train));
    let fit =
        |modality: Option<Modality<'_>>| modality.map(|m| fit_width(m.rows, m.width, spec.dim())).unwrap_or_default();
    let data = RunData {
        triples: triples.into(),
        weights: match settings.recipe.weighting {
            Weighting::Uniform => Vec::new(),
            Weighting::Frequency => frequency_weights(triples),
        },
        kinds: match settings.recipe.draw {
            Draw::Uniform => Vec::new(),
            Draw::TypeConstrained => graph.vocabulary.entities().iter().map(|entity| entity.kind.0).collect(),
        },
        text: if settings.text.is_used() { fit(text) } else { Vec::new() },
        second: if settings.text.zeta_second > 0.0 { fit(second) } else { Vec::new() },
    };
    data.check(spec)?;
    Ok(Arc::new(data))
}

/// `1 / √(count(h, r) + count(t, r⁻¹))` of each triple; a query that occurs `n` times counts `n + 3`.
pub fn frequency_weights(triples: &[Triple]) -> Vec<f32> {
    let mut counts: HashMap<(u32, u32, bool), u32> = HashMap::new();
    let queries = |t: &Triple| [(t.head, t.relation, true), (t.tail, t.relation, false)];
    for query in triples.iter().flat_map(queries) {
        counts.entry(query).and_modify(|count| *count += 1).or_insert(FIRST_COUNT);
    }
    let count = |query| counts.get(&query).copied().unwrap_or(FIRST_COUNT) as f32;
    triples.iter().map(|t| 1.0 / queries(t).map(count).iter().sum::<f32>().sqrt()).collect()
}

/// What a planner draws negatives from.
pub fn sampler(spec: &RunSpec, data: &RunData) -> Sampler {
    let known = match spec.settings.recipe.false_negatives {
        FalseNegatives::Kept => None,
        FalseNegatives::Filtered => Some(Arc::new(KnownTriples::new(data.triples.iter()))),
    };
    let types = (!data.kinds.is_empty()).then(|| Arc::new(TypeTable::new(data.kinds.clone())));
    Sampler { types, known }
}
