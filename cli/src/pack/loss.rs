//! What rounding costs: the same questions asked of the exact rows and of the rounded ones.
//!
//! Overlap: of each disease's hundred best drugs by the exact rows, the share that are among the hundred best by the
//! rounded ones. Hits@10: on held-out treatments, or on those trained on where none is held out.

use anyhow::Result;
use lladr_core::evaluate::{CandidateSet, ModelScorer, Protocol, evaluate};
use lladr_core::graph::{KnowledgeGraph, Side, Split, Triple};
use lladr_core::ids::EntityId;
use lladr_core::model::{Arithmetic, Model};
use lladr_core::pack::{MetricLine, Precision};
use lladr_core::predict::rank_drugs;

/// Diseases and treatments that are asked for; of more, every second, third … is.
const MOST_QUERIES: usize = 500;
/// Drugs of a list whose overlap is counted.
const LIST: usize = 100;

/// The cost as lines for the model's card; empty where the graph has no treatments.
pub fn measure(
    graph: &KnowledgeGraph,
    exact: &Model,
    rounded: &Model,
    precision: Precision,
) -> Result<Vec<MetricLine>> {
    let Some(roles) = &graph.roles else { return Ok(Vec::new()) };
    let who = super::model_words(exact.interaction, precision);
    let line = |name: String, value: f64, protocol: String| MetricLine {
        name,
        value: (value * 1e4).round() as f32 / 1e4,
        protocol: format!("{who}; {protocol}"),
    };
    let mut lines = Vec::new();

    let all = graph.vocabulary.of_type(roles.disease);
    let treated: Vec<EntityId> =
        all.iter().copied().filter(|disease| !graph.treatments.of_disease(*disease).is_empty()).collect();
    let asked = sample(&treated);
    let mut share = 0.0;
    for &disease in &asked {
        let best = |model| -> Result<Vec<EntityId>> {
            let mut best: Vec<EntityId> =
                rank_drugs(graph, model, disease)?.iter().take(LIST).map(|drug| drug.drug).collect();
            best.sort_unstable();
            Ok(best)
        };
        let (before, after) = (best(exact)?, best(rounded)?);
        let kept = before.iter().filter(|drug| after.binary_search(drug).is_ok()).count();
        share += kept as f64 / before.len().max(1) as f64;
    }
    if !asked.is_empty() {
        let words = format!(
            "share of a disease’s {LIST} best drugs that stay among them, mean over {} diseases with a treatment",
            asked.len()
        );
        lines.push(line(format!("top-{LIST} overlap"), share / asked.len() as f64, words));
    }

    let is_treatment = |triple: &&Triple| roles.treatments.contains(&triple.relation());
    let of = |split| graph.triples(split).iter().filter(is_treatment).copied().collect::<Vec<_>>();
    let splits = [Split::Test, Split::Valid, Split::Train];
    let Some((split, treatments)) = splits.map(|split| (split, of(split))).into_iter().find(|(_, t)| !t.is_empty())
    else {
        return Ok(lines);
    };
    let protocol =
        Protocol { side: Some(Side::Head), candidates: CandidateSet::OfType(roles.drug), ..Protocol::filtered(split) };
    let asked = sample(&treatments);
    let hits = |model| {
        let found = evaluate(graph, &ModelScorer::new(model, Arithmetic::Portable), &asked, &protocol);
        (found.metrics().hits_at_10, found.words)
    };
    let ((before, words), (after, _)) = (hits(exact), hits(rounded));
    let words = format!("{after:.4} less {before:.4} by f32; {words}");
    lines.push(line("Hits@10 change (drugs)".into(), after - before, words));
    Ok(lines)
}

fn sample<T: Copy>(all: &[T]) -> Vec<T> {
    all.iter().copied().step_by(all.len().div_ceil(MOST_QUERIES).max(1)).collect()
}
