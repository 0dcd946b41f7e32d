//! The CPU backend: the fallback of the page, the engine of a workstation, the reference of the GPU.
//!
//! A step runs its stages in order; within the middle stages, chunks are independent and run on all
//! cores under feature `parallel`. Each row's sum has a fixed order, so the bits do not depend on that. All arrays of a
//! step are kept for the next: once they are as long as a step needs, training on one thread allocates nothing (with
//! more, the pool of threads allocates a little for its queues).

mod chunk;
mod grad_negative;
mod grad_query;
mod map;
mod parallel;
mod prep;
mod score;
mod sum;
mod umap;
mod update;

pub(crate) use parallel::for_each;
pub use umap::CpuUmap;

use std::sync::Arc;

use super::{Backend, Parameters, RunData, RunSpec, StepBuffers, StepLoss};
use crate::anchor::Coupling;
use crate::error::Result;
use crate::maths::sum as add_up;
use crate::model::Arithmetic;
use crate::plan::StepPlan;
use chunk::{ChunkWork, for_each_chunk};

/// Arrays a worker needs while it does a chunk.
#[derive(Debug, Clone, Default)]
struct Scratch {
    rows: Vec<f32>,
    block: Vec<f32>,
    weights: Vec<f32>,
    d_queries: Vec<f32>,
}

/// Trains on the CPU.
pub struct CpuBackend {
    spec: RunSpec,
    arithmetic: Arithmetic,
    data: Arc<RunData>,
    parameters: Parameters,
    buffers: StepBuffers,
    scratch: Vec<Scratch>,
    totals: Vec<f32>,
    map_gradient: Vec<f32>,
    losses: Vec<StepLoss>,
}

impl CpuBackend {
    /// A run from these parameters.
    pub fn new(spec: RunSpec, arithmetic: Arithmetic, data: Arc<RunData>, parameters: Parameters) -> Self {
        CpuBackend {
            spec,
            arithmetic,
            data,
            parameters,
            buffers: StepBuffers::default(),
            scratch: Vec::new(),
            totals: Vec::new(),
            map_gradient: vec![0.0; spec.dim()],
            losses: Vec::new(),
        }
    }

    /// The arrays of the last step.
    pub fn buffers(&self) -> &StepBuffers {
        &self.buffers
    }

    /// Rows and optimiser state, now.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn step(&mut self, plan: &StepPlan, learning_rate: f32) {
        let (spec, data, arithmetic) = (&self.spec, &self.data, self.arithmetic);
        let (dim, k) = (spec.dim(), spec.shape.negatives as usize);
        let batch = plan.batch();
        let learning_rate = spec.learning_rate(learning_rate, plan.step);
        let share = data.share(spec, plan);
        let is_concat = spec.settings.text.coupling == Coupling::Concat;
        let buffers = &mut self.buffers;
        buffers.queries.resize(batch * dim, 0.0);
        buffers.coefficients.resize(batch * k, 0.0);
        buffers.positive.resize(batch, 0.0);
        buffers.losses.resize(batch, 0.0);
        buffers.anchor_losses.resize(batch, 0.0);
        buffers.pulls.resize(4 * batch, 0.0);
        reserve(&mut buffers.gradients, spec.shape.most_occurrences() * dim);
        buffers.gradients.resize((plan.first_piece() + plan.pieces.len()) * dim, 0.0);
        self.scratch.resize_with(self.scratch.len().max(plan.chunks()), Scratch::default);

        if is_concat {
            let most = spec.shape.most_occurrences().min(spec.row_count());
            reserve(&mut self.totals, most * dim);
            let entities = plan.rows.iter().take_while(|&&row| row < spec.shape.entities);
            entities.for_each(|&entity| self.parameters.represent_entity(spec, data, entity));
        }
        let rows = &self.parameters.rows;
        prep::run(spec, data, plan, rows, buffers);
        for_each_chunk(ChunkWork::all(plan, dim, buffers), &mut self.scratch[..plan.chunks()], &|mut work, scratch| {
            scratch.rows.clear();
            for &negative in work.negatives {
                let start = negative as usize * dim;
                scratch.rows.extend_from_slice(&rows[start..start + dim]);
            }
            score::run(spec, arithmetic, data, plan, share, &mut work, scratch);
            grad_negative::run(spec, arithmetic, &mut work, scratch);
            grad_query::run(spec, data, plan, rows, &mut work, scratch);
        });
        sum::run(dim, plan, &mut buffers.gradients);
        update::run(spec, plan, learning_rate, &buffers.gradients, &mut self.parameters, &mut self.totals);
        if is_concat {
            map::run(spec, data, plan, learning_rate, &self.totals, &mut self.map_gradient, &mut self.parameters);
        }
        self.losses.push(StepLoss { link: share * add_up(&buffers.losses), anchor: add_up(&buffers.anchor_losses) });
    }
}

/// Makes room for the longest step at once: which step is the longest shows late in a run.
fn reserve(array: &mut Vec<f32>, most: usize) {
    array.reserve_exact(most.saturating_sub(array.len()));
}

impl Backend for CpuBackend {
    fn train(&mut self, plans: &[StepPlan], learning_rate: f32) -> Result<()> {
        for plan in plans {
            self.step(plan, learning_rate);
        }
        Ok(())
    }

    async fn read_losses(&mut self) -> Result<Vec<StepLoss>> {
        Ok(self.losses.drain(..).collect())
    }

    async fn read_parameters(&mut self) -> Result<Parameters> {
        self.parameters.represent(&self.spec, &self.data);
        Ok(self.parameters.clone())
    }
}
