//! Manhattan distances of a block and their gradient: no matrix product, so tiles of its own.
//!
//! Four candidates share each load of a query, with eight running sums per pair in a fixed order.

use ndarray::{ArrayView2, ArrayViewMut2};

const LANES: usize = 8;
const TILE: usize = 4;

/// Dimensions whose sums stay in registers.
const WIDTH: usize = 16;

/// −1, 0 or 1: the subgradient of `|x|`, zero at zero.
#[inline(always)]
pub fn sign(x: f32) -> f32 {
    f32::from(i8::from(x > 0.0) - i8::from(x < 0.0))
}

/// `γ − ‖q_i − n_j‖₁` for all pairs: queries `[m, dim]`, candidates `[n, dim]`, scores `[m, n]`.
pub fn scores(
    gamma: f32,
    queries: ArrayView2<'_, f32>,
    candidates: ArrayView2<'_, f32>,
    mut scores: ArrayViewMut2<'_, f32>,
) {
    let dim = queries.ncols();
    let (Some(queries), Some(candidates)) = (queries.as_slice(), candidates.as_slice()) else {
        return;
    };
    if dim == 0 {
        scores.fill(gamma);
        return;
    }
    for (query, mut row) in queries.chunks_exact(dim).zip(scores.rows_mut()) {
        let Some(row) = row.as_slice_mut() else { return };
        score_row(gamma, query, candidates, row);
    }
}

/// Scores of one query; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn score_row(gamma: f32, query: &[f32], candidates: &[f32], scores: &mut [f32]) {
    let dim = query.len();
    let mut tiles = scores.chunks_exact_mut(TILE);
    let mut rows = candidates.chunks_exact(TILE * dim);
    for (out, tile) in tiles.by_ref().zip(rows.by_ref()) {
        let distances = distances(query, std::array::from_fn::<_, TILE, _>(|j| &tile[j * dim..(j + 1) * dim]));
        for (score, distance) in out.iter_mut().zip(distances) {
            *score = gamma - distance;
        }
    }
    for (score, candidate) in tiles.into_remainder().iter_mut().zip(rows.remainder().chunks_exact(dim)) {
        *score = gamma - distances(query, [candidate])[0];
    }
}

#[inline(always)]
fn distances<const N: usize>(query: &[f32], candidates: [&[f32]; N]) -> [f32; N] {
    let mut lanes = [[0.0f32; LANES]; N];
    let (chunks, rest) = query.as_chunks::<LANES>();
    for (at, q) in chunks.iter().enumerate() {
        for (sums, candidate) in lanes.iter_mut().zip(candidates) {
            let n = &candidate[at * LANES..(at + 1) * LANES];
            for lane in 0..LANES {
                sums[lane] += (q[lane] - n[lane]).abs();
            }
        }
    }
    let start = chunks.len() * LANES;
    std::array::from_fn(|j| {
        let l = lanes[j];
        let mut sum = ((l[0] + l[4]) + (l[1] + l[5])) + ((l[2] + l[6]) + (l[3] + l[7]));
        for (q, n) in rest.iter().zip(&candidates[j][start..]) {
            sum += (q - n).abs();
        }
        sum
    })
}

/// Adds `Σ_j c_ij sign(others_j − own_i)` to each row of `out`; shapes as in [`Similarity::pull`](super::Similarity::pull).
pub fn pull(
    coefficients: ArrayView2<'_, f32>,
    own: ArrayView2<'_, f32>,
    others: ArrayView2<'_, f32>,
    mut out: ArrayViewMut2<'_, f32>,
) {
    let dim = own.ncols();
    let (Some(own), Some(others)) = (own.as_slice(), others.as_slice()) else { return };
    if dim == 0 {
        return;
    }
    let mut weights = Vec::with_capacity(coefficients.ncols());
    for ((own_weights, row), mut gradient) in
        coefficients.rows().into_iter().zip(own.chunks_exact(dim)).zip(out.rows_mut())
    {
        let Some(gradient) = gradient.as_slice_mut() else { return };
        weights.clear();
        weights.extend(own_weights);
        pull_row(&weights, row, others, gradient);
    }
}

/// `x` where `keep`, else 0: without a branch, so that the loop around it vectorises.
#[inline(always)]
fn masked(keep: bool, x: f32) -> f32 {
    f32::from_bits(x.to_bits() & u32::from(keep).wrapping_neg())
}

/// The gradient of one row; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn pull_row(weights: &[f32], own: &[f32], others: &[f32], out: &mut [f32]) {
    let dim = own.len();
    let (own_parts, own_rest) = own.as_chunks::<WIDTH>();
    let (out_parts, out_rest) = out.as_chunks_mut::<WIDTH>();
    for (at, (a, total)) in own_parts.iter().zip(out_parts).enumerate() {
        let mut sums = *total;
        for (&weight, other) in weights.iter().zip(others.chunks_exact(dim)) {
            let Some(b) = other[at * WIDTH..].first_chunk::<WIDTH>() else { return };
            let (up, down): ([f32; WIDTH], [f32; WIDTH]) = (
                std::array::from_fn(|k| masked(b[k] > a[k], weight)),
                std::array::from_fn(|k| masked(b[k] < a[k], weight)),
            );
            for lane in 0..WIDTH {
                sums[lane] += up[lane] - down[lane];
            }
        }
        *total = sums;
    }
    let start = dim - own_rest.len();
    for (weight, other) in weights.iter().zip(others.chunks_exact(dim)) {
        for ((total, a), b) in out_rest.iter_mut().zip(own_rest).zip(&other[start..]) {
            *total += weight * sign(b - a);
        }
    }
}
