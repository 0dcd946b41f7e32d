//! The CPU backend: the fallback of the page, the engine of a workstation, the reference of the GPU.
//!
//! A step runs its stages in order; within the middle stages, chunks are independent and run on all
//! cores under feature `parallel`. Each row's sum has a fixed order, so the bits do not depend on that.

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
use crate::plan::{CHUNK, StepPlan};

/// One chunk of a step: disjoint parts of the step's arrays.
struct ChunkWork<'a> {
    first: usize,
    queries: &'a [f32],
    coefficients: &'a mut [f32],
    positive: &'a mut [f32],
    pulls: &'a [f32],
    losses: &'a mut [f32],
    d_given: &'a mut [f32],
    d_true: &'a mut [f32],
    d_relation: &'a mut [f32],
    negatives: &'a [u32],
    d_negatives: &'a mut [f32],
}

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
        buffers.gradients.resize((plan.first_piece() + plan.pieces.len()) * dim, 0.0);
        self.scratch.resize_with(plan.chunks(), Scratch::default);

        if is_concat {
            let entities = plan.rows.iter().take_while(|&&row| row < spec.shape.entities);
            entities.for_each(|&entity| self.parameters.represent_entity(spec, data, entity));
        }
        let rows = &self.parameters.rows;
        prep::run(spec, data, plan, rows, buffers);
        for_each_chunk(plan, dim, k, buffers, &mut self.scratch, |mut work, scratch| {
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
            map::run(spec, data, plan, learning_rate, &self.totals, &mut self.parameters);
        }
        self.losses.push(StepLoss { link: share * add_up(&buffers.losses), anchor: add_up(&buffers.anchor_losses) });
    }
}

/// Cuts the step's arrays by chunk and runs `f` on each, on all cores under feature `parallel`.
fn for_each_chunk(
    plan: &StepPlan,
    dim: usize,
    k: usize,
    buffers: &mut StepBuffers,
    scratch: &mut [Scratch],
    f: impl Fn(ChunkWork<'_>, &mut Scratch) + Sync,
) {
    let batch = plan.batch();
    let (d_given, rest) = buffers.gradients.split_at_mut(batch * dim);
    let (d_true, rest) = rest.split_at_mut(batch * dim);
    let (d_relation, rest) = rest.split_at_mut(batch * dim);
    let d_negatives = &mut rest[..plan.negatives.len() * dim];

    let mut work = Vec::with_capacity(plan.chunks());
    let parts = buffers
        .queries
        .chunks(CHUNK * dim)
        .zip(buffers.coefficients.chunks_mut(CHUNK * k))
        .zip(buffers.positive.chunks_mut(CHUNK))
        .zip(buffers.pulls.chunks(4 * CHUNK))
        .zip(buffers.losses.chunks_mut(CHUNK))
        .zip(d_given.chunks_mut(CHUNK * dim))
        .zip(d_true.chunks_mut(CHUNK * dim))
        .zip(d_relation.chunks_mut(CHUNK * dim))
        .zip(plan.negatives.chunks(k))
        .zip(d_negatives.chunks_mut(k * dim))
        .enumerate();
    for (chunk, parts) in parts {
        let (
            ((((((((queries, coefficients), positive), pulls), losses), d_given), d_true), d_relation), negatives),
            d_negatives,
        ) = parts;
        work.push(ChunkWork {
            first: chunk * CHUNK,
            queries,
            coefficients,
            positive,
            pulls,
            losses,
            d_given,
            d_true,
            d_relation,
            negatives,
            d_negatives,
        });
    }

    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        work.into_par_iter().zip(scratch).for_each(|(work, scratch)| f(work, scratch));
    }
    #[cfg(not(feature = "parallel"))]
    work.into_iter().zip(scratch).for_each(|(work, scratch)| f(work, scratch));
}

impl Backend for CpuBackend {
    fn train(&mut self, plans: &[StepPlan], learning_rate: f32) -> Result<()> {
        for plan in plans {
            self.step(plan, learning_rate);
        }
        Ok(())
    }

    async fn read_losses(&mut self) -> Result<Vec<StepLoss>> {
        Ok(std::mem::take(&mut self.losses))
    }

    async fn read_parameters(&mut self) -> Result<Parameters> {
        self.parameters.represent(&self.spec, &self.data);
        Ok(self.parameters.clone())
    }
}
