//! Scores of a block by tiles.
//!
//! A block of candidates is turned into a panel with a vector of candidates for each number, and a tile of `ROWS`
//! queries and `VECTORS` vectors of candidates passes along it: no sum crosses a vector.

use pulp::{Arch, Simd, WithSimd};

use super::{LANES, Term, aligned, distance};
use crate::model::product::transpose;

/// From this many queries on, a panel of candidates is worth its making.
const PANEL_QUERIES: usize = 4;

/// Scores of all pairs: `queries` `[m, dim]`, `candidates` `[n, dim]`, `scores` `[m, n]`. `scratch` holds a panel.
pub fn scores<T: Term<PARTS>, const PARTS: usize>(
    term: T,
    gamma: f32,
    dim: usize,
    [queries, candidates]: [&[f32]; 2],
    scratch: &mut Vec<f32>,
    scores: &mut [f32],
) {
    if dim == 0 || candidates.is_empty() {
        scores.fill(gamma);
    } else if queries.len() < PANEL_QUERIES * dim {
        for (query, out) in queries.chunks_exact(dim).zip(scores.chunks_exact_mut(candidates.len() / dim)) {
            score_row(term, gamma, query, candidates, out);
        }
    } else {
        Arch::new().dispatch(Scores { term, gamma, dim, queries, candidates, scratch, scores });
    }
}

/// Scores of one query; compiled for wider vectors too, the bits are the same.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn score_row<T: Term<PARTS>, const PARTS: usize>(
    term: T,
    gamma: f32,
    query: &[f32],
    candidates: &[f32],
    scores: &mut [f32],
) {
    for (candidate, score) in candidates.chunks_exact(query.len()).zip(scores) {
        *score = gamma - distance(term, query, candidate);
    }
}

struct Scores<'a, T, const PARTS: usize> {
    term: T,
    gamma: f32,
    dim: usize,
    queries: &'a [f32],
    candidates: &'a [f32],
    scratch: &'a mut Vec<f32>,
    scores: &'a mut [f32],
}

impl<T: Term<PARTS>, const PARTS: usize> WithSimd for Scores<'_, T, PARTS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => score_tiles::<S, T, PARTS, 4, 2>(simd, self),
            _ => score_tiles::<S, T, PARTS, 2, 2>(simd, self),
        }
    }
}

#[inline(always)]
fn score_tiles<S: Simd, T: Term<PARTS>, const PARTS: usize, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    block: Scores<'_, T, PARTS>,
) {
    let Scores { term, gamma, dim, queries, candidates, scratch, scores } = block;
    let (n, width) = (candidates.len() / dim, VECTORS * S::F32_LANES);
    let panel = aligned(scratch, dim * width);
    let gamma = simd.splat_f32s(gamma);
    for left in (0..n).step_by(width) {
        let used = width.min(n - left);
        transpose(&candidates[left * dim..(left + used) * dim], dim, 0, width, panel);
        let columns = S::as_simd_f32s(panel).0.as_chunks::<VECTORS>().0;
        for (rows, queries) in scores.chunks_mut(ROWS * n).zip(queries.chunks(ROWS * dim)) {
            // Rows beyond the last repeat it, and are not written.
            let mut own = [&[] as &[f32]; ROWS];
            for i in 0..ROWS {
                own[i] = &queries[i.min(queries.len() / dim - 1) * dim..][..dim];
            }
            let sums = tile(simd, term, own, columns);
            for (row, sums) in rows.chunks_exact_mut(n).zip(&sums) {
                let mut values = *sums;
                for v in 0..VECTORS {
                    values[v] = simd.sub_f32s(gamma, sums[v]);
                }
                row[left..left + used].copy_from_slice(&bytemuck::cast_slice(&values)[..used]);
            }
        }
    }
}

/// The distances of a tile.
#[inline(always)]
fn tile<S: Simd, T: Term<PARTS>, const PARTS: usize, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    term: T,
    queries: [&[f32]; ROWS],
    columns: &[[S::f32s; VECTORS]],
) -> [[S::f32s; VECTORS]; ROWS] {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    let mut lanes = [sums; LANES];
    let terms = columns.len() / PARTS;
    let whole = terms - terms % LANES;
    // Each lane from zero, then the rest from the sum of the lanes: one loop, so that its code is there once.
    for lane in 0..=LANES {
        let is_rest = lane == LANES;
        if is_rest {
            for i in 0..ROWS {
                for v in 0..VECTORS {
                    let mut l = [sums[i][v]; LANES / 2];
                    for at in 0..LANES / 2 {
                        l[at] = simd.add_f32s(lanes[at][i][v], lanes[at + LANES / 2][i][v]);
                    }
                    sums[i][v] = simd.add_f32s(simd.add_f32s(l[0], l[1]), simd.add_f32s(l[2], l[3]));
                }
            }
        }
        let which = if is_rest { (whole..terms).step_by(1) } else { (lane..whole).step_by(LANES) };
        let out = if is_rest { &mut sums } else { &mut lanes[lane] };
        add_terms(simd, term, queries, columns, which, out);
    }
    sums
}

/// Adds some terms to the distances of a tile, in registers.
#[inline(always)]
fn add_terms<S: Simd, T: Term<PARTS>, const PARTS: usize, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    term: T,
    queries: [&[f32]; ROWS],
    columns: &[[S::f32s; VECTORS]],
    which: std::iter::StepBy<std::ops::Range<usize>>,
    out: &mut [[S::f32s; VECTORS]; ROWS],
) {
    let terms = columns.len() / PARTS;
    let zero = [simd.splat_f32s(0.0); PARTS];
    let mut sums = *out;
    for k in which {
        for v in 0..VECTORS {
            let mut n = zero;
            for p in 0..PARTS {
                n[p] = columns[p * terms + k][v];
            }
            for i in 0..ROWS {
                let mut q = zero;
                for p in 0..PARTS {
                    q[p] = simd.splat_f32s(queries[i][p * terms + k]);
                }
                sums[i][v] = simd.add_f32s(sums[i][v], term.distance(simd, q, n));
            }
        }
    }
    *out = sums;
}
