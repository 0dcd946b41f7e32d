//! Training that speeds are quoted on: a random graph with the skewed degrees of real ones, on one backend.

use std::sync::Arc;

use lladr_core::backend::cpu::CpuBackend;
use lladr_core::backend::{Backend, Parameters, RunData, RunSpec, TrainingTriples};
use lladr_core::graph::Triple;
use lladr_core::model::{Arithmetic, Interaction, product, product_nt};
use lladr_core::plan::{PlanShape, Planner, StepPlan};
use lladr_core::rng::{Stream, hash, unit};
use lladr_core::sampling::{FalseNegatives, Weighting};
use lladr_core::settings::{Settings, TextSettings};
use lladr_core::train::{frequency_weights, sampler};
use ndarray::Array2;

/// Sizes of FB15k, B 1024, K 256.
pub const FB15K: PlanShape =
    PlanShape { entities: 14_951, relations: 1_345, triples: 483_142, batch: 1024, negatives: 256, seed: 1 };
/// Positives that share negatives.
pub const CHUNK: usize = 256;

/// What is trained.
#[derive(Clone, Copy)]
pub struct Work {
    /// Scoring function.
    pub interaction: Interaction,
    /// Length of a row.
    pub dim: usize,
    /// Sizes of graph, batch and negatives.
    pub shape: PlanShape,
    /// LLaDR's objective: rows blended with text, cosine anchor, frequency weights, no negative that is true.
    pub text: bool,
}

impl Work {
    /// Rows of 128 numbers on FB15k's shape, without text.
    pub fn fb15k(interaction: Interaction) -> Self {
        Work { interaction, dim: 128, shape: FB15K, text: false }
    }

    fn spec(&self) -> RunSpec {
        let mut settings = Settings {
            dim: self.dim as u32,
            batch: self.shape.batch,
            negatives: self.shape.negatives,
            gamma: 12.0,
            ..Settings::for_interaction(self.interaction)
        };
        if self.text {
            // The recipe weights negatives alike.
            settings.alpha = 0.0;
            settings.text = TextSettings::LLADR;
            settings.recipe.weighting = Weighting::Frequency;
            settings.recipe.false_negatives = FalseNegatives::Filtered;
        }
        RunSpec { settings, shape: self.shape }
    }

    /// Random triples: a draw `u` becomes row `n u²`. Random text rows of length one.
    fn data(&self) -> RunData {
        let draw = |at: u32, slot: u32, n: u32| {
            let u = unit(hash(78, Stream::Init, at, slot));
            ((n as f32 * u * u) as u32).min(n - 1)
        };
        let triples: TrainingTriples = (0..self.shape.triples)
            .map(|at| Triple {
                head: draw(at, 0, self.shape.entities),
                relation: draw(at, 1, self.shape.relations),
                tail: draw(at, 2, self.shape.entities),
            })
            .collect();
        if !self.text {
            return RunData::from(triples);
        }
        let mut text: Vec<f32> = Vec::with_capacity(self.shape.entities as usize * self.dim);
        for entity in 0..self.shape.entities {
            let first = text.len();
            text.extend((0..self.dim as u32).map(|column| unit(hash(79, Stream::Init, entity, column)) - 0.5));
            let row = &mut text[first..];
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.iter_mut().for_each(|x| *x /= length);
        }
        RunData { weights: frequency_weights(&triples), text, ..RunData::from(triples) }
    }
}

/// A backend, with steps planned ahead.
pub struct Workload {
    backend: CpuBackend,
    planner: Planner,
    data: Arc<RunData>,
    step: u32,
}

impl Workload {
    /// Makes the graph and the first rows.
    pub fn new(work: &Work) -> Self {
        let (spec, data) = (work.spec(), Arc::new(work.data()));
        let parameters = Parameters::initial(&spec, &data);
        let planner = Planner::with_sampler(spec.shape, sampler(&spec, &data));
        let backend = CpuBackend::new(spec, Arithmetic::Fast, data.clone(), parameters);
        Workload { backend, planner, data, step: 0 }
    }

    /// Plans of the next steps.
    pub fn plan(&mut self, steps: u32) -> Vec<StepPlan> {
        let plans = (self.step..self.step + steps).map(|step| self.planner.plan(step, &self.data.triples)).collect();
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

impl Products {
    /// Small whole numbers in the rows.
    pub fn new(work: &Work) -> Self {
        let (k, dim) = (work.shape.negatives as usize, work.dim);
        Products {
            queries: Array2::from_shape_fn((CHUNK, dim), |(i, k)| (i * 31 + k) as f32 % 7.0),
            negatives: Array2::from_shape_fn((k, dim), |(j, k)| (j * 17 + k) as f32 % 5.0),
            scores: Array2::zeros((CHUNK, k)),
            d_queries: Array2::zeros((CHUNK, dim)),
            d_negatives: Array2::zeros((k, dim)),
        }
    }

    /// Computes the products of as many chunks; returns their FLOP.
    pub fn run(&mut self, chunks: u32) -> f64 {
        for _ in 0..chunks {
            product_nt(Arithmetic::Fast, self.queries.view(), self.negatives.view(), self.scores.view_mut());
            product(Arithmetic::Fast, self.scores.view(), self.negatives.view(), self.d_queries.view_mut());
            product(Arithmetic::Fast, self.scores.t(), self.queries.view(), self.d_negatives.view_mut());
            std::hint::black_box((&self.d_queries, &self.d_negatives));
        }
        6.0 * f64::from(chunks) * (self.scores.len() * self.queries.ncols()) as f64
    }
}
