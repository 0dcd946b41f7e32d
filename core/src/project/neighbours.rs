//! Exact nearest neighbours by brute force: tiles of a matrix product, then the few best of each row.
//!
//! For a query `a` and rows `b`, `|a − b|² = |a|² + |b|² − 2 a·b`, so rows are ordered by the *key* `|b|² / 2 − a·b`
//! (Euclidean; rows are centred first, which keeps the bits that matter) or by `−a·b` of rows of length one
//! (cosine). That is `2 n² d` operations at the speed of a product. The product rounds where rows nearly coincide:
//! [`SPARE`] more than asked for are kept, their distances are computed directly, and the list is sorted by those.
//! Equal distances are ordered by row. Blocks of queries are independent and run on all cores under feature `parallel`.

use std::ops::Range;

use ndarray::{ArrayView2, Axis};

use crate::backend::cpu::for_each;
use crate::maths::dot;
use crate::model::{Arithmetic, Metric, Similarity, view, view_mut};

/// Queries and candidates of a tile of the product.
const QUERIES: usize = 128;
const CANDIDATES: usize = 1024;
/// How many more than asked for are measured directly.
const SPARE: usize = 4;

/// The nearest rows of each row, itself left out, nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    /// Neighbours per row.
    pub k: usize,
    /// Rows, `[n × k]`.
    pub rows: Vec<u32>,
    /// Their distances, `[n × k]`.
    pub distances: Vec<f32>,
}

/// The `k` nearest (at most `n − 1`) of each row of `[n, dim]`, whose numbers are finite.
pub fn nearest(rows: ArrayView2<'_, f32>, k: usize, metric: Metric, arithmetic: Arithmetic) -> Neighbours {
    let count = rows.nrows();
    let k = k.min(count.saturating_sub(1));
    let mut found = Neighbours { k, rows: vec![0; count * k], distances: vec![0.0; count * k] };
    if k == 0 {
        return found;
    }
    let space = Space::new(rows, metric);
    let parts = found.rows.chunks_mut(QUERIES * k).zip(found.distances.chunks_mut(QUERIES * k)).enumerate().collect();
    for_each(parts, |(part, (rows, distances)): (usize, (&mut [u32], &mut [f32]))| {
        let first = part * QUERIES;
        let queries = first..first + rows.len() / k;
        let mut best: Vec<Best> = queries.clone().map(|_| Best::new(k + SPARE)).collect();
        let mut keys = Vec::new();
        for start in (0..count).step_by(CANDIDATES) {
            let width = CANDIDATES.min(count - start);
            space.keys(arithmetic, space.rows(&queries), start..start + width, &mut keys);
            for ((query, best), keys) in queries.clone().zip(&mut best).zip(keys.chunks_exact(width)) {
                best.offer(keys, start, query);
            }
        }
        let out = rows.chunks_exact_mut(k).zip(distances.chunks_exact_mut(k));
        for ((query, best), (rows, distances)) in queries.zip(best).zip(out) {
            let mut near: Vec<(f32, u32)> = best
                .items
                .iter()
                .map(|&(_, row)| (metric.distance(space.row(query), space.row(row as usize)), row))
                .collect();
            near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for ((row, distance), near) in rows.iter_mut().zip(distances).zip(near) {
                (*distance, *row) = near;
            }
        }
    });
    found
}

/// Rows made ready for a metric.
pub(super) struct Space {
    dim: usize,
    rows: Vec<f32>,
    /// `|b|² / 2` (Euclidean) or 0 (cosine).
    offsets: Vec<f32>,
}

impl Space {
    pub(super) fn new(rows: ArrayView2<'_, f32>, metric: Metric) -> Self {
        let dim = rows.ncols();
        let mut own = rows.to_owned();
        match (metric, rows.mean_axis(Axis(0))) {
            (Metric::Euclidean, Some(mean)) => own -= &mean,
            (Metric::Euclidean, None) => {}
            (Metric::Cosine, _) => own.rows_mut().into_iter().for_each(|mut row| {
                let length = row.as_slice().map_or(0.0, |row| dot(row, row)).sqrt();
                if length > 0.0 {
                    row /= length;
                }
            }),
        }
        // In rows, whatever the order of the view was.
        let rows: Vec<f32> = own.iter().copied().collect();
        let offsets = match metric {
            Metric::Euclidean => rows.chunks_exact(dim.max(1)).map(|row| dot(row, row) / 2.0).collect(),
            Metric::Cosine => vec![0.0; own.nrows()],
        };
        Space { dim, rows, offsets }
    }

    fn rows(&self, range: &Range<usize>) -> &[f32] {
        &self.rows[range.start * self.dim..range.end * self.dim]
    }

    /// A row, ready for the metric.
    pub(super) fn row(&self, at: usize) -> &[f32] {
        &self.rows[at * self.dim..(at + 1) * self.dim]
    }

    /// Keys of query rows `[m × dim]` and a range of candidates, `[m × range]`: the smaller, the nearer.
    pub(super) fn keys(&self, arithmetic: Arithmetic, queries: &[f32], candidates: Range<usize>, keys: &mut Vec<f32>) {
        let width = candidates.len();
        keys.clear();
        keys.resize(queries.len() / self.dim.max(1) * width, 0.0);
        let (a, b) = (view(queries, self.dim), view(self.rows(&candidates), self.dim));
        Similarity::Dot.scores(arithmetic, 0.0, a, b, &mut Vec::new(), view_mut(keys, width));
        for keys in keys.chunks_exact_mut(width) {
            for (key, offset) in keys.iter_mut().zip(&self.offsets[candidates.clone()]) {
                *key = offset - *key;
            }
        }
    }
}

/// The smallest keys so far, ascending; the earlier row first where they are equal.
pub(super) struct Best {
    most: usize,
    pub(super) items: Vec<(f32, u32)>,
}

impl Best {
    pub(super) fn new(most: usize) -> Self {
        Best { most, items: Vec::with_capacity(most + 1) }
    }

    /// Looks at the keys of rows from `first` on, but for row `own`.
    pub(super) fn offer(&mut self, keys: &[f32], first: usize, own: usize) {
        // Few keys are among the smallest: sixteen are turned down by one comparison that vectorises.
        for (block, keys) in keys.chunks(16).enumerate() {
            let bound = self.bound();
            if keys.iter().fold(false, |any, key| any | (*key < bound)) || self.items.len() < self.most {
                for (at, &key) in keys.iter().enumerate() {
                    let row = first + 16 * block + at;
                    if row != own && (key < self.bound() || self.items.len() < self.most) {
                        let place = self.items.partition_point(|item| item.0.total_cmp(&key).is_le());
                        self.items.insert(place, (key, row as u32));
                        self.items.truncate(self.most);
                    }
                }
            }
        }
    }

    fn bound(&self) -> f32 {
        if self.items.len() < self.most {
            f32::INFINITY
        } else {
            self.items.last().map_or(f32::INFINITY, |item| item.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, hash, unit};
    use ndarray::Array2;

    fn cloud(rows: usize, dim: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, dim), |(row, k)| unit(hash(9, Stream::Init, row as u32, k as u32)) + 3.0)
    }

    #[test]
    fn the_nearest_are_those_of_a_plain_search() {
        for (count, dim, k) in [(2, 1, 5), (130, 3, 7), (1100, 9, 15)] {
            let rows = cloud(count, dim);
            for metric in [Metric::Euclidean, Metric::Cosine] {
                let found = nearest(rows.view(), k, metric, Arithmetic::Fast);
                assert_eq!(found.k, k.min(count - 1));
                for i in (0..count).step_by(13) {
                    let exact = |j: usize| {
                        let pair =
                            || rows.row(i).into_iter().zip(rows.row(j)).map(|(a, b)| (f64::from(*a), f64::from(*b)));
                        let sum = |f: &dyn Fn((f64, f64)) -> f64| pair().map(f).sum::<f64>();
                        match metric {
                            Metric::Euclidean => sum(&|(a, b)| (a - b) * (a - b)).sqrt(),
                            Metric::Cosine => {
                                1.0 - sum(&|(a, b)| a * b) / (sum(&|(a, _)| a * a) * sum(&|(_, b)| b * b)).sqrt()
                            }
                        }
                    };
                    let mut all: Vec<f64> = (0..count).filter(|j| *j != i).map(exact).collect();
                    all.sort_by(f64::total_cmp);
                    for (at, wanted) in all.iter().take(found.k).enumerate() {
                        let (row, distance) = (found.rows[i * found.k + at], found.distances[i * found.k + at]);
                        assert_ne!(row as usize, i);
                        assert!((exact(row as usize) - wanted).abs() < 1e-6, "{metric:?} {count} × {dim}: {i}, {at}");
                        assert!((f64::from(distance) - wanted).abs() < 2e-6, "{distance} is {wanted}");
                    }
                }
            }
        }
    }

    #[test]
    fn equal_rows_and_rows_of_zeros_are_ordered_by_number() {
        for metric in [Metric::Euclidean, Metric::Cosine] {
            for value in [0.0, 2.0] {
                let found = nearest(Array2::from_elem((9, 3), value).view(), 2, metric, Arithmetic::Portable);
                assert_eq!(found.rows[..6], [1, 2, 0, 2, 0, 1]);
            }
        }
        assert!(nearest(cloud(1, 3).view(), 4, Metric::Euclidean, Arithmetic::Fast).rows.is_empty());
        assert!(nearest(cloud(0, 3).view(), 4, Metric::Cosine, Arithmetic::Fast).rows.is_empty());
    }
}
