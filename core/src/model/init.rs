//! Initial rows: uniform in `±(γ + 2) / d`, as RotatE's and LLaDR's code do (Sun et al., 2019).
//!
//! `d` counts dimensions, so a complex row of `dim` numbers has `d = dim / 2`. RotatE's phases are that
//! draw times `π d / (γ + 2)`: uniform in `±π`.

use super::Interaction;
use crate::rng::{Stream, hash, unit};

/// Half width of the interval that rows are drawn from.
pub fn range(interaction: Interaction, dim: usize, gamma: f32) -> f32 {
    let dimensions = if interaction.is_complex() { dim / 2 } else { dim };
    (gamma + 2.0) / dimensions.max(1) as f32
}

/// What a number of a relation's row is worth in radians, `π d / (γ + 2)`, for RotatE; 1 for all others.
///
/// RotatE's code trains phases in the unit of the other rows; here rows hold radians, and their steps are
/// this much longer, which is the same run.
pub fn relation_scale(interaction: Interaction, dim: usize, gamma: f32) -> f32 {
    match interaction {
        Interaction::RotatE => std::f32::consts::PI / range(interaction, dim, gamma),
        _ => 1.0,
    }
}

/// Entity rows followed by relation rows, `[entities + relations, dim]`.
pub fn initial_rows(
    interaction: Interaction,
    [entities, relations]: [usize; 2],
    dim: usize,
    gamma: f32,
    seed: u32,
) -> Vec<f32> {
    let range = range(interaction, dim, gamma);
    let mut table = Vec::with_capacity((entities + relations) * dim);
    for row in 0..(entities + relations) as u32 {
        table.extend((0..dim as u32).map(|column| (2.0 * unit(hash(seed, Stream::Init, row, column)) - 1.0) * range));
    }
    if interaction == Interaction::RotatE {
        let scale = relation_scale(interaction, dim, gamma);
        for row in table[entities * dim..].chunks_exact_mut(dim) {
            let (phases, rest) = row.split_at_mut(dim / 2);
            phases.iter_mut().for_each(|phase| *phase *= scale);
            rest.fill(0.0);
        }
    }
    table
}
