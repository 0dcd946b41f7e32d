//! Hyper-parameters on the command line: the page's settings, each with its default for the scoring function.

use anyhow::{Result, bail};
use lladr_core::anchor::{Coupling, Distance};
use lladr_core::loss::Loss;
use lladr_core::model::{Interaction, Model};
use lladr_core::optimizer::Optimizer;
use lladr_core::sampling::{Draw, FalseNegatives, Weighting};
use lladr_core::settings::{Recipe, Schedule, Settings, Template, TextSettings};

const DIM: u32 = 128;
const EPOCHS: u32 = 20;

/// Hyper-parameters; what is left out takes the scoring function's default.
#[derive(clap::Args, Clone)]
pub struct Options {
    /// Scoring function: transe_l1, transe_l2, distmult, complex, rotate [default: transe_l2].
    #[arg(long, value_parser = named(&Interaction::ALL, Interaction::name))]
    model: Option<Interaction>,
    /// Numbers in an entity's row; complex and rotate read them as half as many complex numbers [default: 128].
    #[arg(long)]
    dim: Option<u32>,
    /// Most epochs [default: 20].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: Option<u32>,
    /// Positives per step.
    #[arg(long, default_value_t = 1024)]
    pub batch: u32,
    /// Negatives shared by a chunk of 256 positives.
    #[arg(long, default_value_t = 256)]
    pub negatives: u32,
    /// Step size of the optimiser.
    #[arg(long, visible_alias = "lr", default_value_t = 0.1)]
    pub learning_rate: f32,
    /// Margin of the distance models, and width of the initial rows.
    #[arg(long)]
    gamma: Option<f32>,
    /// Self-adversarial temperature; 0 weights all negatives alike.
    #[arg(long)]
    alpha: Option<f32>,
    /// Seed of rows, permutations and negatives.
    #[arg(long, default_value_t = 1)]
    pub seed: u32,
    /// Loss: log_sigmoid, margin_ranking, cross_entropy.
    #[arg(long, default_value = "log_sigmoid", value_parser = named(&Loss::ALL, Loss::name))]
    loss: Loss,
    /// Margin of margin_ranking.
    #[arg(long, default_value_t = 1.0)]
    margin: f32,
    /// Optimiser: row_adagrad, adagrad, adam, sgd.
    #[arg(long, default_value = "row_adagrad", value_parser = named(&Optimizer::ALL, Optimizer::name))]
    optimizer: Optimizer,
    /// How the learning rate changes over the epochs: constant, linear, cosine.
    #[arg(long, default_value = "constant", value_parser = named(&Schedule::ALL, Schedule::name))]
    schedule: Schedule,
    /// Weight of the norm of the rows that a step touches.
    #[arg(long, default_value_t = 0.0)]
    regularization: f32,
    /// The norm's power, 2 or 3.
    #[arg(long, default_value_t = 3)]
    norm: u32,
    /// Draw negatives of the right type only.
    #[arg(long)]
    type_constrained: bool,
    /// Leave negatives out that the training triples state as true.
    #[arg(long)]
    filter_negatives: bool,
    /// Weight frequent queries less.
    #[arg(long)]
    subsampling: bool,
    /// Share of the trainable row in a blended one; LLaDR's code has 0.6.
    #[arg(long, default_value_t = 1.0)]
    rho: f32,
    /// Weight of the text anchor; LLaDR's code has 0.5.
    #[arg(long, default_value_t = 0.0)]
    zeta_anchor: f32,
    /// Weight of the link loss; LLaDR's code has 1.8.
    #[arg(long, default_value_t = 1.0)]
    zeta_link: f32,
    /// The anchor's distance: cosine, euclidean, manhattan, kl.
    #[arg(long, default_value = "cosine", value_parser = named(&Distance::ALL, Distance::name))]
    distance: Distance,
    /// Join text by a learned linear map of [row ; text] instead of blending.
    #[arg(long)]
    concat: bool,
    /// Whose text vectors: name, original, good, masked.
    #[arg(long, default_value = "good", value_parser = named(&Template::ALL, Template::name))]
    template: Template,
}

impl Options {
    /// The epochs to train for.
    pub fn epochs(&self) -> u32 {
        self.epochs.unwrap_or(EPOCHS)
    }

    /// As the core's settings, for training on from a model: its scoring function, its length, its margin.
    ///
    /// # Errors
    /// When other ones are asked for that its rows cannot have.
    pub fn settings_of(&self, own: &Model) -> Result<Settings> {
        if let Some(other) = self.model.filter(|other| *other != own.interaction) {
            bail!("the pack's model is {}; its rows mean nothing to --model {}", own.interaction.name(), other.name());
        }
        if let Some(other) = self.dim.filter(|other| *other as usize != own.dim()) {
            bail!("the pack's model has {} numbers a row, not --dim {other}", own.dim());
        }
        let gamma = self.gamma.unwrap_or(own.gamma);
        let of_model =
            Options { model: Some(own.interaction), dim: Some(own.dim() as u32), gamma: Some(gamma), ..self.clone() };
        Ok(of_model.settings())
    }

    /// As the core's settings.
    pub fn settings(&self) -> Settings {
        let usual = Settings::for_interaction(self.model.unwrap_or(Interaction::TransEL2));
        let choose = |is: bool, yes, no| if is { yes } else { no };
        Settings {
            dim: self.dim.unwrap_or(DIM),
            learning_rate: self.learning_rate,
            negatives: self.negatives,
            batch: self.batch,
            gamma: self.gamma.unwrap_or(usual.gamma),
            alpha: self.alpha.unwrap_or(usual.alpha),
            seed: self.seed,
            recipe: Recipe {
                loss: self.loss,
                margin: self.margin,
                optimizer: self.optimizer,
                schedule: self.schedule,
                epochs: self.epochs(),
                regularization: self.regularization,
                norm: self.norm,
                draw: if self.type_constrained { Draw::TypeConstrained } else { Draw::Uniform },
                false_negatives: if self.filter_negatives { FalseNegatives::Filtered } else { FalseNegatives::Kept },
                weighting: if self.subsampling { Weighting::Frequency } else { Weighting::Uniform },
            },
            text: TextSettings {
                template: self.template,
                coupling: choose(self.concat, Coupling::Concat, Coupling::Blend),
                rho: self.rho,
                zeta_anchor: self.zeta_anchor,
                zeta_link: self.zeta_link,
                zeta_second: 0.0,
                distance: self.distance,
            },
            ..usual
        }
    }
}

/// A parser that knows values by their names and lists them when a name is wrong.
pub fn named<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl Fn(&str) -> std::result::Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let names = || all.iter().map(|value| name(*value)).collect::<Vec<_>>().join(", ");
        all.iter().copied().find(|value| name(*value) == text).ok_or_else(|| format!("choose one of {}", names()))
    }
}
