//! Where training runs: one trait, two backends that execute the same plan stage by stage.
//!
//! | stage | what it does |
//! |---|---|
//! | `prep` | gathers rows, makes queries, scores positives |
//! | `score` | scores a chunk against its negatives; loss and gradient coefficients in place |
//! | `grad_query` | gradient of queries, passed on to given entity and relation; gradient of true entities |
//! | `grad_negative` | gradient of negatives |
//! | `sum` | sums the pieces of long segments |
//! | `update` | sums each row's gradients and moves the row (row-wise Adagrad) |
//!
//! A stage has the same name in `cpu/` and as a `.wgsl` file, and tests compare them one by one.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod umap;

use std::future::Future;

use crate::error::Result;
use crate::graph::Triple;
use crate::model::{Interaction, uniform_rows};
use crate::plan::{PlanShape, StepPlan};

/// What a backend must know before the first step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunSpec {
    /// Scoring function.
    pub interaction: Interaction,
    /// Length of a row.
    pub dim: usize,
    /// Margin of the distance models.
    pub gamma: f32,
    /// Self-adversarial temperature.
    pub alpha: f32,
    /// Sizes of graph, batch and negatives.
    pub shape: PlanShape,
}

impl RunSpec {
    /// Rows of the parameter table: entities, then relations.
    pub fn row_count(&self) -> usize {
        (self.shape.entities + self.shape.relations) as usize
    }
}

/// The state of a run: what a checkpoint holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Rows, `[entities + relations, dim]`.
    pub rows: Vec<f32>,
    /// Adagrad state, one per row.
    pub state: Vec<f32>,
}

impl Parameters {
    /// Random rows and an empty optimiser state.
    pub fn initial(spec: &RunSpec) -> Self {
        Parameters {
            rows: uniform_rows(spec.row_count(), spec.dim, spec.gamma, spec.shape.seed),
            state: vec![0.0; spec.row_count()],
        }
    }
}

/// The arrays of a step, visible so that tests can compare stages.
#[derive(Debug, Clone, Default)]
pub struct StepBuffers {
    /// Query vectors, `[B, dim]`.
    pub queries: Vec<f32>,
    /// Scores, then gradient coefficients of the negatives, `[B, K]`.
    pub coefficients: Vec<f32>,
    /// Gradient coefficient of each positive, `[B]`.
    pub positive: Vec<f32>,
    /// Loss of each positive with its negatives, `[B]`.
    pub losses: Vec<f32>,
    /// Gradients by occurrence, see [`crate::plan`].
    pub gradients: Vec<f32>,
}

/// Executes plans.
pub trait Backend {
    /// Enqueues steps, in order. May return before they are done.
    ///
    /// # Errors
    /// When the device refuses.
    fn train(&mut self, plans: &[StepPlan], learning_rate: f32) -> Result<()>;

    /// Waits for all enqueued steps and returns the mean loss per positive of each since the last call.
    ///
    /// # Errors
    /// When the device is lost.
    fn read_losses(&mut self) -> impl Future<Output = Result<Vec<f32>>>;

    /// Waits for all enqueued steps and returns rows and optimiser state.
    ///
    /// # Errors
    /// When the device is lost.
    fn read_parameters(&mut self) -> impl Future<Output = Result<Parameters>>;
}

/// Either backend.
#[allow(clippy::large_enum_variant, reason = "one exists per session")]
pub enum AnyBackend {
    /// See [`cpu::CpuBackend`].
    Cpu(cpu::CpuBackend),
    /// See [`gpu::GpuBackend`].
    #[cfg(feature = "gpu")]
    Gpu(gpu::GpuBackend),
}

impl Backend for AnyBackend {
    fn train(&mut self, plans: &[StepPlan], learning_rate: f32) -> Result<()> {
        match self {
            AnyBackend::Cpu(backend) => backend.train(plans, learning_rate),
            #[cfg(feature = "gpu")]
            AnyBackend::Gpu(backend) => backend.train(plans, learning_rate),
        }
    }

    async fn read_losses(&mut self) -> Result<Vec<f32>> {
        match self {
            AnyBackend::Cpu(backend) => backend.read_losses().await,
            #[cfg(feature = "gpu")]
            AnyBackend::Gpu(backend) => backend.read_losses().await,
        }
    }

    async fn read_parameters(&mut self) -> Result<Parameters> {
        match self {
            AnyBackend::Cpu(backend) => backend.read_parameters().await,
            #[cfg(feature = "gpu")]
            AnyBackend::Gpu(backend) => backend.read_parameters().await,
        }
    }
}

/// Training triples by reference-counted slice: backends keep their own view.
pub type TrainingTriples = std::sync::Arc<[Triple]>;
