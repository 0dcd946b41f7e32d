//! The GPU against the CPU: stage by stage on odd shapes, step by step over a run, bit by bit with itself.

use std::sync::Arc;

use lladr_core::anchor::{Coupling, Distance};
use lladr_core::backend::cpu::CpuBackend;
use lladr_core::backend::gpu::{GpuBackend, GpuContext};
use lladr_core::backend::{Backend, Parameters, RunData, RunSpec, StepLoss, TrainingTriples};
use lladr_core::loss::Loss;
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::optimizer::Optimizer;
use lladr_core::plan::{PlanShape, Planner, StepPlan};
use lladr_core::sampling::{Draw, FalseNegatives, Weighting};
use lladr_core::settings::{Recipe, Settings, TextSettings};
use lladr_core::train::sampler;
use lladr_tests::{assert_close, assert_close_to_largest, gpu, toy};
use pollster::block_on;

fn plans(spec: &RunSpec, data: &RunData, count: u32) -> Vec<StepPlan> {
    let mut planner = Planner::with_sampler(spec.shape, sampler(spec, data));
    (0..count).map(|step| planner.plan(step, &data.triples)).collect()
}

fn both(context: &GpuContext, spec: RunSpec, data: &Arc<RunData>, start: &Parameters) -> (CpuBackend, GpuBackend) {
    let cpu = CpuBackend::new(spec, Arithmetic::Portable, data.clone(), start.clone());
    let gpu = GpuBackend::new(context, spec, data.clone(), start.clone()).expect("the tables fit");
    (cpu, gpu)
}

/// (dim, triples, batch, negatives): ones, primes, just over a tile, over a chunk, hubs longer than a piece.
const SHAPES: [(usize, u32, u32, u32); 6] =
    [(1, 1, 1, 1), (3, 5, 5, 2), (7, 40, 37, 67), (65, 300, 257, 17), (16, 300, 300, 64), (130, 20, 16, 5)];

/// Runs two steps of `settings`, one for tails and one for heads, each from the same rows, on both devices.
fn stages_agree(context: &GpuContext, settings: Settings, count: u32) {
    let dim = toy::fitting(settings.interaction, settings.dim as usize) as u32;
    let settings = Settings { dim, ..settings };
    let spec = toy::spec(settings, count);
    let data = toy::data(&spec);
    let start = Parameters::initial(&spec, &data);
    for plan in plans(&spec, &data, 2) {
        let what = |array: &str| {
            let Settings { interaction, dim, batch, recipe, text, .. } = settings;
            let (loss, optimizer) = (recipe.loss.name(), recipe.optimizer.name());
            let text = format!("{:?} {}", text.coupling, text.distance.name());
            format!("{} {loss} {optimizer} {text} dim {dim} batch {batch} {:?} {array}", interaction.name(), plan.side)
        };
        let (mut cpu, mut gpu) = both(context, spec, &data, &start);
        cpu.train(std::slice::from_ref(&plan), 0.1).expect("the CPU does not fail");
        gpu.train(std::slice::from_ref(&plan), 0.1).expect("the GPU works");
        let ours = block_on(gpu.read_buffers()).expect("the GPU works");
        let theirs = cpu.buffers();
        assert_close(&what("queries"), &ours.queries, &theirs.queries, 2e-6);
        assert_close(&what("losses"), &ours.losses, &theirs.losses, 2e-5);
        assert_close(&what("anchor losses"), &ours.anchor_losses, &theirs.anchor_losses, 2e-5);
        assert_close(&what("pulls"), &used_pulls(&settings, &ours.pulls), &used_pulls(&settings, &theirs.pulls), 2e-4);
        assert_close_to_largest(&what("positive"), &ours.positive, &theirs.positive, 3e-4);
        assert_close_to_largest(&what("coefficients"), &ours.coefficients, &theirs.coefficients, 2e-3);
        assert_close_to_largest(&what("gradients"), &ours.gradients, &theirs.gradients, 2e-3);
        let (loss, expected) = (block_on(gpu.read_losses()), block_on(cpu.read_losses()));
        let (loss, expected) = (loss.expect("the GPU works")[0], expected.expect("the CPU too")[0]);
        assert_close(&what("loss"), &[loss.link, loss.anchor], &[expected.link, expected.anchor], 2e-5);
        let after = block_on(gpu.read_parameters()).expect("the GPU works");
        let expected = block_on(cpu.read_parameters()).expect("the CPU does not fail");
        // States hold squares of gradients: small numbers, compared with the largest.
        assert_close_to_largest(&what("state"), &after.state, &expected.state, 5e-3);
        // The first step of Adagrad and Adam has the size of the learning rate whatever the gradient, so a
        // gradient that nearly cancels may turn; rows are compared by their mean difference.
        for (ours, theirs) in [(&after.rows, &expected.rows), (&after.free, &expected.free)] {
            let mean = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).sum::<f32>() / ours.len().max(1) as f32;
            assert!(mean < 2e-3, "{}: {mean}", what("rows"));
        }
    }
}

/// Numbers of the anchors that are in force; a device leaves the others as they were.
fn used_pulls(settings: &Settings, pulls: &[f32]) -> Vec<f32> {
    let anchors = usize::from(settings.text.zeta_anchor > 0.0) + usize::from(settings.text.zeta_second > 0.0);
    pulls.chunks_exact(4).flat_map(|pull| &pull[..2 * anchors]).copied().collect()
}

fn toy_settings(interaction: Interaction, dim: usize, batch: u32, negatives: u32) -> Settings {
    let dim = dim as u32;
    Settings { dim, batch, negatives, gamma: 4.0, alpha: 0.7, seed: 5, ..Settings::for_interaction(interaction) }
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_stages_agree_with_the_cpu() {
    let context = gpu();
    for interaction in Interaction::ALL {
        for (dim, count, batch, negatives) in SHAPES {
            stages_agree(&context, toy_settings(interaction, dim, batch, negatives), count);
        }
    }
}

/// Every loss, optimiser and distance, with filtered and type-constrained negatives, weights and regularisation.
#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_variants_agree_with_the_cpu() {
    let context = gpu();
    let variants = Loss::ALL.into_iter().cycle().zip(Optimizer::ALL).zip(Distance::ALL);
    for (at, ((loss, optimizer), distance)) in variants.enumerate() {
        let recipe = Recipe {
            loss,
            optimizer,
            regularization: 0.01,
            norm: 2 + at as u32 % 2,
            draw: Draw::TypeConstrained,
            false_negatives: FalseNegatives::Filtered,
            weighting: Weighting::Frequency,
            ..Recipe::default()
        };
        let blended = TextSettings { distance, zeta_second: 0.3, ..TextSettings::LLADR };
        let concatenated = TextSettings { coupling: Coupling::Concat, rho: 1.0, ..blended };
        for text in [blended, concatenated] {
            for interaction in [Interaction::TransEL2, Interaction::ComplEx, Interaction::RotatE] {
                let plain = toy_settings(interaction, 7 + at, 37, 19);
                stages_agree(&context, Settings { recipe, text, ..plain }, 60);
            }
        }
    }
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_training_stays_close_to_the_cpu() {
    let context = gpu();
    for interaction in Interaction::ALL {
        for text in [TextSettings::PLAIN, TextSettings::LLADR] {
            let spec = toy::spec(Settings { text, ..toy_settings(interaction, 16, 64, 32) }, 200);
            let data = toy::data(&spec);
            let (mut cpu, mut gpu) = both(&context, spec, &data, &Parameters::initial(&spec, &data));
            let plans = plans(&spec, &data, 40);
            cpu.train(&plans, 0.05).expect("the CPU does not fail");
            gpu.train(&plans, 0.05).expect("the GPU works");
            let (cpu, gpu) = (block_on(cpu.read_losses()), block_on(gpu.read_losses()));
            let (cpu, gpu) = (cpu.expect("the CPU does not fail"), gpu.expect("the GPU works"));
            let links = |losses: &[StepLoss]| losses.iter().map(|loss| loss.link).collect::<Vec<_>>();
            let total = |loss: &StepLoss| text.zeta_link * loss.link + loss.anchor;
            assert!(total(&cpu[39]) < 0.95 * total(&cpu[0]), "{}: {cpu:?} does not fall", interaction.name());
            assert_close(interaction.name(), &links(&gpu), &links(&cpu), 0.02);
        }
    }
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_runs_repeat_bit_for_bit() {
    let context = gpu();
    let train = || {
        let spec =
            toy::spec(Settings { text: TextSettings::LLADR, ..toy_settings(Interaction::TransEL2, 33, 270, 40) }, 300);
        let data = toy::data(&spec);
        let start = Parameters::initial(&spec, &data);
        let mut gpu = GpuBackend::new(&context, spec, data.clone(), start).expect("the tables fit");
        gpu.train(&plans(&spec, &data, 12), 0.1).expect("the GPU works");
        block_on(gpu.read_parameters()).expect("the GPU works")
    };
    assert_eq!(train(), train());
}

/// No text at all and text of no weight are the same run, bit for bit.
#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_text_without_weight_changes_no_bit() {
    let context = gpu();
    let spec = toy::spec(toy_settings(Interaction::TransEL2, 33, 270, 40), 300);
    let plain = toy::data(&spec);
    let with_text = Arc::new(RunData { text: vec![0.3; 33 * toy::ENTITIES as usize], ..RunData::clone(&plain) });
    let train = |data: &Arc<RunData>| {
        let start = Parameters::initial(&spec, data);
        let mut gpu = GpuBackend::new(&context, spec, data.clone(), start).expect("the tables fit");
        gpu.train(&plans(&spec, data, 6), 0.1).expect("the GPU works");
        block_on(gpu.read_parameters()).expect("the GPU works")
    };
    assert_eq!(train(&plain), train(&with_text));
}

/// FB15k's shape at batch 8192: what a step costs apart from arithmetic.
#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_steps_are_cheap_to_send() {
    let context = gpu();
    let shape = PlanShape { triples: 20_000, batch: 8192, negatives: 256, ..toy::FB15K };
    // One dimension keeps the arithmetic small for a software adapter; the traffic does not depend on it.
    let spec = RunSpec { settings: toy_settings(Interaction::DistMult, 1, 8192, 256), shape };
    let triples: TrainingTriples = toy::skewed_triples(&shape).into();
    let data = Arc::new(RunData::from(triples));
    let parameters = Parameters::initial(&spec, &data);
    let mut backend = GpuBackend::new(&context, spec, data.clone(), parameters).expect("the tables fit");
    let before = backend.traffic();
    backend.train(&plans(&spec, &data, 2), 0.1).expect("the GPU works");
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
