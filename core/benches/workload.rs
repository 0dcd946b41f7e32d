//! The work that speeds are quoted on: FB15k's shape, B 1024 in chunks of 256, K 256, d 128.

use std::sync::Arc;

use lladr_core::backend::cpu::CpuBackend;
use lladr_core::backend::{Backend, Parameters, RunData, RunSpec, TrainingTriples};
use lladr_core::graph::Triple;
use lladr_core::model::{Arithmetic, Interaction, product, product_nt};
use lladr_core::plan::{PlanShape, Planner, StepPlan};
use lladr_core::rng::{Stream, hash, unit};
use lladr_core::settings::Settings;
use ndarray::Array2;

/// Length of a row.
pub const DIM: usize = 128;
/// Sizes of FB15k.
pub const SHAPE: PlanShape =
    PlanShape { entities: 14_951, relations: 1_345, triples: 483_142, batch: 1024, negatives: 256, seed: 1 };

/// A backend on one core's worth of work, with steps planned ahead.
pub struct Workload {
    backend: CpuBackend,
    planner: Planner,
    triples: TrainingTriples,
    step: u32,
}

impl Workload {
    /// Random triples with skewed degrees: a draw `u` becomes row `n u²`.
    pub fn new(interaction: Interaction) -> Self {
        let draw = |at: u32, slot: u32, n: u32| {
            let u = unit(hash(78, Stream::Init, at, slot));
            ((n as f32 * u * u) as u32).min(n - 1)
        };
        let triples: TrainingTriples = (0..SHAPE.triples)
            .map(|at| Triple {
                head: draw(at, 0, SHAPE.entities),
                relation: draw(at, 1, SHAPE.relations),
                tail: draw(at, 2, SHAPE.entities),
            })
            .collect();
        let settings = Settings {
            dim: DIM as u32,
            batch: SHAPE.batch,
            negatives: SHAPE.negatives,
            gamma: 12.0,
            ..Settings::for_interaction(interaction)
        };
        let spec = RunSpec { settings, shape: SHAPE };
        let data = Arc::new(RunData::from(triples.clone()));
        let parameters = Parameters::initial(&spec, &data);
        let backend = CpuBackend::new(spec, Arithmetic::Fast, data, parameters);
        Workload { backend, planner: Planner::new(SHAPE), triples, step: 0 }
    }

    /// Plans of the next steps.
    pub fn plan(&mut self, steps: u32) -> Vec<StepPlan> {
        let plans = (self.step..self.step + steps).map(|step| self.planner.plan(step, &self.triples)).collect();
        self.step += steps;
        plans
    }

    /// Plans and trains steps; returns the number of positives.
    pub fn train(&mut self, steps: u32) -> u32 {
        let plans = self.plan(steps);
        // The CPU backend has no device that could refuse.
        let _ = self.backend.train(&plans, 0.1);
        plans.iter().map(|plan| plan.batch() as u32).sum()
    }
}

/// The three products of a chunk and nothing else.
pub struct Products {
    queries: Array2<f32>,
    negatives: Array2<f32>,
    scores: Array2<f32>,
    d_queries: Array2<f32>,
    d_negatives: Array2<f32>,
}

impl Default for Products {
    /// Small whole numbers in the rows.
    fn default() -> Self {
        let k = SHAPE.negatives as usize;
        Products {
            queries: Array2::from_shape_fn((256, DIM), |(i, k)| (i * 31 + k) as f32 % 7.0),
            negatives: Array2::from_shape_fn((k, DIM), |(j, k)| (j * 17 + k) as f32 % 5.0),
            scores: Array2::zeros((256, k)),
            d_queries: Array2::zeros((256, DIM)),
            d_negatives: Array2::zeros((k, DIM)),
        }
    }
}

impl Products {
    /// Computes the products of as many chunks; returns their FLOP.
    pub fn run(&mut self, chunks: u32) -> f64 {
        for _ in 0..chunks {
            product_nt(Arithmetic::Fast, self.queries.view(), self.negatives.view(), self.scores.view_mut());
            product(Arithmetic::Fast, self.scores.view(), self.negatives.view(), self.d_queries.view_mut());
            product(Arithmetic::Fast, self.scores.t(), self.queries.view(), self.d_negatives.view_mut());
            std::hint::black_box((&self.d_queries, &self.d_negatives));
        }
        6.0 * f64::from(chunks) * 256.0 * f64::from(SHAPE.negatives) * DIM as f64
    }
}
