//! The objective of one step, restated plainly in `f64`: nothing shared with the engine but the plan.

use lladr_core::backend::RunSpec;
use lladr_core::graph::{Side, Triple};
use lladr_core::model::Interaction;
use lladr_core::plan::{CHUNK, StepPlan};

/// Score of three rows.
pub fn score(interaction: Interaction, gamma: f64, head: &[f64], relation: &[f64], tail: &[f64]) -> f64 {
    let translated = head.iter().zip(relation).zip(tail).map(|((h, r), t)| h + r - t);
    match interaction {
        Interaction::TransEL1 => gamma - translated.map(f64::abs).sum::<f64>(),
        Interaction::TransEL2 => gamma - translated.map(|x| x * x).sum::<f64>().sqrt(),
        Interaction::DistMult => head.iter().zip(relation).zip(tail).map(|((h, r), t)| h * r * t).sum(),
    }
}

/// Mean loss of a step at `rows`; the self-adversarial weights are those at `fixed`, as they carry no gradient.
pub fn loss(spec: &RunSpec, triples: &[Triple], plan: &StepPlan, rows: &[f64], fixed: &[f64]) -> f64 {
    let dim = spec.dim;
    let at = |table: &[f64], row: u32| -> Vec<f64> { table[row as usize * dim..(row as usize + 1) * dim].to_vec() };
    let score_at = |table: &[f64], triple: &Triple| {
        let relation = at(table, spec.shape.entities + triple.relation);
        score(spec.interaction, f64::from(spec.gamma), &at(table, triple.head), &relation, &at(table, triple.tail))
    };
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let mut total = 0.0;
    for (b, &positive) in plan.positives.iter().enumerate() {
        let triple = triples[positive as usize];
        let k = spec.shape.negatives as usize;
        let negatives = &plan.negatives[b / CHUNK * k..(b / CHUNK + 1) * k];
        let corrupt = |entity: u32| match plan.side {
            Side::Tail => Triple { tail: entity, ..triple },
            Side::Head => Triple { head: entity, ..triple },
        };
        let kept: Vec<Triple> =
            negatives.iter().filter(|&&n| n != triple.entity(plan.side).0).map(|&n| corrupt(n)).collect();
        let weights: Vec<f64> = kept.iter().map(|n| (f64::from(spec.alpha) * score_at(fixed, n)).exp()).collect();
        let weight_sum: f64 = weights.iter().sum();
        total += softplus(-score_at(rows, &triple));
        for (negative, weight) in kept.iter().zip(&weights) {
            total += weight / weight_sum * softplus(score_at(rows, negative));
        }
    }
    0.5 * total / plan.batch() as f64
}
