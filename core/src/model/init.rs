//! Initial rows: uniform in `±(γ + 2) / dim`, as RotatE's and LLaDR's code do (Sun et al., 2019).

use crate::rng::{Stream, hash, unit};

/// Entity rows followed by relation rows, `[entities + relations, dim]`.
pub fn uniform_rows(rows: usize, dim: usize, gamma: f32, seed: u32) -> Vec<f32> {
    let range = (gamma + 2.0) / dim as f32;
    let mut table = Vec::with_capacity(rows * dim);
    for row in 0..rows as u32 {
        table.extend((0..dim as u32).map(|column| (2.0 * unit(hash(seed, Stream::Init, row, column)) - 1.0) * range));
    }
    table
}
