//! The metrics of a model's card.

use lladr_core::evaluate::{CandidateSet, DegreeScorer, ModelScorer, Protocol, Scorer, evaluate};
use lladr_core::graph::{KnowledgeGraph, Side, Split, Triple};
use lladr_core::model::{Arithmetic, Model};
use lladr_core::pack::MetricLine;

/// Held-out treatments, drug and disease sides, against all entities of the right type, for the model
/// and for the degree-only baseline.
pub fn measure(graph: &KnowledgeGraph, model: &Model, epochs: u32, arithmetic: Arithmetic) -> Vec<MetricLine> {
    measure_as(graph, model, &format!("{}, {epochs} epochs", model.interaction.label()), arithmetic)
}

/// The same of a model that the protocol calls `who`.
pub fn measure_as(graph: &KnowledgeGraph, model: &Model, who: &str, arithmetic: Arithmetic) -> Vec<MetricLine> {
    let Some(roles) = &graph.roles else { return Vec::new() };
    let is_treatment = |triple: &&Triple| roles.treatments.contains(&triple.relation());
    let treatments: Vec<Triple> = graph.triples(Split::Test).iter().filter(is_treatment).copied().collect();
    if treatments.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let model_scorer = ModelScorer::new(model, arithmetic);
    let degree_scorer = DegreeScorer(graph);
    let scorers: [(&str, &dyn Scorer); 2] = [(who, &model_scorer), ("degree-only baseline", &degree_scorer)];
    for (who, scorer) in scorers {
        for (side, kind, asked) in [(Side::Head, roles.drug, "drugs"), (Side::Tail, roles.disease, "diseases")] {
            let protocol = Protocol {
                side: Some(side),
                candidates: CandidateSet::OfType(kind),
                ..Protocol::filtered(Split::Test)
            };
            let evaluation = evaluate(graph, scorer, &treatments, &protocol);
            let metrics = evaluation.metrics();
            let protocol = format!("{who}; {}", evaluation.words);
            let line = |name: &str, value: f64| MetricLine {
                name: format!("{name} ({asked})"),
                value: (value * 1e4).round() as f32 / 1e4,
                protocol: protocol.clone(),
            };
            lines.push(line("MRR", metrics.mrr));
            lines.push(line("Hits@10", metrics.hits_at_10));
            lines.push(line("AMRI", metrics.amri));
        }
    }
    lines
}
