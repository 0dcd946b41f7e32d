//! The engine's gradients against finite differences of the objective restated in `f64`.

use lladr_core::backend::Backend;
use lladr_core::backend::cpu::CpuBackend;
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::plan::{Planner, StepPlan};
use lladr_tests::{assert_close, assert_close_to_largest, naive, toy};
use pollster::block_on;

/// Gradient of each moved row, summed as the stage `update` does.
fn row_gradients(plan: &StepPlan, gradients: &[f32], dim: usize) -> Vec<f32> {
    let sum = |items: &[u32]| {
        (0..dim).map(|k| items.iter().map(|&at| gradients[at as usize * dim + k]).sum::<f32>()).collect::<Vec<_>>()
    };
    (0..plan.rows.len()).flat_map(|at| sum(plan.segments.get(at))).collect()
}

#[test]
fn gradients_are_finite_differences() {
    for arithmetic in [Arithmetic::Portable, Arithmetic::Fast] {
        // One chunk, and two of which the second is short.
        let shapes = [(90, 80, 11), (290, 270, 3)];
        for (interaction, (count, batch, negatives)) in
            Interaction::ALL.into_iter().flat_map(|i| shapes.map(|s| (i, s)))
        {
            let (spec, triples, mut start) = toy::run(interaction, 5, count, batch, negatives);
            // Rows of length about one: far from zero, where the norms bend.
            start.rows.iter_mut().for_each(|x| *x *= 0.6);
            let mut planner = Planner::new(spec.shape);
            for step in 0..2 {
                let plan = planner.plan(step, &triples);
                let mut cpu = CpuBackend::new(spec, arithmetic, triples.clone(), start.clone());
                cpu.train(std::slice::from_ref(&plan), 0.1).expect("the CPU does not fail");
                let exact: Vec<f64> = start.rows.iter().map(|&x| f64::from(x)).collect();
                let loss = naive::loss(&spec, &triples, &plan, &exact, &exact);
                let what = format!("{} {:?} {arithmetic:?}", interaction.name(), plan.side);
                assert_close(&what, &block_on(cpu.read_losses()).expect("read"), &[loss as f32], 1e-5);

                let mut expected = Vec::new();
                let h = 1e-6;
                for &row in &plan.rows {
                    for k in 0..spec.dim {
                        let at = row as usize * spec.dim + k;
                        let moved = |by: f64| {
                            let mut rows = exact.clone();
                            rows[at] += by;
                            naive::loss(&spec, &triples, &plan, &rows, &exact)
                        };
                        expected.push(((moved(h) - moved(-h)) / (2.0 * h)) as f32);
                    }
                }
                let actual = row_gradients(&plan, &cpu.buffers().gradients, spec.dim);
                assert_close_to_largest(&what, &actual, &expected, 2e-4);
            }
        }
    }
}
