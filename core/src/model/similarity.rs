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
//! Both gradients are the same function with its arguments swapped. `Dot` and `L2` are matrix products
//! (`‖q − n‖² = ‖q‖² + ‖n‖² − 2 q·n`); `L1` and `Modulus` have tiles of their own, and make both in one pass.

use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};

use super::distance::{self, L1, Modulus, Pull, Term};
use super::matmul::{Arithmetic, product, product_nt};
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
            Similarity::L1 => gamma - distance::distance(L1, query, candidate),
            Similarity::Modulus => gamma - distance::distance(Modulus, query, candidate),
        }
    }

    /// Scores of all pairs of a block: queries `[m, dim]`, candidates `[n, dim]`, scores `[m, n]`. `scratch` is
    /// for numbers on the way.
    pub fn scores(
        self,
        arithmetic: Arithmetic,
        gamma: f32,
        queries: ArrayView2<'_, f32>,
        candidates: ArrayView2<'_, f32>,
        scratch: &mut Vec<f32>,
        mut scores: ArrayViewMut2<'_, f32>,
    ) {
        match self {
            Similarity::Dot => product_nt(arithmetic, queries, candidates, scores),
            Similarity::L1 => distances(L1, gamma, queries, candidates, scratch, scores),
            Similarity::Modulus => distances(Modulus, gamma, queries, candidates, scratch, scores),
            Similarity::L2 => {
                product_nt(arithmetic, queries, candidates, scores.view_mut());
                scratch.clear();
                scratch.extend(candidates.rows().into_iter().map(squared_norm));
                for (query, mut row) in queries.rows().into_iter().zip(scores.rows_mut()) {
                    roots(gamma, squared_norm(query), scratch, row.as_slice_mut().unwrap_or_default());
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

    /// Replaces the gradients of queries and candidates by their sums over all pairs of a block.
    pub fn pull(self, arithmetic: Arithmetic, mut block: Block<'_>) {
        match self {
            Similarity::L1 => pull(L1, block),
            Similarity::Modulus => pull(Modulus, block),
            Similarity::Dot => products(arithmetic, &mut block),
            Similarity::L2 => {
                products(arithmetic, &mut block);
                subtract_own(block);
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
            Similarity::L1 => distance::pull_one(L1, coefficient, own, other, out),
            Similarity::Modulus => distance::pull_one(Modulus, coefficient, own, other, out),
        }
    }
}

/// The pairs of some queries and candidates with the coefficients of their scores, and where gradients go.
#[derive(Debug)]
pub struct Block<'a> {
    /// `c`, `[m, n]`.
    pub coefficients: ArrayView2<'a, f32>,
    /// `[m, dim]`.
    pub queries: ArrayView2<'a, f32>,
    /// `[n, dim]`.
    pub candidates: ArrayView2<'a, f32>,
    /// For numbers on the way.
    pub scratch: &'a mut Vec<f32>,
    /// `∂L/∂q`, `[m, dim]`.
    pub d_queries: ArrayViewMut2<'a, f32>,
    /// `∂L/∂n`, `[n, dim]`.
    pub d_candidates: ArrayViewMut2<'a, f32>,
}

/// `Σ_j c_ij n_j` and `Σ_i c_ij q_i`.
fn products(arithmetic: Arithmetic, block: &mut Block<'_>) {
    product(arithmetic, block.coefficients, block.candidates, block.d_queries.view_mut());
    product(arithmetic, block.coefficients.reversed_axes(), block.queries, block.d_candidates.view_mut());
}

/// Subtracts `Σ_j c_ij q_i` and `Σ_i c_ij n_j`.
fn subtract_own(mut block: Block<'_>) {
    let (coefficients, totals) = (block.coefficients, block.scratch);
    totals.clear();
    totals.extend(coefficients.rows().into_iter().map(|row| row.sum()));
    subtract(totals, block.queries, &mut block.d_queries);
    totals.clear();
    if coefficients.ncols() == 1 {
        totals.push(coefficients.sum());
    } else {
        totals.resize(coefficients.ncols(), 0.0);
        let mut totals = ArrayViewMut1::from(&mut totals[..]);
        coefficients.rows().into_iter().for_each(|row| totals += &row);
    }
    subtract(totals, block.candidates, &mut block.d_candidates);
}

fn subtract(totals: &[f32], rows: ArrayView2<'_, f32>, out: &mut ArrayViewMut2<'_, f32>) {
    for ((total, row), mut out) in totals.iter().zip(rows.rows()).zip(out.rows_mut()) {
        out.scaled_add(-total, &row);
    }
}

fn distances<T: Term<PARTS>, const PARTS: usize>(
    term: T,
    gamma: f32,
    queries: ArrayView2<'_, f32>,
    candidates: ArrayView2<'_, f32>,
    scratch: &mut Vec<f32>,
    mut scores: ArrayViewMut2<'_, f32>,
) {
    let rows = (queries.as_slice(), candidates.as_slice(), scores.as_slice_mut());
    if let (Some(own), Some(candidates), Some(scores)) = rows {
        distance::scores(term, gamma, queries.ncols(), [own, candidates], scratch, scores);
    }
}

fn pull<T: Term<PARTS>, const PARTS: usize>(term: T, mut block: Block<'_>) {
    let inputs = (block.coefficients.as_slice(), block.queries.as_slice(), block.candidates.as_slice());
    let outputs = (block.d_queries.as_slice_mut(), block.d_candidates.as_slice_mut());
    let ((Some(coefficients), Some(queries), Some(candidates)), (Some(d_queries), Some(d_candidates))) =
        (inputs, outputs)
    else {
        return;
    };
    let (dim, scratch) = (block.queries.ncols(), block.scratch);
    distance::pull(Pull { term, dim, coefficients, queries, candidates, scratch, d_queries, d_candidates });
}

/// Products `q·n` of one query into scores, in place; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn roots(gamma: f32, query_norm: f32, norms: &[f32], row: &mut [f32]) {
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
