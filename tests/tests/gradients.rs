//! The engine's gradients against finite differences of the objective restated in `f64`.
//!
//! Plain gradient descent moves a number by `η s² ∂L/∂e`, with the row's scale `s`, so one long step shows
//! the gradient of everything: link loss, anchors, regularisation, learned map.

use lladr_core::anchor::{Coupling, Distance};
use lladr_core::backend::cpu::CpuBackend;
use lladr_core::backend::{Backend, Parameters};
use lladr_core::loss::Loss;
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::optimizer::Optimizer;
use lladr_core::plan::Planner;
use lladr_core::sampling::{Draw, FalseNegatives, Weighting};
use lladr_core::settings::{Recipe, Settings, TextSettings};
use lladr_core::train::sampler;
use lladr_tests::{assert_close, assert_close_to_largest, naive, toy};
use pollster::block_on;

/// The length of the step: long, so that little is lost to rounding.
const RATE: f32 = 1000.0;

fn check(what: &str, settings: Settings, count: u32, arithmetic: Arithmetic) {
    let recipe = Recipe { optimizer: Optimizer::Sgd, ..settings.recipe };
    let dim = toy::fitting(settings.interaction, settings.dim as usize) as u32;
    let spec = toy::spec(Settings { dim, recipe, ..settings }, count);
    let data = toy::data(&spec);
    let mut start = Parameters::initial(&spec, &data);
    // Rows of length about one: far from zero, where the norms bend.
    start.rows.iter_mut().chain(&mut start.free).for_each(|x| *x *= 0.6);
    // A map of zeros would hide what it does.
    let first_map_row = (spec.row_count() - spec.map_rows()) * spec.dim();
    for (at, x) in start.rows[first_map_row..].iter_mut().enumerate() {
        *x = ((at * 7) % 13) as f32 * 0.04 - 0.24;
    }
    start.represent(&spec, &data);

    let mut planner = Planner::with_sampler(spec.shape, sampler(&spec, &data));
    for step in 0..2 {
        let plan = planner.plan(step, &data.triples);
        let mut cpu = CpuBackend::new(spec, arithmetic, data.clone(), start.clone());
        cpu.train(std::slice::from_ref(&plan), RATE).expect("the CPU does not fail");
        let what = format!("{what} {:?} {arithmetic:?}", plan.side);

        let trained = |parameters: &Parameters| {
            let mut table = parameters.rows.clone();
            table[..parameters.free.len()].copy_from_slice(&parameters.free);
            table
        };
        let before = trained(&start);
        let exact: Vec<f64> = before.iter().map(|&x| f64::from(x)).collect();
        let objective = naive::Step { spec: &spec, data: &data, plan: &plan };
        let told = block_on(cpu.read_losses()).expect("the CPU does not fail")[0];
        let total = settings.text.zeta_link * told.link + told.anchor;
        let plain = naive::Step {
            spec: &toy::spec(Settings { recipe: Recipe { regularization: 0.0, ..recipe }, ..spec.settings }, count),
            ..objective
        };
        assert_close(&what, &[total], &[plain.objective(&exact, &exact) as f32], 2e-5);

        let after = trained(cpu.parameters());
        let map_rows = (spec.row_count() - spec.map_rows()) as u32..spec.row_count() as u32;
        let (mut expected, mut actual) = (Vec::new(), Vec::new());
        let h = 1e-6;
        for row in plan.rows.iter().copied().chain(map_rows) {
            let scale = spec.row_scale(row as usize);
            for at in row as usize * spec.dim()..(row as usize + 1) * spec.dim() {
                let moved = |by: f64| {
                    let mut table = exact.clone();
                    table[at] += by;
                    objective.objective(&table, &exact)
                };
                expected.push(((moved(h) - moved(-h)) / (2.0 * h)) as f32);
                actual.push((before[at] - after[at]) / (RATE * scale * scale));
            }
        }
        assert_close_to_largest(&what, &actual, &expected, 1e-3);
    }
}

fn settings(interaction: Interaction, dim: u32, batch: u32, negatives: u32) -> Settings {
    Settings { dim, batch, negatives, gamma: 4.0, alpha: 0.7, seed: 5, ..Settings::for_interaction(interaction) }
}

#[test]
fn gradients_are_finite_differences() {
    // One chunk, and two of which the second is short.
    for (count, batch, negatives) in [(90, 80, 11), (290, 270, 3)] {
        for interaction in Interaction::ALL {
            for arithmetic in [Arithmetic::Portable, Arithmetic::Fast] {
                check(interaction.name(), settings(interaction, 5, batch, negatives), count, arithmetic);
            }
        }
    }
}

#[test]
fn every_loss_and_representation_has_its_gradient() {
    let blended = TextSettings { zeta_second: 0.3, ..TextSettings::LLADR };
    let mut texts: Vec<TextSettings> = Distance::ALL.map(|distance| TextSettings { distance, ..blended }).into();
    texts.push(TextSettings { coupling: Coupling::Concat, rho: 1.0, ..blended });
    texts.push(TextSettings::PLAIN);
    for interaction in Interaction::ALL {
        for loss in Loss::ALL {
            for text in &texts {
                let recipe = Recipe { loss, margin: 0.7, ..Recipe::default() };
                let what = format!("{} {} {text:?}", interaction.name(), loss.name());
                let settings = Settings { recipe, text: *text, ..settings(interaction, 4, 20, 5) };
                check(&what, settings, 40, Arithmetic::Fast);
            }
        }
    }
}

#[test]
fn sampling_weighting_and_regularisation_have_their_gradient() {
    for interaction in Interaction::ALL {
        for norm in [2, 3] {
            let recipe = Recipe {
                regularization: 0.02,
                norm,
                draw: Draw::TypeConstrained,
                false_negatives: FalseNegatives::Filtered,
                weighting: Weighting::Frequency,
                ..Recipe::default()
            };
            let settings = Settings { recipe, ..settings(interaction, 4, 30, 9) };
            check(&format!("{} norm {norm}", interaction.name()), settings, 60, Arithmetic::Fast);
        }
    }
}
