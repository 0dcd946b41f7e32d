//! What can be chosen about a live training run.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::Interaction;

/// Hyper-parameters of a run. All of them, with the seed, are carried by the page's address.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Scoring function.
    pub interaction: Interaction,
    /// Length of an entity row.
    pub dim: u32,
    /// Step size of row-wise Adagrad.
    pub learning_rate: f32,
    /// Negatives shared by a chunk of positives.
    pub negatives: u32,
    /// Positives per step.
    pub batch: u32,
    /// Margin of the distance models; also sets the width of the initial rows.
    pub gamma: f32,
    /// Self-adversarial temperature `alpha`; 0 weights all negatives alike.
    pub alpha: f32,
    /// Seed of the initial rows, the permutations and the negatives.
    pub seed: u32,
}

impl Settings {
    /// Dimensions offered by the page.
    pub const DIMS: [u32; 5] = [16, 32, 64, 128, 256];
    /// Learning rates offered by the page.
    pub const LEARNING_RATES: [f32; 6] = [0.01, 0.03, 0.05, 0.1, 0.2, 0.5];
    /// Numbers of negatives offered by the page.
    pub const NEGATIVES: [u32; 5] = [16, 32, 64, 128, 256];

    /// Sensible settings for a scoring function on a small graph.
    pub fn for_interaction(interaction: Interaction) -> Self {
        let gamma = match interaction {
            Interaction::TransEL1 => 12.0,
            Interaction::TransEL2 => 6.0,
            Interaction::DistMult => 6.0,
        };
        Settings { interaction, dim: 64, learning_rate: 0.1, negatives: 128, batch: 512, gamma, alpha: 1.0, seed: 1 }
    }

    /// Refuses what cannot be trained, in words for a person.
    ///
    /// # Errors
    /// [`Error::Settings`] naming the value and its limits.
    pub fn check(&self) -> Result<()> {
        let positive = |name: &str, value: f32, most: f32| {
            if value.is_finite() && value > 0.0 && value <= most {
                Ok(())
            } else {
                Err(Error::Settings(format!("{name} must lie above 0 and at most {most}, not {value}")))
            }
        };
        let between = |name: &str, value: u32, least: u32, most: u32| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(Error::Settings(format!("{name} must lie between {least} and {most}, not {value}")))
            }
        };
        between("dimension", self.dim, 1, 1024)?;
        between("negatives", self.negatives, 1, 1024)?;
        between("batch", self.batch, 1, 16_384)?;
        positive("learning rate", self.learning_rate, 10.0)?;
        positive("gamma", self.gamma, 1000.0)?;
        if !(0.0..=10.0).contains(&self.alpha) {
            return Err(Error::Settings(format!("alpha must lie between 0 and 10, not {}", self.alpha)));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::for_interaction(Interaction::TransEL2)
    }
}
