//! Projection to the plane: principal components here, for a model that trains; [`umap()`] for one that is done;
//! [`map_quality`] says how far a map of either kind may be believed.
//!
//! The covariance of the entity rows is `dim × dim`; its two leading eigenvectors are found by
//! orthogonal iteration (Golub and Van Loan, §8.2) from the last axes, so that the map moves
//! steadily while a model trains. A sign is free: the first time, the largest component of an
//! axis is made positive; afterwards, an axis keeps the direction it had.

mod neighbours;
mod quality;
mod umap;

use ndarray::{Array2, ArrayView2, Axis};

use crate::maths::dot;
use crate::model::{Arithmetic, product};
use crate::rng::{Stream, hash, unit};

pub use neighbours::{Neighbours, nearest};
pub use quality::{MOST_QUERIES, MapQuality, map_quality};
pub use umap::{UmapSettings, umap, umap_plan};

/// Two orthonormal axes in the space of the rows, each `[dim]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Axes {
    axes: [Vec<f32>; 2],
    /// Whether the signs were settled by a projection before.
    settled: bool,
}

/// Points on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// x, y of each row, `[rows × 2]`, centred on zero; unit: standard deviations of the first axis.
    pub positions: Vec<f32>,
    /// Share of the variance that the two axes hold, 0 to 1.
    pub variance_share: f32,
}

impl Axes {
    /// Where the iteration starts: fixed pseudo-random directions.
    pub fn new(dim: usize) -> Self {
        let axis =
            |row: u32| (0..dim as u32).map(|column| unit(hash(0, Stream::Projection, row, column)) - 0.5).collect();
        Axes { axes: [axis(0), axis(1)], settled: false }
    }

    /// Projects rows `[n, dim]` on their two principal components, which become the new axes.
    pub fn project(&mut self, rows: ArrayView2<'_, f32>, arithmetic: Arithmetic) -> Layout {
        let (count, dim) = rows.dim();
        let mean = rows.mean_axis(Axis(0)).unwrap_or_else(|| ndarray::Array1::zeros(dim));
        let centred = &rows - &mean;
        let mut covariance = Array2::zeros((dim, dim));
        product(arithmetic, centred.t(), centred.view(), covariance.view_mut());
        covariance /= count.max(1) as f32;
        let before = self.axes.clone();
        self.iterate(&covariance);
        for (axis, before) in self.axes.iter_mut().zip(&before) {
            let largest = axis.iter().copied().fold(0.0f32, |most, x| if x.abs() > most.abs() { x } else { most });
            let agreement = if self.settled { dot(axis, before) } else { largest };
            if agreement < 0.0 {
                axis.iter_mut().for_each(|x| *x = -*x);
            }
        }
        self.settled = true;

        let plane = Array2::from_shape_fn((dim, 2), |(k, axis)| self.axes[axis][k]);
        let mut points = Array2::zeros((count, 2));
        product(arithmetic, centred.view(), plane.view(), points.view_mut());
        let variances =
            points.map_axis(Axis(0), |column| column.iter().map(|x| x * x).sum::<f32>() / count.max(1) as f32);
        let total: f32 = covariance.diag().iter().sum();
        let scale = if variances[0] > 0.0 { 1.0 / variances[0].sqrt() } else { 1.0 };
        Layout {
            positions: points.iter().map(|x| x * scale).collect(),
            variance_share: if total > 0.0 { (variances.sum() / total).min(1.0) } else { 0.0 },
        }
    }

    fn iterate(&mut self, covariance: &Array2<f32>) {
        let [first, second] = &mut self.axes;
        orthonormalise(first, second);
        for _ in 0..60 {
            *first = apply(covariance, first);
            *second = apply(covariance, second);
            orthonormalise(first, second);
        }
    }
}

fn apply(matrix: &Array2<f32>, vector: &[f32]) -> Vec<f32> {
    matrix.rows().into_iter().map(|row| row.as_slice().map_or(0.0, |row| dot(row, vector))).collect()
}

/// Gram–Schmidt; a vector without length becomes an axis of the space.
fn orthonormalise(first: &mut [f32], second: &mut [f32]) {
    normalise(first, 0);
    let along = dot(first, second);
    second.iter_mut().zip(&*first).for_each(|(s, f)| *s -= along * f);
    normalise(second, 1);
}

fn normalise(vector: &mut [f32], fallback: usize) {
    let length = dot(vector, vector).sqrt();
    if length > 1e-20 && length.is_finite() {
        vector.iter_mut().for_each(|x| *x /= length);
    } else {
        vector.fill(0.0);
        if let Some(x) = vector.get_mut(fallback) {
            *x = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(rows: usize) -> Array2<f32> {
        // Spread 3, 2 and 0.1 along three known directions.
        let spread = [3.0, 2.0, 0.1, 0.0];
        Array2::from_shape_fn((rows, 4), |(row, k)| {
            spread[k] * (unit(hash(1, Stream::Init, row as u32, k as u32)) - 0.5)
        })
    }

    #[test]
    fn the_widest_directions_are_found_with_a_fixed_sign() {
        let mut axes = Axes::new(4);
        let layout = axes.project(cloud(500).view(), Arithmetic::Fast);
        assert!(axes.axes[0][0] > 0.99 && axes.axes[1][1] > 0.99, "{axes:?}");
        assert!(layout.variance_share > 0.99);
        assert_eq!(layout, Axes::new(4).project(cloud(500).view(), Arithmetic::Fast));
    }

    #[test]
    fn both_arithmetics_find_the_same_places() {
        let places = |arithmetic| Axes::new(4).project(cloud(500).view(), arithmetic).positions;
        let pairs = places(Arithmetic::Fast).into_iter().zip(places(Arithmetic::Portable));
        pairs.for_each(|(fast, portable)| assert!((fast - portable).abs() < 1e-4, "{fast} {portable}"));
    }

    #[test]
    fn a_mirrored_cloud_keeps_the_axes() {
        let mut axes = Axes::new(4);
        axes.project(cloud(500).view(), Arithmetic::Fast);
        let before = axes.clone();
        axes.project((-cloud(500)).view(), Arithmetic::Fast);
        assert!(dot(&before.axes[0], &axes.axes[0]) > 0.99);
    }

    #[test]
    fn degenerate_clouds_give_finite_points() {
        for rows in [Array2::zeros((3, 4)), Array2::ones((1, 4)), Array2::zeros((0, 4)), Array2::ones((5, 1))] {
            for arithmetic in [Arithmetic::Fast, Arithmetic::Portable] {
                let layout = Axes::new(rows.ncols()).project(rows.view(), arithmetic);
                assert_eq!(layout.positions.len(), rows.nrows() * 2);
                assert!(layout.positions.iter().all(|x| x.is_finite()));
            }
        }
    }
}
