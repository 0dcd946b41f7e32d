//! Principal components of text vectors.

use nalgebra::{DMatrix, SymmetricEigen};

/// A mean, the leading principal directions, and a common factor.
pub struct Reduction {
    mean: Vec<f64>,
    /// One direction after the other.
    axes: Vec<Vec<f64>>,
    factor: f64,
    /// Share of the variance that the directions hold, 0 to 1.
    pub share: f64,
}

impl Reduction {
    /// The `dims` leading directions of `rows`. Each direction's sign makes its largest component positive.
    pub fn fit(rows: &[&[f32]], dims: usize) -> Self {
        let (count, width) = (rows.len().max(1) as f64, rows.first().map_or(0, |row| row.len()));
        let mean: Vec<f64> =
            (0..width).map(|k| rows.iter().map(|row| f64::from(row[k])).sum::<f64>() / count).collect();
        let centred = DMatrix::from_fn(rows.len(), width, |row, k| f64::from(rows[row][k]) - mean[k]);
        let eigen = SymmetricEigen::new(centred.tr_mul(&centred) / count);
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
        Reduction { mean, axes, factor, share: if total > 0.0 { kept / total } else { 0.0 } }
    }

    /// A text's coordinates.
    pub fn apply(&self, row: &[f32]) -> Vec<f32> {
        let along = |axis: &Vec<f64>| {
            row.iter().zip(&self.mean).zip(axis).map(|((x, mean), a)| (f64::from(*x) - mean) * a).sum::<f64>()
        };
        self.axes.iter().map(|axis| (along(axis) * self.factor) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_direction_comes_first_and_lengths_are_about_one() {
        let rows: Vec<Vec<f32>> =
            (0..100).map(|i| vec![(i % 10) as f32 * 0.5, 7.0 - (i % 7) as f32, 3.0, (i % 2) as f32 * 0.01]).collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let basis = Reduction::fit(&rows, 2);
        assert!(basis.share > 0.99);
        let points: Vec<Vec<f32>> = rows.iter().map(|row| basis.apply(row)).collect();
        let mean = |f: &dyn Fn(&Vec<f32>) -> f32| points.iter().map(f).sum::<f32>() / 100.0;
        assert!((mean(&|p| p[0] * p[0] + p[1] * p[1]) - 1.0).abs() < 1e-4);
        assert!(mean(&|p| p[0] * p[0]) > mean(&|p| p[1] * p[1]));
        assert!(mean(&|p| p[0]).abs() < 1e-4);
    }
}
