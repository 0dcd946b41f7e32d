//! Where training runs: one trait, two backends that execute the same plan stage by stage.
//!
//! | stage | what it does |
//! |---|---|
//! | `represent` | only under [`Coupling::Concat`](crate::anchor::Coupling): rows of touched entities from free rows and text |
//! | `prep` | gathers rows, makes queries, scores positives, measures the anchor |
//! | `score` | scores a chunk against its negatives; loss and gradient coefficients in place |
//! | `grad_query` | gradient of queries, passed on to given entity and relation; gradient of true entities |
//! | `grad_negative` | gradient of negatives |
//! | `sum` | sums the pieces of long segments |
//! | `update` | sums each row's gradients and moves the row |
//! | `map` | only under `Concat`: gradient of the learned map, and its step |
//!
//! A stage has the same name in `cpu/` and as a `.wgsl` file, and tests compare them one by one.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
mod run;
pub mod umap;

pub use run::{Parameters, RunData, RunSpec, StepLoss, TrainingTriples};

use std::future::Future;

use crate::error::Result;
use crate::plan::StepPlan;

/// The arrays of a step, visible so that tests can compare stages.
#[derive(Debug, Clone, Default)]
pub struct StepBuffers {
    /// Query vectors, `[B, dim]`.
    pub queries: Vec<f32>,
    /// Scores, then gradient coefficients of the negatives, `[B, K]`.
    pub coefficients: Vec<f32>,
    /// Score, then gradient coefficient of each positive, `[B]`.
    pub positive: Vec<f32>,
    /// Weighted link loss of each positive with its negatives, `[B]`.
    pub losses: Vec<f32>,
    /// Weighted anchor loss of each positive's given entity, `[B]`.
    pub anchor_losses: Vec<f32>,
    /// `a`, `b` of the anchor's [`Pull`](crate::anchor::Pull), for text and for the second modality, `[B, 4]`.
    pub pulls: Vec<f32>,
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

    /// Waits for all enqueued steps and returns the loss of each since the last call.
    ///
    /// # Errors
    /// When the device is lost.
    fn read_losses(&mut self) -> impl Future<Output = Result<Vec<StepLoss>>>;

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

    async fn read_losses(&mut self) -> Result<Vec<StepLoss>> {
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
