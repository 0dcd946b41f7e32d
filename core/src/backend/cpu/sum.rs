//! Stage `sum`: level 1 of the row sums, the pieces of long segments.

use crate::plan::StepPlan;

/// Writes the sum of each piece to its own gradient row.
pub fn run(dim: usize, plan: &StepPlan, gradients: &mut [f32]) {
    let (occurrences, sums) = gradients.split_at_mut(plan.first_piece() * dim);
    for (at, sum) in sums.chunks_exact_mut(dim).enumerate() {
        add_rows(dim, plan.pieces.get(at), occurrences, sum);
    }
}

/// `out = Σ rows[items]`, in the order of `items`; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx2"))]
pub fn add_rows(dim: usize, items: &[u32], rows: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for &item in items {
        let start = item as usize * dim;
        for (total, x) in out.iter_mut().zip(&rows[start..start + dim]) {
            *total += x;
        }
    }
}
