//! A run: plans ahead of a backend, counts steps and epochs, notices when training leaves the finite numbers.

use crate::backend::{AnyBackend, Backend, Parameters, RunSpec, TrainingTriples};
use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Split};
use crate::model::Model;
use crate::plan::{PlanShape, Planner, StepPlan};
use crate::settings::Settings;

/// What a backend must know to run `settings` on a graph.
pub fn run_spec(graph: &KnowledgeGraph, settings: &Settings) -> RunSpec {
    RunSpec {
        interaction: settings.interaction,
        dim: settings.dim as usize,
        gamma: settings.gamma,
        alpha: settings.alpha,
        shape: PlanShape {
            entities: graph.entity_count() as u32,
            relations: graph.relation_count() as u32,
            triples: graph.triples(Split::Train).len() as u32,
            batch: settings.batch,
            negatives: settings.negatives,
            seed: settings.seed,
        },
    }
}

/// A run on one backend.
pub struct Trainer {
    backend: AnyBackend,
    planner: Planner,
    spec: RunSpec,
    triples: TrainingTriples,
    step: u32,
    read: u32,
}

impl Trainer {
    /// A run of `spec` over `triples` on a backend that was made for both.
    pub fn new(spec: RunSpec, triples: TrainingTriples, backend: AnyBackend) -> Self {
        Trainer { backend, planner: Planner::new(spec.shape), spec, triples, step: 0, read: 0 }
    }

    /// Goes on from `step` on another backend, which was made for the same run with that step's parameters.
    pub fn go_on(&mut self, backend: AnyBackend, step: u32) {
        (self.backend, self.step, self.read) = (backend, step, step);
    }

    /// What the run trains on.
    pub fn triples(&self) -> &TrainingTriples {
        &self.triples
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

    /// Trains `steps` steps; returns the number of positives trained and the mean loss per positive.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a loss is not finite, [`Error::Gpu`] when the device is lost.
    pub async fn advance(&mut self, steps: u32, learning_rate: f32) -> Result<(u32, f32)> {
        let plans: Vec<StepPlan> =
            (self.step..self.step + steps).map(|step| self.planner.plan(step, &self.triples)).collect();
        let batches: Vec<f32> = plans.iter().map(|plan| plan.batch() as f32).collect();
        let positives: f32 = batches.iter().sum();
        self.backend.train(&plans, learning_rate)?;
        self.step += steps;
        let losses = self.backend.read_losses().await?;
        if let Some(at) = losses.iter().position(|loss| !loss.is_finite()) {
            return Err(Error::Diverged { step: self.read + at as u32 });
        }
        self.read += losses.len() as u32;
        let total: f32 = losses.iter().zip(&batches).map(|(loss, batch)| loss * batch).sum();
        Ok((positives as u32, total / positives.max(1.0)))
    }

    /// The model as it is now, and the optimiser's state, `[entities + relations]`.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a row is not finite, [`Error::Gpu`] when the device is lost.
    pub async fn read(&mut self) -> Result<(Model, Vec<f32>)> {
        let Parameters { rows, state } = self.backend.read_parameters().await?;
        let RunSpec { interaction, dim, gamma, shape, .. } = self.spec;
        let model = Model::new(interaction, gamma, shape.entities as usize, shape.relations as usize, dim, rows)
            .map_err(|_| Error::Diverged { step: self.step })?;
        Ok((model, state))
    }
}
