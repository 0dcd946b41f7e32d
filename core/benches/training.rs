//! `cargo bench`: training on one core, beside the engine's matrix products alone in the same run.
//!
//! A step needs three products of `[256, 128]` and `[128, 256]` per chunk; the share says how much of
//! the speed of those alone the whole step reaches. The machine may be shared: the two sides
//! alternate, and the median of the ratios is what counts.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

#[path = "work/training.rs"]
mod training;
#[path = "work/v8.rs"]
mod v8;

use std::time::Instant;

use lladr_core::model::Interaction;
use training::{CHUNK, FB15K, Products, Work, Workload};
use v8::V8;

const ROUNDS: usize = 7;
const STEPS: u32 = 24;

fn main() {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        println!("note: set RAYON_NUM_THREADS=1 for figures of one core (cargo xtask bench does)");
    }
    println!(
        "B {}, chunk {CHUNK}, K {}, d 128, {} entities; {ROUNDS} rounds of {STEPS} steps",
        FB15K.batch, FB15K.negatives, FB15K.entities
    );
    println!("{:<12} {:>12} {:>8} {:>16} {:>8}", "model", "triples/s", "Gel/s", "product GFLOP/s", "share");
    for interaction in wanted() {
        let mut workload = Workload::new(&Work::fb15k(interaction));
        workload.train(4);
        let mut products = Products::new(&Work::fb15k(interaction));
        let mut rows: Vec<(f64, f64)> =
            (0..ROUNDS).map(|_| (triples_per_sec(&mut workload), flop_per_sec(&mut products))).collect();
        rows.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (speed, flops) = rows[ROUNDS / 2];
        let per_triple = 6.0 * f64::from(FB15K.negatives) * 128.0;
        println!(
            "{:<12} {:>12.0} {:>8.2} {:>16.1} {:>7.0}%",
            interaction.name(),
            speed,
            speed * f64::from(FB15K.negatives + 1) * 128.0 / 1e9,
            flops / 1e9,
            100.0 * speed * per_triple / flops,
        );
    }
    plan_cost();
    match std::env::var("LLADR_BENCH_WASM") {
        Ok(module) => wasm_ratio(&module),
        Err(_) => println!("cargo xtask bench also compares with wasm in a browser"),
    }
}

/// The scoring functions named on the command line (`cargo bench -- distmult`), or all three.
fn wanted() -> Vec<Interaction> {
    let named: Vec<_> = std::env::args().skip(1).filter_map(|name| Interaction::from_name(&name)).collect();
    if named.is_empty() { vec![Interaction::TransEL2, Interaction::DistMult, Interaction::TransEL1] } else { named }
}

/// The same work in wasm, turn and turn about with the native one.
fn wasm_ratio(module: &str) {
    let v8 = match V8::new(std::path::Path::new(module)) {
        Ok(v8) => v8,
        Err(error) => return println!("no wasm figures: {error}"),
    };
    println!("{}:", v8.name());
    println!("{:<12} {:>12} {:>12} {:>8} {:>21}", "model", "native", "wasm", "ratio", "wasm product GFLOP/s");
    for interaction in wanted() {
        let mut workload = Workload::new(&Work::fb15k(interaction));
        workload.train(4);
        let at = Interaction::ALL.iter().position(|known| *known == interaction).unwrap_or_default();
        let mut rows = Vec::new();
        for _ in 0..ROUNDS {
            match v8.turn(at) {
                Ok([(positives, secs), (flop, product_secs)]) => {
                    rows.push((triples_per_sec(&mut workload), positives / secs, flop / product_secs));
                }
                Err(error) => return println!("{:<12} {error}", interaction.name()),
            }
        }
        rows.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
        let (native, wasm, flops) = rows[ROUNDS / 2];
        let (name, ratio) = (interaction.name(), wasm / native);
        println!("{name:<12} {native:>12.0} {wasm:>12.0} {ratio:>8.2} {:>21.1}", flops / 1e9);
    }
}

fn triples_per_sec(workload: &mut Workload) -> f64 {
    let started = Instant::now();
    let positives = workload.train(STEPS);
    f64::from(positives) / started.elapsed().as_secs_f64()
}

/// FLOP/s of the products of as many steps.
fn flop_per_sec(products: &mut Products) -> f64 {
    let started = Instant::now();
    let flop = products.run(STEPS * FB15K.batch / CHUNK as u32);
    flop / started.elapsed().as_secs_f64()
}

fn plan_cost() {
    let mut workload = Workload::new(&Work::fb15k(Interaction::DistMult));
    workload.plan(8);
    let started = Instant::now();
    let plans = workload.plan(64);
    let millis = started.elapsed().as_secs_f64() * 1e3 / plans.len() as f64;
    println!("planner: {millis:.3} ms a step of {} positives", FB15K.batch);
}
