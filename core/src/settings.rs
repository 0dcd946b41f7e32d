//! What can be chosen about a live training run.

use serde::{Deserialize, Serialize};

use crate::anchor::{Coupling, Distance};
use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::model::Interaction;
use crate::optimizer::Optimizer;
use crate::sampling::{Draw, FalseNegatives, Weighting};

/// Hyper-parameters of a run. All of them, with the seed, are carried by the page's address.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Scoring function.
    pub interaction: Interaction,
    /// Numbers in an entity's row. ComplEx and RotatE read them as half as many complex numbers.
    pub dim: u32,
    /// Step size of the optimiser.
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
    /// Loss, optimiser, sampling.
    #[serde(default)]
    pub recipe: Recipe,
    /// How text enters.
    #[serde(default)]
    pub text: TextSettings,
}

/// The rest of a training recipe; its defaults are what the page trains with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// Link loss.
    pub loss: Loss,
    /// Margin of margin ranking.
    pub margin: f32,
    /// Optimiser.
    pub optimizer: Optimizer,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Epochs that the schedule is laid out over.
    pub epochs: u32,
    /// Weight `λ` of `λ Σ ‖e‖ₚᵖ` over the rows that a step touches, phases aside (DGL-KE).
    pub regularization: f32,
    /// The norm's power `p`, 2 or 3.
    pub norm: u32,
    /// Where negatives are drawn from.
    pub draw: Draw,
    /// What is done with negatives that are true.
    pub false_negatives: FalseNegatives,
    /// How positives are weighted.
    pub weighting: Weighting,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            loss: Loss::LogSigmoid,
            margin: 1.0,
            optimizer: Optimizer::RowAdagrad,
            schedule: Schedule::Constant,
            epochs: 100,
            regularization: 0.0,
            norm: 3,
            draw: Draw::Uniform,
            false_negatives: FalseNegatives::Kept,
            weighting: Weighting::Uniform,
        }
    }
}

/// How the learning rate changes over [`Recipe::epochs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It does not.
    #[default]
    Constant,
    /// It falls to a hundredth in a straight line.
    Linear,
    /// It falls to a hundredth as half a cosine wave (Loshchilov and Hutter, ICLR 2017).
    Cosine,
}

impl Schedule {
    /// All of them.
    pub const ALL: [Schedule; 3] = [Schedule::Constant, Schedule::Linear, Schedule::Cosine];

    /// Name in files and command lines.
    pub fn name(self) -> &'static str {
        match self {
            Schedule::Constant => "constant",
            Schedule::Linear => "linear",
            Schedule::Cosine => "cosine",
        }
    }

    /// What the learning rate is multiplied with when `done`, 0 to 1, of the run is over.
    pub fn factor(self, done: f32) -> f32 {
        let done = done.clamp(0.0, 1.0);
        let share = match self {
            Schedule::Constant => return 1.0,
            Schedule::Linear => 1.0 - done,
            Schedule::Cosine => 0.5 + 0.5 * crate::maths::sin_cos(std::f32::consts::PI * done).1,
        };
        0.01 + 0.99 * share
    }
}

/// A template of the descriptions: whose vectors anchor the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The bare name.
    Name,
    /// LLaDR's "original" prompt.
    Original,
    /// LLaDR's "good" prompt.
    #[default]
    Good,
    /// "good", without any mention of a held-out partner.
    Masked,
}

impl Template {
    /// All of them.
    pub const ALL: [Template; 4] = [Template::Name, Template::Original, Template::Good, Template::Masked];

    /// Name in packs and command lines.
    pub fn name(self) -> &'static str {
        match self {
            Template::Name => "name",
            Template::Original => "original",
            Template::Good => "good",
            Template::Masked => "masked",
        }
    }

    /// The template with this name.
    pub fn from_name(name: &str) -> Option<Template> {
        Template::ALL.into_iter().find(|template| template.name() == name)
    }
}

/// LLaDR: how text enters (arXiv 2510.12181). `ρ = 1` with `ζ_anchor = 0` is the plain embedding, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextSettings {
    /// Whose vectors.
    pub template: Template,
    /// How they meet the trainable rows.
    pub coupling: Coupling,
    /// Share `ρ` of the trainable row in a blended one.
    pub rho: f32,
    /// Weight `ζ₁` of the anchor.
    pub zeta_anchor: f32,
    /// Weight `ζ₂` of the link loss.
    pub zeta_link: f32,
    /// Weight of the anchor in a second modality, where one is given.
    pub zeta_second: f32,
    /// The anchor's distance.
    pub distance: Distance,
}

impl TextSettings {
    /// What LLaDR's code uses: `ρ = 0.6`, `ζ_anchor = 0.5`, `ζ_link = 1.8`, cosine.
    pub const LLADR: TextSettings = TextSettings {
        template: Template::Good,
        coupling: Coupling::Blend,
        rho: 0.6,
        zeta_anchor: 0.5,
        zeta_link: 1.8,
        zeta_second: 0.0,
        distance: Distance::Cosine,
    };

    /// No text at all.
    pub const PLAIN: TextSettings = TextSettings { rho: 1.0, zeta_anchor: 0.0, zeta_link: 1.0, ..TextSettings::LLADR };

    /// [`TextSettings::LLADR`] with the vectors of `template`; [`TextSettings::PLAIN`] without one.
    pub fn of(template: Option<Template>) -> TextSettings {
        template.map_or(TextSettings::PLAIN, |template| TextSettings { template, ..TextSettings::LLADR })
    }

    /// Whose vectors are used, if any.
    pub fn used(&self) -> Option<Template> {
        self.is_used().then_some(self.template)
    }

    /// Whether text changes anything.
    pub fn is_used(&self) -> bool {
        self.rho != 1.0 || self.zeta_anchor != 0.0 || self.zeta_second != 0.0 || self.coupling != Coupling::Blend
    }
}

impl Default for TextSettings {
    fn default() -> Self {
        TextSettings::PLAIN
    }
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
            Interaction::TransEL1 | Interaction::RotatE => 12.0,
            Interaction::TransEL2 | Interaction::DistMult | Interaction::ComplEx => 6.0,
        };
        Settings {
            interaction,
            dim: 64,
            learning_rate: 0.1,
            negatives: 128,
            batch: 512,
            gamma,
            alpha: 1.0,
            seed: 1,
            recipe: Recipe::default(),
            text: TextSettings::PLAIN,
        }
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
        if self.interaction.is_complex() && !self.dim.is_multiple_of(2) {
            let label = self.interaction.label();
            return Err(Error::Settings(format!("{label} needs an even dimension, not {}", self.dim)));
        }
        let within = |name: &str, value: f32, most: f32| {
            if (0.0..=most).contains(&value) {
                Ok(())
            } else {
                Err(Error::Settings(format!("{name} must lie between 0 and {most}, not {value}")))
            }
        };
        within("alpha", self.alpha, 10.0)?;
        within("margin", self.recipe.margin, 1000.0)?;
        within("regularisation", self.recipe.regularization, 10.0)?;
        between("the regularisation's norm", self.recipe.norm, 2, 3)?;
        between("the schedule's epochs", self.recipe.epochs, 1, 1_000_000)?;
        within("rho", self.text.rho, 1.0)?;
        within("zeta_anchor", self.text.zeta_anchor, 1000.0)?;
        within("zeta_link", self.text.zeta_link, 1000.0)?;
        within("zeta_second", self.text.zeta_second, 1000.0)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::for_interaction(Interaction::TransEL2)
    }
}
