//! A run: plans ahead of a backend, counts steps and epochs, notices when training leaves the finite numbers.

mod checkpoint;
mod data;
mod fit;

pub use checkpoint::{Best, Checkpoint, State};
pub use data::{Modality, frequency_weights, run_data, run_spec, sampler};
pub use fit::{End, FitEvent, FitOptions, Fitted, Watch, fit, fit_watched};

use std::sync::Arc;

use crate::backend::{AnyBackend, Backend, Parameters, RunData, RunSpec, StepLoss};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::plan::{Planner, StepPlan};

/// A run on one backend.
pub struct Trainer {
    backend: AnyBackend,
    planner: Planner,
    spec: RunSpec,
    data: Arc<RunData>,
    /// Plans of a slice, used again.
    plans: Vec<StepPlan>,
    step: u32,
    read: u32,
}

impl Trainer {
    /// A run of `spec` over `data` on a backend that was made for both.
    pub fn new(spec: RunSpec, data: Arc<RunData>, backend: AnyBackend) -> Self {
        let planner = Planner::with_sampler(spec.shape, sampler(&spec, &data));
        Trainer { backend, planner, spec, data, plans: Vec::new(), step: 0, read: 0 }
    }

    /// Goes on from `step`: the backend holds that step's parameters.
    pub fn resume_at(&mut self, step: u32) {
        (self.step, self.read) = (step, step);
    }

    /// Goes on from `step` on another backend, which was made for the same run with that step's parameters.
    pub fn go_on(&mut self, backend: AnyBackend, step: u32) {
        self.backend = backend;
        self.resume_at(step);
    }

    /// What the run trains on.
    pub fn data(&self) -> &Arc<RunData> {
        &self.data
    }

    /// Steps done.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Epochs done, with the current one's share.
    pub fn epoch(&self) -> f32 {
        self.step as f32 / self.steps_per_epoch() as f32
    }

    /// Steps that make one epoch.
    pub fn steps_per_epoch(&self) -> u32 {
        self.spec.shape.steps_per_epoch()
    }

    /// What the backend was made for.
    pub fn spec(&self) -> &RunSpec {
        &self.spec
    }

    /// Trains `steps` steps; returns the number of positives trained and the mean loss over them.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a loss is not finite, [`Error::Gpu`] when the device is lost.
    pub async fn advance(&mut self, steps: u32, learning_rate: f32) -> Result<(u32, StepLoss)> {
        let count = steps as usize;
        self.plans.resize_with(self.plans.len().max(count), StepPlan::default);
        let plans = &mut self.plans[..count];
        for (plan, step) in plans.iter_mut().zip(self.step..) {
            self.planner.plan_into(step, &self.data.triples, plan);
        }
        let positives: f32 = plans.iter().map(|plan| plan.batch() as f32).sum();
        self.backend.train(plans, learning_rate)?;
        self.step += steps;
        let losses = self.backend.read_losses().await?;
        if let Some(at) = losses.iter().position(|loss| !loss.is_finite()) {
            return Err(Error::Diverged { step: self.read + at as u32 });
        }
        self.read += losses.len() as u32;
        let mean = |part: fn(&StepLoss) -> f32| {
            losses.iter().zip(&*plans).map(|(loss, plan)| part(loss) * plan.batch() as f32).sum::<f32>()
                / positives.max(1.0)
        };
        Ok((positives as u32, StepLoss { link: mean(|loss| loss.link), anchor: mean(|loss| loss.anchor) }))
    }

    /// The model as it is now, and all that the run goes on from.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a number is not finite, [`Error::Gpu`] when the device is lost.
    pub async fn read(&mut self) -> Result<(Model, Parameters)> {
        let parameters = self.parameters().await?;
        let model = model_of(&self.spec, &parameters.rows).map_err(|_| Error::Diverged { step: self.step })?;
        Ok((model, parameters))
    }

    /// All that the run goes on from, as it is now.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a number is not finite, [`Error::Gpu`] when the device is lost.
    pub async fn parameters(&mut self) -> Result<Parameters> {
        let parameters = self.backend.read_parameters().await?;
        let Parameters { rows, state, free } = &parameters;
        match rows.iter().chain(state).chain(free).all(|x| x.is_finite()) {
            true => Ok(parameters),
            false => Err(Error::Diverged { step: self.step }),
        }
    }
}

/// The model in a run's rows; a learned map is no part of it, as the entities' rows hold what it gives.
///
/// # Errors
/// [`Error::Pack`] when a number is not finite.
pub fn model_of(spec: &RunSpec, rows: &[f32]) -> Result<Model> {
    let (entities, relations) = (spec.shape.entities as usize, spec.shape.relations as usize);
    let rows = rows[..(entities + relations) * spec.dim()].to_vec();
    Model::new(spec.settings.interaction, spec.settings.gamma, entities, relations, spec.dim(), rows)
}
