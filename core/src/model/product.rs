//! `C = A · B` at the speed of the machine's vectors, by one register tile that all of them share.
//!
//! After Goto and van de Geijn, *Anatomy of high-performance matrix multiplication* (2008): `A · B` is
//! cut along `k` into slices of at most [`SLICE`], and a slice of `B` into panels as wide as the
//! tile, copied so that a tile reads them in order and from the nearest cache. A tile of `C`,
//! `ROWS` rows of `VECTORS` vectors, stays in registers while it passes once along its panel:
//! each step multiplies `VECTORS` vectors of `B` with one number from each row of `A`.
//! `A` is read where it lies, by rows or by columns.
//!
//! The vectors are those of `pulp`, which finds at run time what the machine has and keeps the
//! loops free of `unsafe`. Each element is summed in the order of `k`, slice by slice, whatever the
//! tile: its bits do not depend on the sizes `m` and `n`, and they differ only between machines
//! that fuse multiplication and addition (AVX2, AVX-512, NEON) and those that round both (wasm).

use bytemuck::{Pod, Zeroable};
use ndarray::{ArrayView2, CowArray, Ix2};
use pulp::{Arch, Simd, WithSimd};

/// Longest slice of `k`: with the widest tile, a panel of 40 KiB.
const SLICE: usize = 160;

/// Lines of a panel: the longest slice of the widest tile.
const PANEL: usize = SLICE * 4;

/// Side of the squares in which columns become rows.
const BAND: usize = 4;

/// A cache line, so that no vector of a panel crosses one.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub(super) struct Line([f32; 16]);

/// `C = A · B`, or `C = C + A · B` as `output` says.
pub struct Product<'a> {
    /// `A`, `[m, k]`.
    pub a: ArrayView2<'a, f32>,
    /// `B`, `[k, n]`.
    pub b: ArrayView2<'a, f32>,
    /// `C`, `m · n` numbers in rows.
    pub c: &'a mut [f32],
    /// What becomes of the numbers in `C`.
    pub output: Output,
}

/// What becomes of the numbers that an output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// They are replaced.
    Replaced,
    /// The product is added to them.
    AddedTo,
}

impl Product<'_> {
    /// Computes it, with the widest vectors of this machine.
    pub fn run(self) {
        Arch::new().dispatch(self);
    }
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Tiles that fill the registers but for a step's vectors; wasm shares the sixteen of x86-64.
        match (S::F32_LANES, S::REGISTER_COUNT) {
            (16, _) => multiply::<S, 6, 4>(simd, self),
            (8, _) => multiply::<S, 6, 2>(simd, self),
            (_, 32) if cfg!(target_arch = "aarch64") => multiply::<S, 6, 4>(simd, self),
            _ => multiply::<S, 4, 2>(simd, self),
        }
    }
}

/// A matrix in one piece: element `(i, j)` is `data[i * stride + j]`, or with rows and columns swapped.
enum Layout<'a> {
    Rows(&'a [f32]),
    Columns(&'a [f32]),
}

impl<'a> Layout<'a> {
    /// `matrix` is in rows or in columns, as [`tidy`] makes it.
    fn of(matrix: &'a CowArray<'_, f32, Ix2>) -> Self {
        match matrix.as_slice() {
            Some(data) => Layout::Rows(data),
            None => Layout::Columns(matrix.as_slice_memory_order().unwrap_or_default()),
        }
    }
}

/// The matrix itself if it lies in one piece, by rows or by columns; else a copy in rows.
fn tidy(matrix: ArrayView2<'_, f32>) -> CowArray<'_, f32, Ix2> {
    if matrix.is_standard_layout() || matrix.t().is_standard_layout() {
        matrix.into()
    } else {
        matrix.as_standard_layout().into_owned().into()
    }
}

/// The blocked product with tiles of `ROWS` rows and `VECTORS` vectors.
#[inline(always)]
fn multiply<S: Simd, const ROWS: usize, const VECTORS: usize>(simd: S, product: Product<'_>) {
    let Product { a, b, c, output } = product;
    let ((m, k), n) = (a.dim(), b.ncols());
    if k == 0 && output == Output::Replaced {
        c.fill(0.0);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    let (a, b) = (tidy(a), tidy(b));
    let width = VECTORS * S::F32_LANES;
    let depth = k.div_ceil(k.div_ceil(SLICE));
    let mut panel = [Line::zeroed(); PANEL];
    let mut columns = [[0.0; ROWS]; SLICE];
    let columns = columns.as_flattened_mut();
    let mut tile = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for first in (0..k).step_by(depth) {
        let depth = depth.min(k - first);
        let output = if first == 0 { output } else { Output::AddedTo };
        let a = match Layout::of(&a) {
            Layout::Rows(data) => Layout::Rows(data),
            Layout::Columns(data) => {
                let data = &data[first * m..(first + depth) * m];
                copy_rows(data, m, m - m % ROWS..m, ROWS, columns);
                Layout::Columns(data)
            }
        };
        let panel: &mut [f32] = &mut bytemuck::cast_slice_mut(&mut panel)[..depth * width];
        for left in (0..n).step_by(width) {
            let used = width.min(n - left);
            match Layout::of(&b) {
                Layout::Rows(data) => {
                    copy_rows(&data[first * n..(first + depth) * n], n, left..left + used, width, panel)
                }
                Layout::Columns(data) => transpose(&data[left * k..(left + used) * k], k, first, width, panel),
            }
            let steps = S::as_simd_f32s(panel).0.as_chunks::<VECTORS>().0;
            for (at, rows) in c.chunks_mut(ROWS * n).enumerate() {
                let count = rows.len() / n;
                match a {
                    Layout::Rows(data) => {
                        // Rows beyond the last repeat it, and are not written.
                        let row = |i: usize| &data[(at * ROWS + i.min(count - 1)) * k + first..][..depth];
                        by_rows(simd, std::array::from_fn(row), steps, &mut tile);
                    }
                    Layout::Columns(data) if count == ROWS => {
                        by_columns(simd, &data[at * ROWS..], m, steps, &mut tile);
                    }
                    Layout::Columns(_) => by_columns(simd, columns, ROWS, steps, &mut tile),
                }
                for (row, sums) in rows.chunks_exact_mut(n).zip(&tile) {
                    write(simd, sums, &mut row[left..left + used], output);
                }
            }
        }
    }
}

/// One step of a tile: adds the outer product of a column of `A` and a row of the panel.
#[inline(always)]
fn step<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    a: [f32; ROWS],
    b: &[S::f32s; VECTORS],
    sums: &mut [[S::f32s; VECTORS]; ROWS],
) {
    for i in 0..ROWS {
        let factor = simd.splat_f32s(a[i]);
        for v in 0..VECTORS {
            sums[i][v] = simd.mul_add_e_f32s(factor, b[v], sums[i][v]);
        }
    }
}

/// A tile from rows of `A`. The sums are a variable of their own, so that they stay in registers.
#[inline(always)]
fn by_rows<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    a: [&[f32]; ROWS],
    b: &[[S::f32s; VECTORS]],
    tile: &mut [[S::f32s; VECTORS]; ROWS],
) {
    let depth = b.len();
    // Slices of the panel's length: the loop needs no checks.
    let mut rows = [&[] as &[f32]; ROWS];
    for i in 0..ROWS {
        rows[i] = &a[i][..depth];
    }
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for p in 0..depth {
        let mut factors = [0.0; ROWS];
        for i in 0..ROWS {
            factors[i] = rows[i][p];
        }
        step(simd, factors, &b[p], &mut sums);
    }
    *tile = sums;
}

/// A tile from columns of `A`: numbers that lie side by side, `stride` from step to step.
#[inline(always)]
fn by_columns<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    a: &[f32],
    stride: usize,
    b: &[[S::f32s; VECTORS]],
    tile: &mut [[S::f32s; VECTORS]; ROWS],
) {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for (a, b) in a.chunks(stride).zip(b) {
        let Some(factors) = a.first_chunk::<ROWS>() else { break };
        step(simd, *factors, b, &mut sums);
    }
    *tile = sums;
}

/// Writes or adds a row of a tile to its place in `C`.
#[inline(always)]
fn write<S: Simd, const VECTORS: usize>(simd: S, sums: &[S::f32s; VECTORS], out: &mut [f32], output: Output) {
    if out.len() == VECTORS * S::F32_LANES {
        for (out, sum) in S::as_mut_simd_f32s(out).0.iter_mut().zip(sums) {
            *out = match output {
                Output::Replaced => *sum,
                Output::AddedTo => simd.add_f32s(*out, *sum),
            };
        }
    } else {
        for (out, sum) in out.iter_mut().zip(bytemuck::cast_slice::<_, f32>(sums)) {
            *out = match output {
                Output::Replaced => *sum,
                Output::AddedTo => *out + sum,
            };
        }
    }
}

/// Part of each row, `n` long, into rows of `width` of their own; what is beyond the part is zero.
#[inline(always)]
fn copy_rows(data: &[f32], n: usize, part: std::ops::Range<usize>, width: usize, out: &mut [f32]) {
    for (row, out) in data.chunks_exact(n).zip(out.chunks_exact_mut(width)) {
        let (used, rest) = out.split_at_mut(part.len());
        used.copy_from_slice(&row[part.clone()]);
        rest.fill(0.0);
    }
}

/// Columns of `B`, each `k` long, from `first` on, into a panel of rows; what is beyond them is zero.
#[inline(always)]
pub(super) fn transpose(columns: &[f32], k: usize, first: usize, width: usize, panel: &mut [f32]) {
    let depth = panel.len() / width;
    if columns.len() < width * k {
        panel.fill(0.0);
    }
    let mut bands = columns.chunks_exact(BAND * k);
    let mut at = 0;
    for band in bands.by_ref() {
        let band: [&[f32]; BAND] = std::array::from_fn(|i| &band[i * k + first..][..depth]);
        let (blocks, rest) = panel.split_at_mut(depth / BAND * BAND * width);
        // Square blocks: what is loaded as rows is stored as columns, without a detour through memory.
        for (block, rows) in blocks.chunks_exact_mut(BAND * width).enumerate() {
            let mut square = [[0.0; BAND]; BAND];
            for i in 0..BAND {
                square[i].copy_from_slice(&band[i][block * BAND..(block + 1) * BAND]);
            }
            for j in 0..BAND {
                let column = square.map(|row| row[j]);
                rows[j * width + at..][..BAND].copy_from_slice(&column);
            }
        }
        for (row, p) in rest.chunks_exact_mut(width).zip(depth / BAND * BAND..) {
            for i in 0..BAND {
                row[at + i] = band[i][p];
            }
        }
        at += BAND;
    }
    for column in bands.remainder().chunks_exact(k) {
        for (row, x) in panel.chunks_exact_mut(width).zip(&column[first..]) {
            row[at] = *x;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn matrix(rows: usize, columns: usize, salt: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 131 + j * 37 + salt) % 101) as f32 / 101.0 - 0.5)
    }

    fn computed(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, c: &Array2<f32>, output: Output) -> Array2<f32> {
        let mut c = c.clone();
        Product { a, b, c: c.as_slice_mut().unwrap(), output }.run();
        c
    }

    /// Shapes around the tile's edges and the slice's, with the four layouts and a view that has gaps.
    #[test]
    fn agrees_with_sums_in_double_precision() {
        for (m, n, k) in [(1, 1, 1), (7, 65, 3), (13, 64, 161), (6, 8, 320), (4, 15, 0), (0, 3, 2), (33, 130, 47)] {
            let (a, b, c) = (matrix(m, k, 1), matrix(k, n, 2), matrix(m, n, 3));
            let exact = a.mapv(f64::from).dot(&b.mapv(f64::from));
            let (a_columns, b_columns) =
                (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
            let wide = Array2::from_shape_fn((m, 2 * k), |(i, j)| a[[i, j / 2]]);
            let every_second = wide.slice(ndarray::s![.., ..;2]);
            for a in [a.view(), a_columns.t(), every_second] {
                for b in [b.view(), b_columns.t()] {
                    for (output, start) in [(Output::Replaced, 0.0), (Output::AddedTo, 1.0)] {
                        let ours = computed(a, b, &c, output);
                        for ((ours, exact), c) in ours.iter().zip(&exact).zip(&c) {
                            let exact = exact + start * f64::from(*c);
                            assert!((f64::from(*ours) - exact).abs() < 1e-5, "{m} {n} {k}: {ours}, not {exact}");
                        }
                    }
                }
            }
        }
    }

    /// A row's bits do not depend on how many rows and columns are computed with it, nor on the layout.
    #[test]
    fn bits_do_not_depend_on_the_block() {
        let (a, b) = (matrix(40, 200, 1), matrix(200, 90, 2));
        let whole = computed(a.view(), b.view(), &Array2::zeros((40, 90)), Output::Replaced);
        let columns = b.t().as_standard_layout().into_owned();
        for at in [0, 17, 39] {
            let one = a.slice(ndarray::s![at..=at, ..]);
            let alone =
                computed(one, columns.slice(ndarray::s![..33, ..]).t(), &Array2::zeros((1, 33)), Output::Replaced);
            assert_eq!(alone.row(0), whole.slice(ndarray::s![at, ..33]));
        }
    }
}
