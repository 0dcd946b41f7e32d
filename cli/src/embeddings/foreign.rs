//! Foreign rows in this project's form: of one length for entities and relations, complex ones by halves.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use lladr_core::model::Interaction;

use super::names::{self, Names};
use super::npy;

/// A table of rows with names.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Name and place of each row that has a name.
    pub names: Names,
    /// Numbers in a row.
    pub width: usize,
    /// `[rows, width]`.
    pub numbers: Vec<f32>,
    /// Whether neighbours are real and imaginary part, as numpy stores complex numbers.
    pub is_complex: bool,
}

/// A model made elsewhere.
#[derive(Debug)]
pub struct Foreign {
    /// Its scoring function.
    pub interaction: Interaction,
    /// Its margin.
    pub gamma: f32,
    /// Rows of entities, in this project's form.
    pub entities: Rows,
    /// Rows of relations, in this project's form and as long.
    pub relations: Rows,
    /// Where it comes from, in a sentence or two.
    pub origin: String,
}

impl Rows {
    /// Reads a matrix and the table of its names.
    pub fn read(matrix: &Path, table: &Path) -> Result<Rows> {
        let failed = || format!("cannot read {}", matrix.display());
        let file = File::open(matrix).with_context(failed)?;
        let size = file.metadata().with_context(failed)?.len();
        let array = npy::read(BufReader::new(file), size).with_context(failed)?;
        let names = names::read(table, array.rows)?;
        Ok(Rows { names, width: array.width, numbers: array.numbers, is_complex: array.is_complex })
    }

    /// The row at a place.
    pub fn row(&self, at: usize) -> &[f32] {
        &self.numbers[at * self.width..][..self.width]
    }

    /// Real parts, then imaginary parts, where they lay side by side.
    pub fn by_halves(mut self) -> Rows {
        if self.is_complex {
            let half = self.width / 2;
            let mut row = vec![0.0; self.width];
            for numbers in self.numbers.chunks_exact_mut(self.width.max(1)) {
                for (k, pair) in numbers.chunks_exact(2).enumerate() {
                    (row[k], row[half + k]) = (pair[0], pair[1]);
                }
                numbers.copy_from_slice(&row);
            }
            self.is_complex = false;
        }
        self
    }

    /// The phases, in radians, of complex numbers by halves, then zeros: RotatE's relations.
    ///
    /// # Errors
    /// When a number does not lie on the unit circle, and is no rotation.
    pub fn phases(mut self) -> Result<Rows> {
        let half = self.width / 2;
        for row in self.numbers.chunks_exact_mut(self.width.max(1)) {
            let (real, imaginary) = row.split_at_mut(half);
            for (re, im) in real.iter_mut().zip(imaginary) {
                let modulus = re.hypot(*im);
                ensure!((modulus - 1.0).abs() < 1e-3, "a relation's number has modulus {modulus}: it is no rotation");
                (*re, *im) = (im.atan2(*re), 0.0);
            }
        }
        Ok(self)
    }

    /// Every number times `factor`, then zeros up to `width`.
    pub fn scaled_and_padded(self, factor: f32, width: usize) -> Rows {
        let mut numbers = Vec::with_capacity(self.numbers.len() / self.width.max(1) * width);
        for row in self.numbers.chunks_exact(self.width.max(1)) {
            numbers.extend(row.iter().map(|x| x * factor));
            numbers.resize(numbers.len().next_multiple_of(width.max(1)), 0.0);
        }
        Rows { width, numbers, ..self }
    }
}

/// Makes two tables a model. RotatE's relations may be complex numbers, phases half as long as the entities' rows and
/// in units of `phase_unit` radians, or as here: phases in radians, then zeros.
pub fn model(
    interaction: Interaction,
    gamma: f32,
    [entities, relations]: [Rows; 2],
    phase_unit: f32,
    origin: String,
) -> Result<Foreign> {
    let are_rotations = interaction == Interaction::RotatE && relations.is_complex;
    let [entities, relations] = [entities.by_halves(), relations.by_halves()];
    let relations = if are_rotations { relations.phases()? } else { relations };
    let width = entities.width;
    if interaction.is_complex() {
        ensure!(width.is_multiple_of(2), "{} needs rows of an even length, not {width}", interaction.label());
    }
    let relations = match (interaction, relations.width) {
        (Interaction::RotatE, half) if 2 * half == width => relations.scaled_and_padded(phase_unit, width),
        (_, same) if same == width => relations,
        (_, other) => bail!(
            "rows of entities have {width} numbers and those of relations {other}, which does not fit {}",
            interaction.label()
        ),
    };
    Ok(Foreign { interaction, gamma, entities, relations, origin })
}
