//! Gradients of a block in one pass: what a pair does to its query it does to its candidate with the other sign.
//!
//! The pass takes a vector of terms at a time: `ROWS` queries and their gradients stay in registers while the
//! candidates and theirs, which lie side by side in a panel, pass.

use pulp::{Arch, Simd, WithSimd};

use super::{Term, aligned};

/// Candidates of a panel: with their gradients, at most 32 KiB of the widest vectors.
const BLOCK: usize = 128;

/// What [`pull`] reads and writes.
pub struct Pull<'a, T, const PARTS: usize> {
    /// Which term.
    pub term: T,
    /// Numbers in a row.
    pub dim: usize,
    /// `[m, n]`.
    pub coefficients: &'a [f32],
    /// `[m, dim]`.
    pub queries: &'a [f32],
    /// `[n, dim]`.
    pub candidates: &'a [f32],
    /// Holds a block of candidates.
    pub scratch: &'a mut Vec<f32>,
    /// `[m, dim]`, replaced.
    pub d_queries: &'a mut [f32],
    /// `[n, dim]`, replaced.
    pub d_candidates: &'a mut [f32],
}

/// Replaces the gradients of queries and candidates by the sums over all pairs.
pub fn pull<T: Term<PARTS>, const PARTS: usize>(pull: Pull<'_, T, PARTS>) {
    if pull.dim == 0 || pull.candidates.is_empty() || pull.queries.is_empty() {
        pull.d_queries.fill(0.0);
        pull.d_candidates.fill(0.0);
    } else {
        Arch::new().dispatch(pull);
    }
}

impl<T: Term<PARTS>, const PARTS: usize> WithSimd for Pull<'_, T, PARTS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => pull_tiles::<S, T, PARTS, 4>(simd, self),
            _ => pull_tiles::<S, T, PARTS, 2>(simd, self),
        }
    }
}

#[inline(always)]
fn pull_tiles<S: Simd, T: Term<PARTS>, const PARTS: usize, const ROWS: usize>(simd: S, block: Pull<'_, T, PARTS>) {
    let Pull { term, dim, coefficients, queries, candidates, scratch, d_queries, d_candidates } = block;
    let (terms, n) = (dim / PARTS, candidates.len() / dim);
    let panel = aligned(scratch, 2 * BLOCK * PARTS * S::F32_LANES);
    let (others, totals) = panel.split_at_mut(BLOCK * PARTS * S::F32_LANES);
    let others = S::as_mut_simd_f32s(others).0.as_chunks_mut::<PARTS>().0;
    let totals = S::as_mut_simd_f32s(totals).0.as_chunks_mut::<PARTS>().0;
    let zero = [simd.splat_f32s(0.0); PARTS];
    for start in (0..n).step_by(BLOCK) {
        let count = BLOCK.min(n - start);
        let candidates = &candidates[start * dim..(start + count) * dim];
        let d_candidates = &mut d_candidates[start * dim..(start + count) * dim];
        let (others, totals) = (&mut others[..count], &mut totals[..count]);
        for first in (0..terms).step_by(S::F32_LANES) {
            let used = S::F32_LANES.min(terms - first);
            totals.fill(zero);
            for (other, row) in others.iter_mut().zip(candidates.chunks_exact(dim)) {
                *other = load(simd, &row[first..], terms, used);
            }
            let rows = queries.chunks(ROWS * dim).zip(coefficients.chunks(ROWS * n));
            for ((rows, weights), out) in rows.zip(d_queries.chunks_mut(ROWS * dim)) {
                // Rows beyond the last are zeros without weight, and are not written.
                let mut own_weights = [&[0.0; BLOCK][..count]; ROWS];
                let (mut own, mut sums) = ([zero; ROWS], [zero; ROWS]);
                for (i, row) in rows.chunks_exact(dim).enumerate() {
                    own_weights[i] = &weights[i * n + start..][..count];
                    own[i] = load(simd, &row[first..], terms, used);
                    if start > 0 {
                        sums[i] = load(simd, &out[i * dim + first..], terms, used);
                    }
                }
                pass(simd, term, own_weights, own, &mut sums, others, totals);
                for (sums, out) in sums.iter().zip(out.chunks_exact_mut(dim)) {
                    store(simd, sums, &mut out[first..], terms, used);
                }
            }
            for (total, out) in totals.iter().zip(d_candidates.chunks_exact_mut(dim)) {
                store(simd, total, &mut out[first..], terms, used);
            }
        }
    }
}

/// All pairs of `ROWS` queries and a block of candidates, in one vector of terms. The sums of the queries and
/// of a candidate are variables of their own, so that they stay in registers.
#[inline(always)]
fn pass<S: Simd, T: Term<PARTS>, const PARTS: usize, const ROWS: usize>(
    simd: S,
    term: T,
    weights: [&[f32]; ROWS],
    own: [[S::f32s; PARTS]; ROWS],
    sums: &mut [[S::f32s; PARTS]; ROWS],
    others: &[[S::f32s; PARTS]],
    totals: &mut [[S::f32s; PARTS]],
) {
    let mut own_sums = *sums;
    for (j, (other, gradient)) in others.iter().zip(totals).enumerate() {
        let mut c = [0.0; ROWS];
        for i in 0..ROWS {
            c[i] = weights[i][j];
        }
        // Soft-max weights of far negatives vanish: most pairs of a trained model end here.
        if c.iter().all(|c| *c == 0.0) {
            continue;
        }
        let mut total = *gradient;
        for i in 0..ROWS {
            let pull = term.pull(simd, simd.splat_f32s(c[i]), own[i], *other);
            for p in 0..PARTS {
                own_sums[i][p] = simd.add_f32s(own_sums[i][p], pull[p]);
                total[p] = simd.sub_f32s(total[p], pull[p]);
            }
        }
        *gradient = total;
    }
    *sums = own_sums;
}

/// The parts of `used` terms, `terms` apart; zeros beyond.
#[inline(always)]
fn load<S: Simd, const PARTS: usize>(simd: S, row: &[f32], terms: usize, used: usize) -> [S::f32s; PARTS] {
    let mut parts = [simd.splat_f32s(0.0); PARTS];
    for p in 0..PARTS {
        parts[p] = simd.partial_load_f32s(&row[p * terms..][..used]);
    }
    parts
}

/// Writes what [`load`] reads.
#[inline(always)]
fn store<S: Simd, const PARTS: usize>(simd: S, parts: &[S::f32s; PARTS], row: &mut [f32], terms: usize, used: usize) {
    for p in 0..PARTS {
        simd.partial_store_f32s(&mut row[p * terms..][..used], parts[p]);
    }
}
