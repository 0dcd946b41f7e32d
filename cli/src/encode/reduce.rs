//! Text vectors made shorter: principal components, or a seeded random projection.
//!
//! A projection `x ↦ (x − mean) G / √dims` with normal `G` keeps angles nearly and needs no eigenvectors (Johnson and
//! Lindenstrauss, 1984); principal components keep most of the variance and put it first, so that rows can be cut.

use clap::ValueEnum;
use lladr_core::rng::{Stream, hash, unit};
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

/// Rows whose products are summed at a time; the sums are added in order.
const BLOCK: usize = 8192;
/// Blocks under way at a time: the products of long vectors are large.
const BLOCKS: usize = 8;
/// Seed of the projection.
const SEED: u32 = 0x7e47;

/// How vectors become shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Principal components.
    Pca,
    /// A random projection, the same for all packs.
    Projection,
    /// Not at all: all the encoder's numbers, whatever --dims says.
    None,
}

impl Kind {
    /// What was done, for the pack's card; `held` says how much variance is left.
    pub fn words(self, width: usize, dims: usize, held: &[String]) -> String {
        let held = if held.is_empty() { String::new() } else { format!(" ({})", held.join(", ")) };
        match self {
            Kind::Pca => format!(
                "centred, reduced from {width} to {dims} principal components{held}, one basis for names and one for \
                 descriptions, scaled to a mean squared length of 1, in half precision"
            ),
            Kind::Projection => format!(
                "centred, reduced from {width} to {dims} numbers by a random projection of seed {SEED:#x}, scaled to a \
                 mean squared length of 1, in half precision"
            ),
            Kind::None => format!("all {width} numbers, in half precision"),
        }
    }
}

/// A mean per group of rows, directions, and a common factor.
pub struct Reduction {
    means: Vec<Vec<f64>>,
    /// One direction after the other; `None` leaves rows as they are.
    axes: Option<Vec<Vec<f64>>>,
    factor: f64,
    /// Share of the variance that the directions hold, 0 to 1, where it was measured.
    pub share: Option<f64>,
}

impl Reduction {
    /// Fits rows, each with the number of its group.
    pub fn fit(kind: Kind, rows: &[(&[f32], usize)], dims: usize) -> Self {
        match kind {
            Kind::Pca => Reduction::pca(rows, dims),
            Kind::Projection => Reduction::projection(rows, dims),
            Kind::None => Reduction { means: Vec::new(), axes: None, factor: 1.0, share: None },
        }
    }

    /// The `dims` leading directions of `rows`. Each direction's sign makes its largest component positive.
    pub fn pca(rows: &[(&[f32], usize)], dims: usize) -> Self {
        let (count, width) = (rows.len().max(1) as f64, rows.first().map_or(0, |(row, _)| row.len()));
        let means = means(rows, width);
        let product = |block: &[(&[f32], usize)]| {
            let centred =
                DMatrix::from_fn(block.len(), width, |at, k| f64::from(block[at].0[k]) - means[block[at].1][k]);
            centred.tr_mul(&centred)
        };
        let mut total = DMatrix::zeros(width, width);
        for some in rows.chunks(BLOCK * BLOCKS) {
            let products: Vec<DMatrix<f64>> = some.par_chunks(BLOCK).map(product).collect();
            products.iter().for_each(|product| total += product);
        }
        let eigen = SymmetricEigen::new(total / count);
        let mut order: Vec<usize> = (0..width).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let total: f64 = eigen.eigenvalues.iter().sum();
        let kept: f64 = order.iter().take(dims).map(|&at| eigen.eigenvalues[at]).sum();
        let axes = order
            .iter()
            .take(dims)
            .map(|&at| {
                let axis: Vec<f64> = eigen.eigenvectors.column(at).iter().copied().collect();
                let largest = axis.iter().copied().fold(0.0f64, |most, x| if x.abs() > most.abs() { x } else { most });
                axis.into_iter().map(|x| x * largest.signum()).collect()
            })
            .collect();
        let factor = if kept > 0.0 { 1.0 / kept.sqrt() } else { 1.0 };
        Reduction { means, axes: Some(axes), factor, share: Some(if total > 0.0 { kept / total } else { 0.0 }) }
    }

    fn projection(rows: &[(&[f32], usize)], dims: usize) -> Self {
        let width = rows.first().map_or(0, |(row, _)| row.len());
        // Nearly normal: the sum of twelve uniform draws less six.
        let gaussian = |from: usize, to: usize| {
            let draw = |at: u32| f64::from(unit(hash(SEED, Stream::Reduction, from as u32, to as u32 * 12 + at)));
            (0..12).map(draw).sum::<f64>() - 6.0
        };
        let axes = (0..dims).map(|to| (0..width).map(|from| gaussian(from, to)).collect()).collect();
        let mut basis = Reduction { means: means(rows, width), axes: Some(axes), factor: 1.0, share: None };
        let squares: f64 = basis.apply_all(rows).iter().map(|x| f64::from(*x).powi(2)).sum();
        if squares > 0.0 {
            basis.factor = (rows.len() as f64 / squares).sqrt();
        }
        basis
    }

    /// Coordinates of rows, one after the other.
    pub fn apply_all(&self, rows: &[(&[f32], usize)]) -> Vec<f32> {
        rows.par_iter().flat_map_iter(|(row, group)| self.apply(row, *group)).collect()
    }

    /// Coordinates of a row of a group.
    pub fn apply(&self, row: &[f32], group: usize) -> Vec<f32> {
        let Some(axes) = &self.axes else { return row.to_vec() };
        // A group that was not there when the means were taken has that of the first.
        let Some(mean) = self.means.get(group).or(self.means.first()) else { return row.to_vec() };
        let along = |axis: &Vec<f64>| {
            row.iter().zip(mean).zip(axis).map(|((x, mean), a)| (f64::from(*x) - mean) * a).sum::<f64>()
        };
        axes.iter().map(|axis| (along(axis) * self.factor) as f32).collect()
    }
}

/// The mean of each group up to the last one that has rows.
fn means(rows: &[(&[f32], usize)], width: usize) -> Vec<Vec<f64>> {
    let groups = rows.iter().map(|(_, group)| group + 1).max().unwrap_or(1);
    let mut sums = vec![(vec![0.0; width], 0usize); groups];
    for (row, group) in rows {
        let (sum, count) = &mut sums[*group];
        *count += 1;
        sum.iter_mut().zip(*row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    sums.into_iter().map(|(sum, count)| sum.into_iter().map(|sum| sum / count.max(1) as f64).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(points: &[Vec<f32>], f: impl Fn(&Vec<f32>) -> f32) -> f32 {
        points.iter().map(f).sum::<f32>() / points.len() as f32
    }

    fn table() -> Vec<Vec<f32>> {
        (0..100).map(|i| vec![(i % 10) as f32 * 0.5, 7.0 - (i % 7) as f32, 3.0, (i % 2) as f32 * 0.01]).collect()
    }

    #[test]
    fn the_widest_direction_comes_first_and_lengths_are_about_one() {
        let rows = table();
        let rows: Vec<(&[f32], usize)> = rows.iter().map(|row| (row.as_slice(), 0)).collect();
        let basis = Reduction::pca(&rows, 2);
        assert!(basis.share > Some(0.99));
        let points: Vec<Vec<f32>> = rows.iter().map(|(row, _)| basis.apply(row, 0)).collect();
        assert!((mean(&points, |p| p[0] * p[0] + p[1] * p[1]) - 1.0).abs() < 1e-4);
        assert!(mean(&points, |p| p[0] * p[0]) > mean(&points, |p| p[1] * p[1]));
        assert!(mean(&points, |p| p[0]).abs() < 1e-4);
        assert_eq!(basis.apply_all(&rows), points.concat());
    }

    #[test]
    fn what_groups_differ_in_by_kind_is_no_direction() {
        let mut rows = table();
        rows[50..].iter_mut().for_each(|row| row[2] += 100.0);
        let rows: Vec<(&[f32], usize)> =
            rows.iter().enumerate().map(|(at, row)| (row.as_slice(), usize::from(at >= 50))).collect();
        for kind in [Kind::Pca, Kind::Projection] {
            let basis = Reduction::fit(kind, &rows, 2);
            let points: Vec<Vec<f32>> = rows.iter().map(|(row, group)| basis.apply(row, *group)).collect();
            for half in [&points[..50], &points[50..]] {
                assert!(mean(half, |p| p[0]).abs() < 1e-3, "{kind:?}");
            }
            assert!((mean(&points, |p| p[0] * p[0] + p[1] * p[1]) - 1.0).abs() < 1e-4, "{kind:?}");
        }
    }

    #[test]
    fn nothing_reduced_is_what_it_was() {
        let rows = table();
        let rows: Vec<(&[f32], usize)> = rows.iter().map(|row| (row.as_slice(), 0)).collect();
        assert_eq!(Reduction::fit(Kind::None, &rows, 4).apply_all(&rows), table().concat());
    }
}
