//! UMAP: a map of the plane that keeps neighbours together (McInnes, Healy and Melville, arXiv 1802.03426).
//!
//! [`umap_plan`] makes the neighbourhood graph: each row is joined to its `k` nearest with the weight
//! `exp(−(d − ρ_i) / σ_i)`, `ρ_i` the distance of the nearest and `σ_i` such that the weights of a row sum to
//! `log2 k`; the two directions are united as `w = a + b − ab`. The layout loop is in [`crate::backend::umap`] and has
//! two twins, for the CPU and for a GPU. It starts from the layout it is given, for example principal components.
//!
//! Own code, because the crates at hand (umap-rs, fast-umap, annembed, manifolds-rs) move points by unordered writes
//! of threads, or bring an approximate index, LAPACK or a learning framework along: none gives the same bits every
//! time, runs on this engine's device and fits in a small wasm.

use ndarray::ArrayView2;

use super::neighbours::{Neighbours, nearest};
use crate::backend::cpu::CpuUmap;
use crate::backend::umap::{MOST_EPOCHS, UmapPlan};
use crate::maths::{exp, ln};
use crate::model::{Arithmetic, Metric};
use crate::rng::{Stream, hash, unit};

/// How to lay out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UmapSettings {
    /// Nearest rows that each row is joined to.
    pub neighbours: usize,
    /// Passes over all edges.
    pub epochs: u32,
    /// Random others that a point is pushed away from, per attraction.
    pub repulsions: u32,
    /// Seed of these.
    pub seed: u32,
}

impl Default for UmapSettings {
    /// The reference implementation's defaults for a small data set.
    fn default() -> Self {
        UmapSettings { neighbours: 15, epochs: 500, repulsions: 5, seed: 1 }
    }
}

impl UmapSettings {
    /// The reference implementation's defaults for so many rows: 500 epochs up to 10,000, else 200.
    pub fn for_rows(count: usize) -> Self {
        UmapSettings { epochs: if count <= 10_000 { 500 } else { 200 }, ..UmapSettings::default() }
    }
}

/// Lays rows `[n, dim]` out in the plane on the CPU, from a first layout `[n × 2]`; positions are `[n × 2]`.
///
/// The same rows give the same bits for any number of threads; with [`Arithmetic::Portable`], on every machine.
pub fn umap(
    rows: ArrayView2<'_, f32>,
    first: &[f32],
    metric: Metric,
    arithmetic: Arithmetic,
    settings: &UmapSettings,
) -> Vec<f32> {
    let mut layout = CpuUmap::new(umap_plan(rows, first, metric, arithmetic, settings));
    layout.advance(MOST_EPOCHS);
    layout.positions().to_vec()
}

/// The graph, the first positions and the schedule: what a layout loop needs.
///
/// Rows, or a first layout, of fewer than three points make a plan without epochs.
pub fn umap_plan(
    rows: ArrayView2<'_, f32>,
    first: &[f32],
    metric: Metric,
    arithmetic: Arithmetic,
    settings: &UmapSettings,
) -> UmapPlan {
    let first = spread(first, settings.seed);
    if rows.nrows() < 3 || first.len() != 2 * rows.nrows() {
        return UmapPlan { first, ..UmapPlan::default() };
    }
    let epochs = settings.epochs.min(MOST_EPOCHS);
    let near = nearest(rows, settings.neighbours.max(1), metric, arithmetic);
    let (starts, edges) = schedule(&united(&near), rows.nrows(), epochs, settings.seed);
    UmapPlan { starts, edges, first, epochs, repulsions: settings.repulsions, seed: settings.seed }
}

/// Scaled to ±10 as the reference does, and shaken a little, since points on one spot would never part.
fn spread(first: &[f32], seed: u32) -> Vec<f32> {
    let extent = first.iter().fold(1e-6f32, |most, x| most.max(x.abs()));
    let shake = |at: usize| unit(hash(seed, Stream::Projection, at as u32, u32::MAX)) - 0.5;
    first.iter().enumerate().map(|(at, x)| 10.0 * x / extent + 1e-3 * shake(at)).collect()
}

/// Pairs of rows with their weight, both directions united; a pair once, by rows.
fn united(near: &Neighbours) -> Vec<(u32, u32, f32)> {
    let lists: Vec<Vec<(usize, f32)>> = (near.rows.chunks_exact(near.k))
        .zip(near.distances.chunks_exact(near.k))
        .map(|(rows, distances)| {
            let list: Vec<(f32, usize)> = distances.iter().zip(rows).map(|(d, row)| (*d, *row as usize)).collect();
            fuzzy(&list)
        })
        .collect();
    let weight = |from: usize, to: usize| lists[from].iter().find(|item| item.0 == to).map_or(0.0, |item| item.1);
    let mut pairs = Vec::with_capacity(near.rows.len());
    for (i, list) in lists.iter().enumerate() {
        for &(j, a) in list {
            let b = weight(j, i);
            // A pair that each lists is united once, from the smaller row.
            if b == 0.0 || i < j {
                pairs.push((i as u32, j as u32, a + b - a * b));
            }
        }
    }
    pairs
}

/// Edges by point, each from either end, with how often they pull; those that never would are left out.
fn schedule(pairs: &[(u32, u32, f32)], count: usize, epochs: u32, seed: u32) -> (Vec<u32>, Vec<[u32; 2]>) {
    let strongest = pairs.iter().fold(0.0f32, |most, pair| most.max(pair.2));
    let lasting = || pairs.iter().filter(|pair| pair.2 > 0.0 && pair.2 * epochs as f32 >= strongest);
    let mut starts = vec![0u32; count + 1];
    for &(i, j, _) in lasting() {
        starts[i as usize + 1] += 1;
        starts[j as usize + 1] += 1;
    }
    for point in 0..count {
        starts[point + 1] += starts[point];
    }
    let mut edges = vec![[0; 2]; starts[count] as usize];
    let mut places = starts.clone();
    for &(i, j, weight) in lasting() {
        let odds = ((weight / strongest * 65_536.0) as u32).clamp(1, 65_535);
        // Edges of one weight are not all due in the same epoch.
        let phase = hash(seed, Stream::Projection, i, j) & 0xffff;
        for (from, to) in [(i, j), (j, i)] {
            let place = &mut places[from as usize];
            edges[*place as usize] = [to, odds << 16 | phase];
            *place += 1;
        }
    }
    (starts, edges)
}

/// Weights of a row's nearest, `(distance, row)` ascending: `exp(−(d − ρ) / σ)` with sum `log2 k`.
fn fuzzy(near: &[(f32, usize)]) -> Vec<(usize, f32)> {
    let wanted = ln(near.len().max(2) as f32) / std::f32::consts::LN_2;
    let nearest = near.iter().map(|(d, _)| *d).find(|d| *d > 0.0).unwrap_or(0.0);
    let weight = |distance: f32, sigma: f32| if distance > nearest { exp(-(distance - nearest) / sigma) } else { 1.0 };
    let (mut low, mut high) = (1e-6f32, 1e6f32);
    for _ in 0..64 {
        let middle = (low * high).sqrt();
        let sum: f32 = near.iter().map(|(d, _)| weight(*d, middle)).sum();
        if sum > wanted { high = middle } else { low = middle }
    }
    near.iter().map(|(d, at)| (*at, weight(*d, low))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Axes;
    use ndarray::Array2;

    /// Three clusters of 30 rows, far from each other in 10 dimensions.
    fn clusters() -> Array2<f32> {
        Array2::from_shape_fn((90, 10), |(row, k)| {
            let noise = unit(hash(5, Stream::Init, row as u32, k as u32)) - 0.5;
            noise + if k == row / 30 { 6.0 } else { 0.0 }
        })
    }

    #[test]
    fn clusters_of_many_dimensions_stay_apart() {
        let rows = clusters();
        let first = Axes::new(10).project(rows.view(), Arithmetic::Portable).positions;
        for metric in [Metric::Euclidean, Metric::Cosine] {
            let lay_out = || umap(rows.view(), &first, metric, Arithmetic::Portable, &UmapSettings::default());
            let points = lay_out();
            assert!(points.iter().all(|x| x.is_finite()));
            assert_eq!(points, lay_out(), "the same every time");
            let plane = Array2::from_shape_vec((90, 2), points).expect("two numbers per point");
            let near = nearest(plane.view(), 10, Metric::Euclidean, Arithmetic::Portable);
            let own = (near.rows.iter().enumerate()).filter(|(at, row)| at / 10 / 30 == **row as usize / 30).count();
            assert!(own > 890, "{own} of 900 neighbours are of the own cluster");
        }
    }

    #[test]
    fn the_graph_lists_each_edge_from_both_ends_with_the_same_odds() {
        let plan = umap_plan(
            clusters().view(),
            &[0.0; 180],
            Metric::Euclidean,
            Arithmetic::Portable,
            &UmapSettings::default(),
        );
        let mut edges = 0;
        for point in 0..90 {
            assert!(!plan.edges_of(point).is_empty(), "{point} is joined to none");
            for &[other, schedule] in plan.edges_of(point) {
                assert!(plan.edges_of(other as usize).contains(&[point as u32, schedule]));
                edges += 1;
            }
        }
        assert_eq!(edges, plan.edges.len());
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        let rows = Array2::from_shape_fn((1500, 5), |(row, k)| unit(hash(7, Stream::Init, row as u32, k as u32)));
        let first = Axes::new(5).project(rows.view(), Arithmetic::Portable).positions;
        let settings = UmapSettings { epochs: 30, ..UmapSettings::default() };
        let lay_out = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
            pool.install(|| umap(rows.view(), &first, Metric::Euclidean, Arithmetic::Fast, &settings))
        };
        assert_eq!(lay_out(1), lay_out(3));
    }

    #[test]
    fn few_rows_and_equal_rows_give_finite_points() {
        for count in [0, 1, 2, 3, 40] {
            let rows = Array2::ones((count, 4));
            let points =
                umap(rows.view(), &vec![0.0; 2 * count], Metric::Cosine, Arithmetic::Fast, &UmapSettings::default());
            assert!(points.len() == 2 * count && points.iter().all(|x| x.is_finite()), "{points:?}");
        }
    }
}
