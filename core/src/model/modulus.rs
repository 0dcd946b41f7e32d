//! Sums of complex distances, `Σ_k |q_k − n_k|`, and their gradient: RotatE's similarity.
//!
//! Rows hold real parts, then imaginary parts. As [`l1`](super::l1), but each term is a root of two squares.

use ndarray::{ArrayView2, ArrayViewMut2};

const LANES: usize = 8;
/// Candidates that share each load of a query.
const TILE: usize = 4;

/// `γ − Σ_k |q_k − n_k|` of one pair, each `[dim]`.
#[inline]
pub fn score(gamma: f32, query: &[f32], candidate: &[f32]) -> f32 {
    gamma - distances(query, [candidate])[0]
}

/// Scores of all pairs: queries `[m, dim]`, candidates `[n, dim]`, scores `[m, n]`.
pub fn scores(
    gamma: f32,
    queries: ArrayView2<'_, f32>,
    candidates: ArrayView2<'_, f32>,
    mut scores: ArrayViewMut2<'_, f32>,
) {
    let dim = queries.ncols();
    let (Some(queries), Some(candidates)) = (queries.as_slice(), candidates.as_slice()) else { return };
    for (query, mut row) in queries.chunks_exact(dim.max(1)).zip(scores.rows_mut()) {
        let Some(row) = row.as_slice_mut() else { return };
        score_row(gamma, query, candidates, row);
    }
}

/// Scores of one query; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
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

/// Distances of one query, summed in eight lanes in a fixed order.
#[inline(always)]
fn distances<const N: usize>(query: &[f32], candidates: [&[f32]; N]) -> [f32; N] {
    let half = query.len() / 2;
    let (q_re, q_im) = query.split_at(half);
    let (re_parts, re_rest) = q_re.as_chunks::<LANES>();
    let (im_parts, im_rest) = q_im.as_chunks::<LANES>();
    let mut lanes = [[0.0f32; LANES]; N];
    for (at, (re, im)) in re_parts.iter().zip(im_parts).enumerate() {
        for (sums, candidate) in lanes.iter_mut().zip(candidates) {
            let (n_re, n_im) = candidate.split_at(half);
            let (n_re, n_im) = (&n_re[at * LANES..(at + 1) * LANES], &n_im[at * LANES..(at + 1) * LANES]);
            for lane in 0..LANES {
                let (x, y) = (re[lane] - n_re[lane], im[lane] - n_im[lane]);
                sums[lane] += (x * x + y * y).sqrt();
            }
        }
    }
    let start = re_parts.len() * LANES;
    std::array::from_fn(|j| {
        let l = lanes[j];
        let mut sum = ((l[0] + l[4]) + (l[1] + l[5])) + ((l[2] + l[6]) + (l[3] + l[7]));
        let (n_re, n_im) = candidates[j].split_at(half);
        for (k, (re, im)) in re_rest.iter().zip(im_rest).enumerate() {
            let (x, y) = (re - n_re[start + k], im - n_im[start + k]);
            sum += (x * x + y * y).sqrt();
        }
        sum
    })
}

/// Adds `Σ_j c_ij (others_j − own_i) / |others_j − own_i|`, dimension by complex dimension, to each row of `out`.
pub fn pull(
    coefficients: ArrayView2<'_, f32>,
    own: ArrayView2<'_, f32>,
    others: ArrayView2<'_, f32>,
    mut out: ArrayViewMut2<'_, f32>,
) {
    let dim = own.ncols();
    let (Some(own), Some(others)) = (own.as_slice(), others.as_slice()) else { return };
    for ((weights, row), mut gradient) in
        coefficients.rows().into_iter().zip(own.chunks_exact(dim.max(1))).zip(out.rows_mut())
    {
        let Some(gradient) = gradient.as_slice_mut() else { return };
        for (&weight, other) in weights.iter().zip(others.chunks_exact(dim)) {
            pull_one(weight, row, other, gradient);
        }
    }
}

/// Adds the gradient of one pair; zero where the two numbers are equal. Compiled for wider vectors too.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn pull_one(weight: f32, own: &[f32], other: &[f32], out: &mut [f32]) {
    // Soft-max weights of far negatives vanish: most pairs of a trained model end here.
    if weight == 0.0 {
        return;
    }
    let half = own.len() / 2;
    let (a_re, a_im) = own.split_at(half);
    let (b_re, b_im) = other.split_at(half);
    let (d_re, d_im) = out.split_at_mut(half);
    let rows = a_re.iter().zip(a_im).zip(b_re.iter().zip(b_im));
    for (((a_re, a_im), (b_re, b_im)), (d_re, d_im)) in rows.zip(d_re.iter_mut().zip(d_im)) {
        let (x, y) = (b_re - a_re, b_im - a_im);
        let squared = x * x + y * y;
        let scale = weight / if squared > LEAST_SQUARE { squared } else { LEAST_SQUARE }.sqrt();
        *d_re += scale * x;
        *d_im += scale * y;
    }
}

/// Squared distances below this count as this: no division by zero, and no pull at zero.
const LEAST_SQUARE: f32 = 1e-24;
