//! Matrix products of the engine, in two arithmetics.
//!
//! `Fast` picks wider and fused instructions at run time, so its last bits depend on the machine, see
//! [`Product`]. `Portable` uses plain loops whose bits are the same everywhere: packs are built with
//! it, and it is the reference for the rest.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::product::{Output, Product};
use crate::maths::dot;

/// How products are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arithmetic {
    /// The fastest this machine has; same machine, same bits.
    #[default]
    Fast,
    /// Plain loops; same bits on every machine.
    Portable,
}

/// `C = A · Bᵀ` with `A [m, d]`, `B [n, d]`, `C [m, n]`, all in rows.
pub fn product_nt(
    arithmetic: Arithmetic,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
) {
    match (arithmetic, c.as_slice_mut()) {
        (Arithmetic::Fast, Some(c)) => Product { a, b: b.reversed_axes(), c, output: Output::Replaced }.run(),
        _ => {
            for (row, mut out) in a.rows().into_iter().zip(c.rows_mut()) {
                for (candidate, value) in b.rows().into_iter().zip(out.iter_mut()) {
                    *value = match (row.as_slice(), candidate.as_slice()) {
                        (Some(x), Some(y)) => dot(x, y),
                        _ => row.dot(&candidate),
                    };
                }
            }
        }
    }
}

/// `C = A · B` with `A [m, k]` (rows or columns), `B [k, d]`, `C [m, d]`.
pub fn product(arithmetic: Arithmetic, a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
    match (arithmetic, c.as_slice_mut()) {
        (Arithmetic::Fast, Some(c)) => Product { a, b, c, output: Output::Replaced }.run(),
        _ => {
            c.fill(0.0);
            for (weights, mut out) in a.rows().into_iter().zip(c.rows_mut()) {
                for (weight, row) in weights.iter().zip(b.rows()) {
                    for (value, x) in out.iter_mut().zip(row) {
                        *value += weight * x;
                    }
                }
            }
        }
    }
}
