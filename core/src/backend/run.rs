//! What a run is, apart from the device: settings and sizes, what stays the same over it, and what changes.
//!
//! A blended row `e = ρ x + (1 − ρ) t` is an affine function of the trainable row `x`, and `t` is frozen. So the
//! table holds `e` itself: `∂L/∂x = ρ ∂L/∂e`, and a step of `x` by `Δ` moves `e` by `ρ Δ`. That is one factor per
//! row ([`RunSpec::row_scale`]), and every other stage sees plain rows. RotatE's phases use the same factor.

use std::sync::Arc;

use crate::anchor::Coupling;
use crate::error::{Error, Result};
use crate::graph::Triple;
use crate::loss::LinkLoss;
use crate::model::{Interaction, Similarity, initial_rows, relation_scale};
use crate::plan::{PlanShape, StepPlan};
use crate::settings::Settings;

/// Training triples by reference-counted slice: backends keep their own view.
pub type TrainingTriples = Arc<[Triple]>;

/// What a backend must know before the first step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunSpec {
    /// Hyper-parameters.
    pub settings: Settings,
    /// Sizes of graph, batch and negatives.
    pub shape: PlanShape,
}

impl RunSpec {
    /// Numbers in a row.
    pub fn dim(&self) -> usize {
        self.settings.dim as usize
    }

    /// Rows of the parameter table: entities, relations, and the learned map's where there is one.
    pub fn row_count(&self) -> usize {
        (self.shape.entities + self.shape.relations) as usize + self.map_rows()
    }

    /// Rows of the learned map: one per number of a text vector under [`Coupling::Concat`], else none.
    pub fn map_rows(&self) -> usize {
        match self.settings.text.coupling {
            Coupling::Blend => 0,
            Coupling::Concat => self.dim(),
        }
    }

    /// How a query is compared with a candidate.
    pub fn similarity(&self) -> Similarity {
        self.settings.interaction.similarity()
    }

    /// `ρ`: what a step of an entity's trainable row moves the blended row by.
    pub fn entity_scale(&self) -> f32 {
        match self.settings.text.coupling {
            Coupling::Blend => self.settings.text.rho,
            Coupling::Concat => 1.0,
        }
    }

    /// What a step of a relation's parameter moves its row by: 1, but for RotatE's phases.
    pub fn relation_scale(&self) -> f32 {
        relation_scale(self.settings.interaction, self.dim(), self.settings.gamma)
    }

    /// Scale of a row of the table: its gradient and its step are multiplied by it.
    pub fn row_scale(&self, row: usize) -> f32 {
        let relation = self.shape.entities as usize;
        if row < relation { self.entity_scale() } else { self.relation_scale() }
    }

    /// Weight of the regularisation in a row. Phases are angles: their size means nothing.
    pub fn regularization(&self, row: usize) -> f32 {
        let is_phase = self.settings.interaction == Interaction::RotatE && row >= self.shape.entities as usize;
        if is_phase { 0.0 } else { self.settings.recipe.regularization }
    }

    /// The link loss.
    pub fn link_loss(&self) -> LinkLoss {
        LinkLoss {
            loss: self.settings.recipe.loss,
            similarity: self.similarity(),
            gamma: self.settings.gamma,
            alpha: self.settings.alpha,
            margin: self.settings.recipe.margin,
        }
    }

    /// What every number of state is worth: length of the optimiser's state.
    pub fn state_len(&self) -> usize {
        self.row_count() * self.settings.recipe.optimizer.state_width(self.dim())
    }

    /// The learning rate of the step with this counter.
    pub fn learning_rate(&self, base: f32, step: u32) -> f32 {
        let recipe = &self.settings.recipe;
        let steps = recipe.epochs as f32 * self.shape.steps_per_epoch() as f32;
        base * recipe.schedule.factor(step as f32 / steps) * recipe.optimizer.rate_factor(step)
    }
}

/// What stays the same over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunData {
    /// Training triples.
    pub triples: TrainingTriples,
    /// Weight of each training triple; empty where all weigh 1.
    pub weights: Vec<f32>,
    /// Type of each entity, by which negatives are left out; empty where types do not matter.
    pub kinds: Vec<u32>,
    /// Text rows, `[entities, dim]`, zeros where an entity has none; empty without text.
    pub text: Vec<f32>,
    /// Rows of a second modality, as `text`.
    pub second: Vec<f32>,
}

impl From<TrainingTriples> for RunData {
    fn from(triples: TrainingTriples) -> Self {
        RunData { triples, ..RunData::default() }
    }
}

impl RunData {
    /// Weight of a triple.
    #[inline]
    pub fn weight(&self, triple: u32) -> f32 {
        self.weights.get(triple as usize).copied().unwrap_or(1.0)
    }

    /// `f / Σ_b w_b`, with the loss's constant factor `f`: what one positive of weight 1 counts in the step's loss.
    pub fn share(&self, spec: &RunSpec, plan: &StepPlan) -> f32 {
        let total: f32 = match self.weights.is_empty() {
            true => plan.batch() as f32,
            false => plan.positives.iter().map(|&triple| self.weight(triple)).sum(),
        };
        spec.settings.recipe.loss.factor() / total
    }

    /// The anchors that are in force: weight and rows, text before the second modality.
    pub fn anchors(&self, settings: &Settings) -> [Option<(f32, &[f32])>; 2] {
        [(settings.text.zeta_anchor, &self.text), (settings.text.zeta_second, &self.second)]
            .map(|(zeta, rows)| (zeta > 0.0 && !rows.is_empty()).then_some((zeta, rows.as_slice())))
    }

    /// Refuses data that does not fit a run.
    ///
    /// # Errors
    /// [`Error::Settings`] in words: text that is asked for and not there, or rows of another length.
    pub fn check(&self, spec: &RunSpec) -> Result<()> {
        let rows = spec.shape.entities as usize * spec.dim();
        let text = &spec.settings.text;
        let needs_text = text.zeta_anchor > 0.0 || text.rho < 1.0 || text.coupling == Coupling::Concat;
        let wrong = |what: &str| Err(Error::Settings(what.to_owned()));
        if needs_text && self.text.is_empty() {
            return wrong("these settings anchor rows in text, but there are no text vectors");
        }
        if text.zeta_second > 0.0 && self.second.is_empty() {
            return wrong("these settings anchor rows in a second modality, but there is none");
        }
        let is_rows = |table: &Vec<f32>| table.is_empty() || table.len() == rows;
        if !is_rows(&self.text) || !is_rows(&self.second) {
            return wrong("text vectors must be one row per entity, as long as the model's");
        }
        Ok(())
    }
}

/// The state of a run: what a checkpoint holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Rows, `[row_count, dim]`: what the scorer sees of entities, then relations, then the learned map.
    pub rows: Vec<f32>,
    /// State of the optimiser, `[row_count, state_width]`.
    pub state: Vec<f32>,
    /// Under [`Coupling::Concat`], the free rows `x` of the entities, `[entities, dim]`; else empty.
    pub free: Vec<f32>,
}

impl Parameters {
    /// Random rows and an empty optimiser state.
    pub fn initial(spec: &RunSpec, data: &RunData) -> Self {
        let counts = [spec.shape.entities as usize, spec.shape.relations as usize];
        let settings = &spec.settings;
        let rows = initial_rows(settings.interaction, counts, spec.dim(), settings.gamma, settings.seed);
        Parameters::from_rows(spec, data, rows)
    }

    /// From trainable rows, `[entities + relations, dim]`: random ones, or those of a finished run (LLaDR's
    /// initialiser by a structure-only embedding).
    pub fn from_rows(spec: &RunSpec, data: &RunData, mut rows: Vec<f32>) -> Self {
        let entities = spec.shape.entities as usize * spec.dim();
        let (rho, mut free) = (spec.entity_scale(), Vec::new());
        match spec.settings.text.coupling {
            Coupling::Concat => {
                free = rows[..entities].to_vec();
                rows.resize(spec.row_count() * spec.dim(), 0.0);
            }
            Coupling::Blend if rho != 1.0 => {
                for (x, t) in rows[..entities].iter_mut().zip(&data.text) {
                    *x = rho * *x + (1.0 - rho) * t;
                }
            }
            Coupling::Blend => {}
        }
        Parameters { rows, state: vec![0.0; spec.state_len()], free }
    }

    /// Under [`Coupling::Concat`], brings the rows of all entities up to date with the learned map.
    pub fn represent(&mut self, spec: &RunSpec, data: &RunData) {
        if spec.settings.text.coupling == Coupling::Concat {
            (0..spec.shape.entities).for_each(|entity| self.represent_entity(spec, data, entity));
        }
    }

    /// `e = x + t W` for one entity.
    pub fn represent_entity(&mut self, spec: &RunSpec, data: &RunData, entity: u32) {
        let dim = spec.dim();
        let (rows, map) = self.rows.split_at_mut((spec.shape.entities + spec.shape.relations) as usize * dim);
        let own = entity as usize * dim..(entity as usize + 1) * dim;
        let row = &mut rows[own.clone()];
        row.copy_from_slice(&self.free[own.clone()]);
        for (t, map_row) in data.text[own].iter().zip(map.chunks_exact(dim)) {
            for (e, w) in row.iter_mut().zip(map_row) {
                *e += t * w;
            }
        }
    }
}

/// Loss of a step, its two parts apart; the objective is `ζ_link · link + anchor`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepLoss {
    /// Weighted mean of the link loss per positive.
    pub link: f32,
    /// Anchor loss with its weights, `Σ ζ · L_anc`.
    pub anchor: f32,
}

impl StepLoss {
    /// Whether both parts are numbers.
    pub fn is_finite(&self) -> bool {
        self.link.is_finite() && self.anchor.is_finite()
    }
}
