//! The GPU against the CPU: stage by stage on odd shapes, step by step over a run, bit by bit with itself.

use lladr_core::backend::cpu::CpuBackend;
use lladr_core::backend::gpu::{GpuBackend, GpuContext};
use lladr_core::backend::{Backend, Parameters, RunSpec, TrainingTriples};
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::plan::{PlanShape, Planner, StepPlan};
use lladr_tests::{assert_close, assert_close_to_largest, gpu, toy};
use pollster::block_on;

fn plans(spec: &RunSpec, triples: &TrainingTriples, count: u32) -> Vec<StepPlan> {
    let mut planner = Planner::new(spec.shape);
    (0..count).map(|step| planner.plan(step, triples)).collect()
}

fn both(
    context: &GpuContext,
    spec: RunSpec,
    triples: &TrainingTriples,
    start: &Parameters,
) -> (CpuBackend, GpuBackend) {
    let cpu = CpuBackend::new(spec, Arithmetic::Portable, triples.clone(), start.clone());
    let gpu = GpuBackend::new(context, spec, triples.clone(), start.clone()).expect("the tables fit");
    (cpu, gpu)
}

/// (dim, triples, batch, negatives): ones, primes, just over a tile, over a chunk, hubs longer than a piece.
const SHAPES: [(usize, u32, u32, u32); 6] =
    [(1, 1, 1, 1), (3, 5, 5, 2), (7, 40, 37, 67), (65, 300, 257, 17), (16, 300, 300, 64), (130, 20, 16, 5)];

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_stages_agree_with_the_cpu() {
    let context = gpu();
    for interaction in Interaction::ALL {
        for (dim, count, batch, negatives) in SHAPES {
            let (spec, triples, start) = toy::run(interaction, dim, count, batch, negatives);
            // An even step asks for tails, an odd one for heads; each runs from the same rows.
            for plan in plans(&spec, &triples, 2) {
                let what =
                    |array: &str| format!("{} dim {dim} batch {batch} {:?} {array}", interaction.name(), plan.side);
                let (mut cpu, mut gpu) = both(&context, spec, &triples, &start);
                cpu.train(std::slice::from_ref(&plan), 0.1).expect("the CPU does not fail");
                gpu.train(std::slice::from_ref(&plan), 0.1).expect("the GPU works");
                let ours = block_on(gpu.read_buffers()).expect("the GPU works");
                let theirs = cpu.buffers();
                assert_close(&what("queries"), &ours.queries, &theirs.queries, 1e-6);
                assert_close(&what("losses"), &ours.losses, &theirs.losses, 2e-5);
                assert_close_to_largest(&what("positive"), &ours.positive, &theirs.positive, 2e-4);
                assert_close_to_largest(&what("coefficients"), &ours.coefficients, &theirs.coefficients, 2e-3);
                assert_close_to_largest(&what("gradients"), &ours.gradients, &theirs.gradients, 2e-3);
                let (loss, expected) = (block_on(gpu.read_losses()), block_on(cpu.read_losses()));
                assert_close(&what("loss"), &loss.expect("the GPU works"), &expected.expect("the CPU too"), 2e-5);
                let after = block_on(gpu.read_parameters()).expect("the GPU works");
                assert_close(&what("state"), &after.state, &cpu.parameters().state, 1e-4);
                // Adagrad's first step has the size of the learning rate whatever the gradient, so a
                // gradient that nearly cancels may turn; rows are compared by their mean difference.
                let mean = after.rows.iter().zip(&cpu.parameters().rows).map(|(a, b)| (a - b).abs()).sum::<f32>()
                    / after.rows.len() as f32;
                assert!(mean < 2e-3, "{}: {mean}", what("rows"));
            }
        }
    }
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_training_stays_close_to_the_cpu() {
    let context = gpu();
    for interaction in Interaction::ALL {
        let (spec, triples, start) = toy::run(interaction, 16, 200, 64, 32);
        let (mut cpu, mut gpu) = both(&context, spec, &triples, &start);
        let plans = plans(&spec, &triples, 40);
        cpu.train(&plans, 0.05).expect("the CPU does not fail");
        gpu.train(&plans, 0.05).expect("the GPU works");
        let (cpu, gpu) = (block_on(cpu.read_losses()), block_on(gpu.read_losses()));
        let (cpu, gpu) = (cpu.expect("the CPU does not fail"), gpu.expect("the GPU works"));
        assert!(cpu[39] < 0.95 * cpu[0], "{}: {cpu:?} does not fall", interaction.name());
        assert_close(interaction.name(), &gpu, &cpu, 0.02);
    }
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_runs_repeat_bit_for_bit() {
    let context = gpu();
    let train = || {
        let (spec, triples, start) = toy::run(Interaction::TransEL2, 33, 300, 270, 40);
        let mut gpu = GpuBackend::new(&context, spec, triples.clone(), start).expect("the tables fit");
        gpu.train(&plans(&spec, &triples, 12), 0.1).expect("the GPU works");
        block_on(gpu.read_parameters()).expect("the GPU works")
    };
    assert_eq!(train(), train());
}

/// FB15k's shape at batch 8192: what a step costs apart from arithmetic.
#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_steps_are_cheap_to_send() {
    let context = gpu();
    let shape = PlanShape { triples: 20_000, batch: 8192, negatives: 256, ..toy::FB15K };
    // One dimension keeps the arithmetic small for a software adapter; the traffic does not depend on it.
    let spec = RunSpec { interaction: Interaction::DistMult, dim: 1, gamma: 4.0, alpha: 1.0, shape };
    let triples: TrainingTriples = toy::skewed_triples(&shape).into();
    let mut backend =
        GpuBackend::new(&context, spec, triples.clone(), Parameters::initial(&spec)).expect("the tables fit");
    let before = backend.traffic();
    backend.train(&plans(&spec, &triples, 2), 0.1).expect("the GPU works");
    let after = backend.traffic();
    let steps = after.steps - before.steps;
    assert_eq!(steps, 2);
    let bytes = (after.uploaded_bytes - before.uploaded_bytes) / steps;
    println!("per step: {} dispatches, {bytes} bytes", (after.dispatches - before.dispatches) / steps);
    assert!(after.dispatches - before.dispatches <= 6 * steps);
    assert!(bytes <= 300_000, "{bytes} bytes per step");
    assert_eq!(after.waits, before.waits, "a step waits for nothing");
    assert_eq!(after.bind_groups, before.bind_groups, "a step makes no bind group");
}
