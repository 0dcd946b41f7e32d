//! Text vectors as rows of a model: made as long as its rows.
//!
//! LLaDR joins the first `d/2` numbers of a name's vector and the first `d/2` of a description's. That is the rule
//! here for a model that is narrower, provided that each half is ordered by variance, as principal components
//! are. A wider model gets a seeded Gaussian projection, which keeps angles nearly (Johnson and Lindenstrauss, 1984).

use crate::rng::{Stream, hash, unit};

/// Seed of the projection to more numbers than there are.
const SEED: u32 = 0x7e47;

/// Rows `[n, width]`, a name's half and a description's half each, as rows `[n, dim]`.
pub fn fit_width(rows: &[f32], width: usize, dim: usize) -> Vec<f32> {
    if width == dim || width == 0 {
        return rows.to_vec();
    }
    if dim < width {
        let (first, second) = (dim.div_ceil(2), dim / 2);
        let halves = |row: &[f32]| {
            let (name, description) = row.split_at(width.div_ceil(2));
            [&name[..first], &description[..second.min(description.len())]].concat()
        };
        return rows.chunks_exact(width).flat_map(halves).collect();
    }
    let scale = 1.0 / (dim as f32).sqrt();
    let map: Vec<f32> = (0..(width * dim) as u32).map(|at| gaussian(at) * scale).collect();
    let mut out = vec![0.0; rows.len() / width * dim];
    for (row, out) in rows.chunks_exact(width).zip(out.chunks_exact_mut(dim)) {
        for (x, weights) in row.iter().zip(map.chunks_exact(dim)) {
            for (y, w) in out.iter_mut().zip(weights) {
                *y += x * w;
            }
        }
    }
    out
}

/// Nearly normal: the sum of twelve uniform draws less six, which needs additions alone.
fn gaussian(at: u32) -> f32 {
    (0..12).map(|draw| unit(hash(SEED, Stream::Text, at, draw))).sum::<f32>() - 6.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::dot;

    #[test]
    fn halves_are_cut_and_angles_kept() {
        let row: Vec<f32> = (0..8).map(|at| at as f32).collect();
        assert_eq!(fit_width(&row, 8, 4), [0.0, 1.0, 4.0, 5.0]);
        assert_eq!(fit_width(&row, 8, 3), [0.0, 1.0, 4.0]);
        assert_eq!(fit_width(&row, 8, 8), row);
        let rows: Vec<f32> = (0..64).map(|at| unit(hash(1, Stream::Init, at, 0)) - 0.5).collect();
        let wide = fit_width(&rows, 32, 512);
        let cosine = |a: &[f32], b: &[f32]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
        let (before, after) = (cosine(&rows[..32], &rows[32..]), cosine(&wide[..512], &wide[512..]));
        assert!((before - after).abs() < 0.15, "{before} became {after}");
    }
}
