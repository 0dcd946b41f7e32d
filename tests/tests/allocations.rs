//! A warm training step allocates nothing: neither its plan nor its arithmetic, on one thread.

use lladr_core::anchor::Coupling;
use lladr_core::backend::{Backend, Parameters, cpu::CpuBackend};
use lladr_core::loss::Loss;
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::optimizer::Optimizer;
use lladr_core::plan::{Planner, StepPlan};
use lladr_core::sampling::{Draw, FalseNegatives, Weighting};
use lladr_core::settings::{Recipe, Settings, TextSettings};
use lladr_core::train::sampler;
use lladr_tests::toy;
use pollster::block_on;

/// Steps of an epoch: two of two chunks, of which the second is short, and a shorter one.
const STEPS: u32 = 3;

/// Allocations of planning and of training in `STEPS` steps after twice as many, with the losses read between.
fn allocations(settings: Settings, arithmetic: Arithmetic) -> (u64, u64) {
    let spec = toy::spec(settings, 700);
    let data = toy::data(&spec);
    let mut cpu = CpuBackend::new(spec, arithmetic, data.clone(), Parameters::initial(&spec, &data));
    let mut planner = Planner::with_sampler(spec.shape, sampler(&spec, &data));
    let mut plans = vec![StepPlan::default(); STEPS as usize];
    let mut round = |first: u32| {
        let planned = allocation_counter::measure(|| {
            for (plan, step) in plans.iter_mut().zip(first..) {
                planner.plan_into(step, &data.triples, plan);
            }
        });
        let trained = allocation_counter::measure(|| cpu.train(&plans, 0.01).expect("the CPU does not fail"));
        let losses = block_on(cpu.read_losses()).expect("the CPU does not fail");
        assert!(losses.len() == STEPS as usize && losses.iter().all(|loss| loss.is_finite()));
        (planned.count_total, trained.count_total)
    };
    let cold = round(0);
    assert!(cold.0 > 0 && cold.1 > 0, "the counter counts");
    round(STEPS);
    round(2 * STEPS)
}

fn recipes() -> [(&'static str, Recipe, TextSettings); 4] {
    let plain = Recipe::default();
    let blended = TextSettings { zeta_second: 0.3, ..TextSettings::LLADR };
    let everything = Recipe {
        loss: Loss::CrossEntropy,
        optimizer: Optimizer::Adam,
        draw: Draw::TypeConstrained,
        false_negatives: FalseNegatives::Filtered,
        weighting: Weighting::Frequency,
        regularization: 0.01,
        ..plain
    };
    [
        ("plain", plain, TextSettings::PLAIN),
        (
            "margin, Adagrad, anchored",
            Recipe { loss: Loss::MarginRanking, optimizer: Optimizer::Adagrad, ..plain },
            blended,
        ),
        ("cross-entropy, Adam, filtered", everything, TextSettings::PLAIN),
        ("concatenated", everything, TextSettings { coupling: Coupling::Concat, rho: 1.0, ..TextSettings::LLADR }),
    ]
}

#[test]
fn a_warm_step_allocates_nothing() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be had");
    pool.install(|| {
        for interaction in Interaction::ALL {
            for (what, recipe, text) in recipes() {
                for arithmetic in [Arithmetic::Fast, Arithmetic::Portable] {
                    // More dimensions than one slice of a product, and rests of vectors.
                    for dim in [10, 170] {
                        let settings = Settings {
                            dim,
                            batch: 300,
                            negatives: 33,
                            recipe,
                            text,
                            ..Settings::for_interaction(interaction)
                        };
                        let told = allocations(settings, arithmetic);
                        assert_eq!(
                            told,
                            (0, 0),
                            "{} {what} {arithmetic:?} {dim}: planning, training",
                            interaction.name()
                        );
                    }
                }
            }
        }
    });
}
