//! UMAP with points moved one after another, as the reference implementation does: the map of a bundled pack.
//!
//! See [`super::umap`] for the method and for the loop that runs in parallel. This one is sequential, finds
//! neighbours by a plain search, in portable arithmetic: for a few thousand rows, on a workstation.

use ndarray::ArrayView2;

use super::umap::{UmapSettings, fuzzy};
use crate::maths::{exp, fold, ln};
use crate::rng::{Stream, below, hash};

/// The curve `1 / (1 + A d^{2B})` for a least distance of 0.1 and a spread of 1.
const A: f32 = 1.576_943_5;
const B: f32 = 0.895_060_9;
/// A single move is at most this long.
const MOST: f32 = 4.0;

/// An edge of the neighbourhood graph, and how often it pulls.
struct Edge {
    from: usize,
    to: usize,
    /// Epochs between two pulls, and the next one.
    every: f32,
    next: f32,
}

/// Lays rows `[n, dim]` out in the plane, from a first layout `[n × 2]` (for example principal components).
pub fn umap_in_turn(rows: ArrayView2<'_, f32>, first: &[f32], settings: &UmapSettings) -> Vec<f32> {
    let count = rows.nrows();
    let extent = first.iter().fold(1e-6f32, |most, x| most.max(x.abs()));
    let mut points: Vec<f32> = first.iter().map(|x| 10.0 * x / extent).collect();
    if count < 3 || first.len() != 2 * count {
        return points;
    }
    let mut edges = edges(rows, settings.neighbours.clamp(1, count - 1), settings.epochs);
    for epoch in 0..settings.epochs {
        let rate = 1.0 - epoch as f32 / settings.epochs as f32;
        for (at, edge) in (0..).zip(&mut edges) {
            if edge.next > epoch as f32 {
                continue;
            }
            edge.next += edge.every;
            let (from, to) = (edge.from, edge.to);
            pull(&mut points, from, to, rate);
            for draw in 0..settings.repulsions {
                let other = below(hash(settings.seed ^ (epoch << 8 | draw), Stream::Projection, at, draw), count as u32)
                    as usize;
                if other != from {
                    push(&mut points, from, other, rate);
                }
            }
        }
    }
    points
}

/// Edges with both directions united, by row.
fn edges(rows: ArrayView2<'_, f32>, k: usize, epochs: u32) -> Vec<Edge> {
    let count = rows.nrows();
    let row = |at: usize| rows.row(at).to_slice().unwrap_or_default();
    let mut weights: Vec<Vec<(usize, f32)>> = Vec::with_capacity(count);
    for i in 0..count {
        let mut near: Vec<(f32, usize)> = (0..count)
            .filter(|j| *j != i)
            .map(|j| (fold(row(i), row(j), |a, b| (a - b) * (a - b)).sqrt(), j))
            .collect();
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.truncate(k);
        weights.push(fuzzy(&near));
    }
    let of = |i: usize, j: usize| weights[i].iter().find(|(to, _)| *to == j).map_or(0.0, |(_, weight)| *weight);
    let mut united: Vec<(usize, usize, f32)> = Vec::new();
    for (i, near) in weights.iter().enumerate() {
        for &(j, a) in near {
            let b = of(j, i);
            // A pair that each lists is united once, from the smaller row.
            if b == 0.0 || i < j {
                united.push((i, j, a + b - a * b));
            }
        }
    }
    let strongest = united.iter().fold(0.0f32, |most, edge| most.max(edge.2));
    united
        .into_iter()
        .filter(|edge| edge.2 * epochs as f32 >= strongest)
        .flat_map(|(i, j, weight)| {
            let every = strongest / weight;
            [Edge { from: i, to: j, every, next: every }, Edge { from: j, to: i, every, next: every }]
        })
        .collect()
}

fn squared(points: &[f32], a: usize, b: usize) -> [f32; 3] {
    let (x, y) = (points[2 * a] - points[2 * b], points[2 * a + 1] - points[2 * b + 1]);
    [x, y, x * x + y * y]
}

/// Both ends move towards each other.
fn pull(points: &mut [f32], from: usize, to: usize, rate: f32) {
    let [x, y, d2] = squared(points, from, to);
    if d2 <= 1e-12 {
        return;
    }
    let power = exp(B * ln(d2));
    let slope = -2.0 * A * B * power / d2 / (1.0 + A * power);
    for (axis, delta) in [x, y].into_iter().enumerate() {
        let step = (slope * delta).clamp(-MOST, MOST) * rate;
        points[2 * from + axis] += step;
        points[2 * to + axis] -= step;
    }
}

/// One point moves away from another.
fn push(points: &mut [f32], from: usize, other: usize, rate: f32) {
    let [x, y, d2] = squared(points, from, other);
    let power = if d2 > 1e-12 { exp(B * ln(d2)) } else { 0.0 };
    let slope = 2.0 * B / ((0.001 + d2) * (1.0 + A * power));
    for (axis, delta) in [x, y].into_iter().enumerate() {
        points[2 * from + axis] += (slope * delta).clamp(-MOST, MOST) * rate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Axes;
    use crate::rng::unit;
    use ndarray::Array2;

    #[test]
    fn clusters_of_many_dimensions_stay_apart() {
        // Three clusters of 30 rows, far from each other in 10 dimensions.
        let rows = Array2::from_shape_fn((90, 10), |(row, k)| {
            let noise = unit(hash(5, Stream::Init, row as u32, k as u32)) - 0.5;
            noise + if k == row / 30 { 6.0 } else { 0.0 }
        });
        let first = Axes::new(10).project(rows.view()).positions;
        let points = umap_in_turn(rows.view(), &first, &UmapSettings::default());
        assert!(points.iter().all(|x| x.is_finite()));
        assert_eq!(points, umap_in_turn(rows.view(), &first, &UmapSettings::default()), "the same every time");
        let mut right = 0;
        for i in 0..90 {
            let mut near: Vec<(f32, usize)> =
                (0..90).filter(|j| *j != i).map(|j| (squared(&points, i, j)[2], j)).collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            right += near[..10].iter().filter(|(_, j)| j / 30 == i / 30).count();
        }
        assert!(right > 890, "{right} of 900 neighbours are of the own cluster");
    }

    #[test]
    fn few_rows_and_equal_rows_give_finite_points() {
        for count in [0, 1, 2, 3, 40] {
            let points = umap_in_turn(Array2::ones((count, 4)).view(), &vec![0.0; 2 * count], &UmapSettings::default());
            assert!(points.len() == 2 * count && points.iter().all(|x| x.is_finite()));
        }
    }
}
