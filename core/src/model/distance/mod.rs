//! Scores and gradients of the distances that are no matrix product: `γ − Σ_k |q_k − n_k|` over terms that are
//! real ([`L1`]) or complex ([`Modulus`]).
//!
//! A term is `PARTS` numbers: a row holds the first part of each, then the second. A sum goes over eight lanes of
//! terms, `k ≡ l (mod 8)`, then over what is left, and a gradient over pairs in the order of rows; nothing is fused.
//! So the bits are the same for every machine, tile and number of rows.

mod l1;
mod modulus;
mod pull;
mod scores;

use bytemuck::pod_align_to_mut;
use pulp::{Scalar, Simd};

pub use l1::L1;
pub use modulus::Modulus;
pub use pull::{Pull, pull};
pub use scores::scores;

use super::product::Line;

/// Running sums of a score.
const LANES: usize = 8;

/// A term of a distance, for vectors of terms or of candidates.
pub trait Term<const PARTS: usize>: Copy {
    /// `|q − n|`.
    fn distance<S: Simd>(self, simd: S, q: [S::f32s; PARTS], n: [S::f32s; PARTS]) -> S::f32s;

    /// `c (other − own) / |other − own|`, zero where they are equal: the gradient of `−c |own − other|` by `own`.
    fn pull<S: Simd>(self, simd: S, c: S::f32s, own: [S::f32s; PARTS], other: [S::f32s; PARTS]) -> [S::f32s; PARTS];
}

/// `Σ_k |q_k − n_k|` of one pair, each `[dim]`.
#[inline(always)]
pub fn distance<T: Term<PARTS>, const PARTS: usize>(term: T, query: &[f32], candidate: &[f32]) -> f32 {
    let terms = query.len() / PARTS;
    let (q, n) = (parts::<PARTS>(query), parts::<PARTS>(candidate));
    let chunks = terms / LANES;
    let (q_chunks, n_chunks) = (q.map(|part| part.as_chunks::<LANES>().0), n.map(|part| part.as_chunks::<LANES>().0));
    let mut l = [0.0; LANES];
    for at in 0..chunks {
        for lane in 0..LANES {
            l[lane] += term.distance(Scalar, q_chunks.map(|part| part[at][lane]), n_chunks.map(|part| part[at][lane]));
        }
    }
    let sum = ((l[0] + l[4]) + (l[1] + l[5])) + ((l[2] + l[6]) + (l[3] + l[7]));
    (chunks * LANES..terms)
        .fold(sum, |sum, k| sum + term.distance(Scalar, q.map(|part| part[k]), n.map(|part| part[k])))
}

/// Adds the gradient of one pair by `own` to `out`, each `[dim]`.
#[inline(always)]
pub fn pull_one<T: Term<PARTS>, const PARTS: usize>(term: T, c: f32, own: &[f32], other: &[f32], out: &mut [f32]) {
    let (a, b) = (parts::<PARTS>(own), parts::<PARTS>(other));
    let terms = own.len() / PARTS;
    let mut rest = out;
    let out: [&mut [f32]; PARTS] = std::array::from_fn(|_| rest.split_off_mut(..terms).unwrap_or_default());
    for k in 0..terms {
        let pull = term.pull(Scalar, c, a.map(|part| part[k]), b.map(|part| part[k]));
        for p in 0..PARTS {
            out[p][k] += pull[p];
        }
    }
}

/// The parts of a row, each as long as it has terms.
#[inline(always)]
fn parts<const PARTS: usize>(row: &[f32]) -> [&[f32]; PARTS] {
    let terms = row.len() / PARTS;
    std::array::from_fn(|p| &row[p * terms..][..terms])
}

/// `len` numbers of a scratch array, from the start of a cache line on.
fn aligned(scratch: &mut Vec<f32>, len: usize) -> &mut [f32] {
    // One line to lose at the start, and a rest at the end.
    scratch.resize(scratch.len().max(len.next_multiple_of(16) + 32), 0.0);
    let (_, lines, _) = pod_align_to_mut::<f32, Line>(scratch);
    &mut bytemuck::cast_slice_mut(lines)[..len]
}
