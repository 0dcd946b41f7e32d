//! How far a map may be believed: are a point's neighbours on the plane its neighbours in the space of the rows?
//!
//! With `N_i` the `k` nearest rows of `i` in the space, `M_i` its `k` nearest on the map and `r(i, j)` the place of
//! `j` among all rows ordered by their distance from `i`, 1 for the nearest:
//!
//! ```text
//! recall          = 1/q Σ_i |N_i ∩ M_i| / k
//! trustworthiness = 1 − 2 / (q k (2n − 3k − 1)) Σ_i Σ_{j ∈ M_i} max(0, r(i, j) − k)
//! ```
//!
//! Trustworthiness is that of Venna and Kaski (2001), as in `sklearn.manifold.trustworthiness`, where `q = n`. Up to
//! [`MOST_QUERIES`] points every point asks; above, a pseudo-random sample of that many does, always the same, and
//! always against all points. Cost: `q n d` multiplications and `q n k` comparisons.

use std::fmt;

use ndarray::ArrayView2;

use super::neighbours::{Best, Space};
use crate::backend::cpu::for_each;
use crate::model::{Arithmetic, Metric};
use crate::rng::Permutation;

/// Points that ask for their neighbours; where there are more, a sample of this size does.
pub const MOST_QUERIES: usize = 4096;
/// Queries of a tile.
const TILE: usize = 32;

/// How well a map keeps neighbours together, and by what protocol that was found: [`fmt::Display`] says both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapQuality {
    /// Share of the nearest in the space that are among the nearest on the map, mean over queries; 0 to 1.
    pub recall: f64,
    /// 1 when no stranger is among the nearest on the map; about 0.5 for a map placed at random.
    pub trustworthiness: f64,
    /// Neighbours that were looked at.
    pub k: usize,
    /// Distance in the space of the rows.
    pub metric: Metric,
    /// Points of the map.
    pub points: usize,
    /// Points that asked: all, or a sample.
    pub queries: usize,
}

impl MapQuality {
    /// What the numbers stand for, in words.
    pub fn protocol(&self) -> String {
        let (k, metric, points) = (self.k, self.metric.name(), self.points);
        let who = match self.queries {
            queries if queries == points => format!("all {points} points"),
            queries => format!("a sample of {queries} of {points} points, each against all"),
        };
        format!("{k} nearest by {metric} distance, {who}")
    }
}

impl fmt::Display for MapQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MapQuality { recall, trustworthiness, .. } = self;
        write!(f, "recall {recall:.3}, trustworthiness {trustworthiness:.3} ({})", self.protocol())
    }
}

/// Compares a map, x and y per row, with its rows `[n, dim]`, by the `k` nearest.
///
/// `None` where the numbers are not defined: `k` is 0 or not below `n / 2`, or positions are not `[n × 2]`.
pub fn map_quality(
    rows: ArrayView2<'_, f32>,
    positions: &[f32],
    k: usize,
    metric: Metric,
    arithmetic: Arithmetic,
) -> Option<MapQuality> {
    let points = rows.nrows();
    if k == 0 || 2 * k >= points || positions.len() != 2 * points {
        return None;
    }
    let space = Space::new(rows, metric);
    let queries = sample(points);
    // Neighbours found again, and how far strangers came from.
    let mut sums = vec![(0u64, 0u64); queries.len().div_ceil(TILE)];
    for_each(queries.chunks(TILE).zip(&mut sums).collect(), |(queries, sums): (&[usize], &mut (u64, u64))| {
        let (mut keys, mut on_map) = (Vec::new(), vec![0.0; points]);
        let rows: Vec<f32> = queries.iter().flat_map(|query| space.row(*query)).copied().collect();
        space.keys(arithmetic, &rows, 0..points, &mut keys);
        for (query, keys) in queries.iter().zip(keys.chunks_exact(points)) {
            let (hits, strangers) = judge(*query, k, keys, positions, &mut on_map);
            sums.0 += hits;
            sums.1 += strangers;
        }
    });
    let (hits, strangers) = sums.iter().fold((0, 0), |all, part| (all.0 + part.0, all.1 + part.1));
    let asked = (queries.len() * k) as f64;
    let worst = (2 * points - 3 * k - 1) as f64;
    Some(MapQuality {
        recall: hits as f64 / asked,
        trustworthiness: 1.0 - 2.0 * strangers as f64 / (asked * worst),
        k,
        metric,
        points,
        queries: queries.len(),
    })
}

/// The points that ask, ascending.
fn sample(points: usize) -> Vec<usize> {
    if points <= MOST_QUERIES {
        return (0..points).collect();
    }
    let order = Permutation::new(points as u32, 1, 0);
    let mut queries: Vec<usize> = (0..MOST_QUERIES as u32).map(|at| order.at(at) as usize).collect();
    queries.sort_unstable();
    queries
}

/// How many of the `k` nearest are found on the map, and `Σ max(0, r − k)` over those nearest on it.
fn judge(query: usize, k: usize, keys: &[f32], positions: &[f32], on_map: &mut [f32]) -> (u64, u64) {
    let (x, y) = (positions[2 * query], positions[2 * query + 1]);
    let (places, _) = positions.as_chunks::<2>();
    for (distance, place) in on_map.iter_mut().zip(places) {
        *distance = (place[0] - x) * (place[0] - x) + (place[1] - y) * (place[1] - y);
    }
    let (mut near, mut seen) = (Best::new(k), Best::new(k));
    near.offer(keys, 0, query);
    seen.offer(on_map, 0, query);
    let (mut hits, mut strangers) = (0, 0);
    for &(_, other) in &seen.items {
        if near.items.iter().any(|item| item.1 == other) {
            hits += 1;
        } else {
            let other = other as usize;
            let key = keys[other];
            let before = |keys: &[f32], f: fn(f32, f32) -> bool| keys.iter().filter(|x| f(**x, key)).count();
            // Equal keys are ordered by row; the query itself is no neighbour.
            let nearer = before(&keys[..other], |x, key| x <= key) + before(&keys[other + 1..], |x, key| x < key);
            let is_itself_counted = if query < other { keys[query] <= key } else { keys[query] < key };
            let rank = nearer + 1 - usize::from(is_itself_counted);
            strangers += rank.saturating_sub(k) as u64;
        }
    }
    (hits, strangers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, hash, unit};
    use ndarray::Array2;

    fn plane(points: usize) -> Array2<f32> {
        Array2::from_shape_fn((points, 2), |(row, k)| unit(hash(2, Stream::Init, row as u32, k as u32)))
    }

    #[test]
    fn a_map_of_the_plane_itself_is_perfect_and_a_shuffled_one_is_chance() {
        let rows = plane(MOST_QUERIES + 900);
        let positions: Vec<f32> = rows.iter().copied().collect();
        let judge = |positions: &[f32]| {
            map_quality(rows.view(), positions, 10, Metric::Euclidean, Arithmetic::Fast).expect("it is defined")
        };
        let same = judge(&positions);
        assert!(same.recall > 0.999 && same.trustworthiness > 0.999_99, "{same}");
        assert_eq!(same.queries, MOST_QUERIES);
        assert!(same.to_string().contains("a sample of 4096 of 4996 points"), "{same}");
        let mut shuffled = positions.clone();
        shuffled.rotate_left(2000);
        let chance = judge(&shuffled);
        assert!(chance.recall < 0.01 && (chance.trustworthiness - 0.5).abs() < 0.02, "{chance}");
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let rows = plane(20);
        let positions: Vec<f32> = rows.iter().copied().collect();
        for (k, length) in [(0, 40), (10, 40), (5, 38)] {
            let quality = map_quality(rows.view(), &positions[..length], k, Metric::Cosine, Arithmetic::Fast);
            assert_eq!(quality, None);
        }
    }
}
