//! How queries meet candidates: the scores of a block and the pull of a gradient through it.
//!
//! With `q` a query, `n` a candidate and `g = ∂L/∂score`:
//!
//! | similarity | score `s` | coefficient `c` | `∂L/∂q` | `∂L/∂n` |
//! |---|---|---|---|---|
//! | `Dot` | `q·n` | `g` | `c n` | `c q` |
//! | `L2` | `γ − ‖q − n‖₂` | `g / ‖q − n‖₂` | `c (n − q)` | `c (q − n)` |
//! | `L1` | `γ − ‖q − n‖₁` | `g` | `c sign(n − q)` | `c sign(q − n)` |
//! | `Modulus` | `γ − Σ_k \|q_k − n_k\|`, complex | `g` | `c (n_k − q_k) / \|q_k − n_k\|` | the same, turned |
//!
//! Both gradients are the same function with its arguments swapped, [`Similarity::pull`]. `Dot` and
//! `L2` are matrix products (`‖q − n‖² = ‖q‖² + ‖n‖² − 2 q·n`); `L1` and `Modulus` have tiles of their own.

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use super::matmul::{Arithmetic, add_product, product_nt};
use super::{l1, modulus};
use crate::maths::{dot, fold};

/// Distances below this count as this: keeps `g / ‖q − n‖` finite.
pub const LEAST_DISTANCE: f32 = 1e-4;

/// How a query is compared with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Similarity {
    /// Inner product.
    Dot,
    /// Margin less Euclidean distance.
    L2,
    /// Margin less Manhattan distance.
    L1,
    /// Margin less the sum of complex moduli; rows hold real, then imaginary parts.
    Modulus,
}

impl Similarity {
    /// Score of one query and one candidate, each `[dim]`.
    #[inline(always)]
    pub fn score(self, gamma: f32, query: &[f32], candidate: &[f32]) -> f32 {
        match self {
            Similarity::Dot => dot(query, candidate),
            Similarity::L2 => gamma - fold(query, candidate, |q, n| (q - n) * (q - n)).sqrt(),
            Similarity::L1 => gamma - fold(query, candidate, |q, n| (q - n).abs()),
            Similarity::Modulus => modulus::score(gamma, query, candidate),
        }
    }

    /// Scores of all pairs of a block: queries `[m, dim]`, candidates `[n, dim]`, scores `[m, n]`.
    pub fn scores(
        self,
        arithmetic: Arithmetic,
        gamma: f32,
        queries: ArrayView2<'_, f32>,
        candidates: ArrayView2<'_, f32>,
        norms: &mut Vec<f32>,
        mut scores: ArrayViewMut2<'_, f32>,
    ) {
        match self {
            Similarity::Dot => product_nt(arithmetic, queries, candidates, scores),
            Similarity::L1 => l1::scores(gamma, queries, candidates, scores),
            Similarity::Modulus => modulus::scores(gamma, queries, candidates, scores),
            Similarity::L2 => {
                product_nt(arithmetic, queries, candidates, scores.view_mut());
                norms.clear();
                norms.extend(candidates.rows().into_iter().map(squared_norm));
                for (query, mut row) in queries.rows().into_iter().zip(scores.rows_mut()) {
                    distances(gamma, squared_norm(query), norms, row.as_slice_mut().unwrap_or_default());
                }
            }
        }
    }

    /// The coefficient `c` of a pair, from its score and `g = ∂L/∂score`.
    #[inline(always)]
    pub fn coefficient(self, gamma: f32, score: f32, gradient: f32) -> f32 {
        match self {
            Similarity::Dot | Similarity::L1 | Similarity::Modulus => gradient,
            Similarity::L2 => {
                let distance = gamma - score;
                gradient / if distance > LEAST_DISTANCE { distance } else { LEAST_DISTANCE }
            }
        }
    }

    /// Adds the gradient of one row, `Σ_j pull(c_j, own, others_j)`, to `out`, for all rows of a block:
    /// coefficients `[m, n]`, own `[m, dim]`, others `[n, dim]`, out `[m, dim]`.
    pub fn pull(
        self,
        arithmetic: Arithmetic,
        coefficients: ArrayView2<'_, f32>,
        own: ArrayView2<'_, f32>,
        others: ArrayView2<'_, f32>,
        mut out: ArrayViewMut2<'_, f32>,
    ) {
        match self {
            Similarity::Dot => add_product(arithmetic, coefficients, others, out),
            Similarity::L1 => l1::pull(coefficients, own, others, out),
            Similarity::Modulus => modulus::pull(coefficients, own, others, out),
            Similarity::L2 => {
                add_product(arithmetic, coefficients, others, out.view_mut());
                let totals = coefficients.sum_axis(Axis(1));
                for ((total, row), mut gradient) in totals.iter().zip(own.rows()).zip(out.rows_mut()) {
                    gradient.scaled_add(-total, &row);
                }
            }
        }
    }

    /// Adds the gradient of one pair to `out`, each `[dim]`: `own` is the row that is differentiated.
    #[inline(always)]
    pub fn pull_one(self, coefficient: f32, own: &[f32], other: &[f32], out: &mut [f32]) {
        let rows = own.iter().zip(other).zip(&mut *out);
        match self {
            Similarity::Dot => rows.for_each(|((_, b), d)| *d += coefficient * b),
            Similarity::L2 => rows.for_each(|((a, b), d)| *d += coefficient * (b - a)),
            Similarity::L1 => rows.for_each(|((a, b), d)| *d += coefficient * l1::sign(b - a)),
            Similarity::Modulus => modulus::pull_one(coefficient, own, other, out),
        }
    }
}

/// Products `q·n` of one query into scores, in place; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn distances(gamma: f32, query_norm: f32, norms: &[f32], row: &mut [f32]) {
    for (score, norm) in row.iter_mut().zip(norms) {
        let squared = query_norm + norm - 2.0 * *score;
        *score = gamma - if squared < 0.0 { 0.0 } else { squared }.sqrt();
    }
}

fn squared_norm(row: ndarray::ArrayView1<'_, f32>) -> f32 {
    match row.as_slice() {
        Some(row) => dot(row, row),
        None => row.iter().map(|x| x * x).sum(),
    }
}
