//! The map that a pack brings: UMAP or principal components of the model's rows, and how well it keeps together what
//! belongs together.
//!
//! In portable arithmetic from the principal components on, so that the bytes are the same on every machine.

use anyhow::{Result, anyhow};
use lladr_core::graph::KnowledgeGraph;
use lladr_core::model::{Arithmetic, Metric, Model};
use lladr_core::pack::{LayoutCard, LayoutQuality, MetricLine};
use lladr_core::project::{Axes, UmapSettings, map_quality, umap};

const SETTINGS: UmapSettings = UmapSettings { neighbours: 15, epochs: 500, repulsions: 5, seed: 1 };
/// The distance that neighbours are found by and that the map is measured against.
const METRIC: Metric = Metric::Euclidean;

/// How a map is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// UMAP, from principal components: minutes for a large graph.
    Umap,
    /// Principal components: seconds.
    Pca,
    /// Not at all.
    None,
}

impl Layout {
    /// All of them.
    pub const ALL: [Layout; 3] = [Layout::Umap, Layout::Pca, Layout::None];

    /// Name in command lines.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Umap => "umap",
            Layout::Pca => "pca",
            Layout::None => "none",
        }
    }
}

/// Positions, x and y per entity, and how they were made.
///
/// # Errors
/// When the graph is too small to be laid out.
pub fn lay_out(graph: &KnowledgeGraph, model: &Model, layout: Layout) -> Result<(Vec<f32>, LayoutCard)> {
    let rows = model.entity_table();
    let first = Axes::new(model.dim()).project(rows, Arithmetic::Portable).positions;
    let is_umap = layout == Layout::Umap;
    let positions =
        centred(if is_umap { umap(rows, &first, METRIC, Arithmetic::Portable, &SETTINGS) } else { first.clone() });
    let quality = |positions: &[f32]| {
        let found = map_quality(rows, positions, SETTINGS.neighbours, METRIC, Arithmetic::Portable);
        let found =
            found.ok_or_else(|| anyhow!("{} entities are too few for a map: say --layout none", rows.nrows()))?;
        anyhow::Ok(LayoutQuality {
            metric: METRIC,
            k: found.k as u32,
            knn_recall: rounded(found.recall),
            trustworthiness: rounded(found.trustworthiness),
        })
    };
    let card = LayoutCard {
        method: match layout {
            Layout::Umap => {
                format!("UMAP of {}-d vectors, {} neighbours, least distance 0.1", model.dim(), SETTINGS.neighbours)
            }
            _ => format!("principal components of {}-d vectors", model.dim()),
        },
        metrics: purities(graph, &positions),
        quality: Some(quality(&positions)?),
        quality_of_pca: is_umap.then(|| quality(&first)).transpose()?,
    };
    Ok((positions, card))
}

/// How far types and disease areas can be told apart on the map.
fn purities(graph: &KnowledgeGraph, positions: &[f32]) -> Vec<MetricLine> {
    let entities = graph.vocabulary.entities();
    let all: Vec<usize> = (0..entities.len()).collect();
    let diseases: Vec<usize> = all.iter().copied().filter(|at| !entities[*at].area.is_empty()).collect();
    let types = purity(positions, &all, 10, |a, b| entities[a].kind == entities[b].kind);
    let areas = purity(positions, &diseases, 5, |a, b| entities[a].area == entities[b].area);
    let line = |name: &str, (share, chance): (f64, f64), what: &str| MetricLine {
        name: name.into(),
        value: rounded(share),
        protocol: format!("{what}, mean share; {chance:.3} if placed at random"),
    };
    vec![
        line("type purity", types, "nearest 10 marks of the same type"),
        line("area purity", areas, "nearest 5 diseases of the same area"),
    ]
}

fn rounded(share: f64) -> f32 {
    (share * 1e4).round() as f32 / 1e4
}

/// Members that ask for their neighbours; of more than these, every second, third … does.
const MOST_QUERIES: usize = 2048;

/// Share of the nearest members that belong to the same group, and what chance gives.
fn purity(positions: &[f32], members: &[usize], k: usize, same: impl Fn(usize, usize) -> bool) -> (f64, f64) {
    let (mut share, mut chance, mut count) = (0.0, 0.0, 0.0f64);
    for &a in members.iter().step_by(members.len().div_ceil(MOST_QUERIES).max(1)) {
        let apart = |b: usize| {
            (positions[2 * a] - positions[2 * b]).powi(2) + (positions[2 * a + 1] - positions[2 * b + 1]).powi(2)
        };
        let mut near: Vec<(f32, usize)> = members.iter().filter(|b| **b != a).map(|&b| (apart(b), b)).collect();
        chance += near.iter().filter(|(_, b)| same(a, *b)).count() as f64 / near.len().max(1) as f64;
        let k = k.min(near.len()).max(1);
        if k < near.len() {
            near.select_nth_unstable_by(k, |x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
        }
        share += near.iter().take(k).filter(|(_, b)| same(a, *b)).count() as f64 / k as f64;
        count += 1.0;
    }
    (share / count.max(1.0), chance / count.max(1.0))
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
