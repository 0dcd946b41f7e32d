//! The map that a pack brings: UMAP of the model's rows, and how well it keeps together what belongs together.

use lladr_core::graph::KnowledgeGraph;
use lladr_core::model::Model;
use lladr_core::pack::{LayoutCard, MetricLine};
use lladr_core::project::{Axes, UmapSettings, umap_in_turn};

/// Nearest marks that are looked at.
const NEAREST: usize = 10;

/// Positions, x and y per entity: UMAP, from principal components.
pub fn lay_out(model: &Model) -> Vec<f32> {
    let first = Axes::new(model.dim()).project(model.entity_table()).positions;
    centred(umap_in_turn(model.entity_table(), &first, &UmapSettings::default()))
}

/// How the layout was made, and how far types and disease areas can be told apart on it.
pub fn layout_card(graph: &KnowledgeGraph, positions: &[f32]) -> LayoutCard {
    let entities = graph.vocabulary.entities();
    let all: Vec<usize> = (0..entities.len()).collect();
    let diseases: Vec<usize> = all.iter().copied().filter(|at| !entities[*at].area.is_empty()).collect();
    let types = purity(positions, &all, NEAREST, |a, b| entities[a].kind == entities[b].kind);
    let areas = purity(positions, &diseases, 5, |a, b| entities[a].area == entities[b].area);
    let line = |name: &str, (share, chance): (f64, f64), what: &str| MetricLine {
        name: name.into(),
        value: (share * 1e4).round() as f32 / 1e4,
        protocol: format!("{what}, mean share; {chance:.3} if placed at random"),
    };
    LayoutCard {
        method: "UMAP of the pack’s model (15 neighbours, least distance 0.1)".into(),
        metrics: vec![
            line("type purity", types, "nearest 10 marks of the same type"),
            line("area purity", areas, "nearest 5 diseases of the same area"),
        ],
    }
}

/// Share of the nearest members that belong to the same group, and what chance gives.
fn purity(positions: &[f32], members: &[usize], k: usize, same: impl Fn(usize, usize) -> bool) -> (f64, f64) {
    let (mut share, mut chance) = (0.0, 0.0);
    for &a in members {
        let apart = |b: usize| {
            (positions[2 * a] - positions[2 * b]).powi(2) + (positions[2 * a + 1] - positions[2 * b + 1]).powi(2)
        };
        let mut near: Vec<(f32, usize)> = members.iter().filter(|b| **b != a).map(|&b| (apart(b), b)).collect();
        near.sort_by(|x, y| x.0.total_cmp(&y.0));
        let k = k.min(near.len()).max(1);
        share += near.iter().take(k).filter(|(_, b)| same(a, *b)).count() as f64 / k as f64;
        chance += near.iter().filter(|(_, b)| same(a, *b)).count() as f64 / near.len().max(1) as f64;
    }
    let count = members.len().max(1) as f64;
    (share / count, chance / count)
}

/// Moved to the middle, and scaled to a standard deviation of one along x, as the live layouts are.
fn centred(mut positions: Vec<f32>) -> Vec<f32> {
    let count = (positions.len() / 2).max(1) as f32;
    let middle = [0, 1].map(|axis| positions.iter().skip(axis).step_by(2).sum::<f32>() / count);
    positions.iter_mut().enumerate().for_each(|(at, x)| *x -= middle[at % 2]);
    let spread = (positions.iter().step_by(2).map(|x| x * x).sum::<f32>() / count).sqrt();
    positions.iter_mut().for_each(|x| *x /= spread.max(1e-6));
    positions
}
