//! `cargo bench`: training on one core, beside the engine's matrix products alone in the same run.
//!
//! A step needs three products of `[256, 128]` and `[128, 256]` per chunk; the share says how much of
//! the speed of those alone the whole step reaches. The machine may be shared: the two sides
//! alternate, and the median of the ratios is what counts.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

#[path = "workload.rs"]
mod workload;

use std::time::Instant;

use lladr_core::model::Interaction;
use workload::{DIM, Products, SHAPE, Workload};

const ROUNDS: usize = 7;
const STEPS: u32 = 24;

fn main() {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        println!("note: set RAYON_NUM_THREADS=1 for figures of one core (cargo xtask bench does)");
    }
    println!(
        "B {}, chunk 256, K {}, d {DIM}, {} entities; {ROUNDS} rounds of {STEPS} steps",
        SHAPE.batch, SHAPE.negatives, SHAPE.entities
    );
    println!("{:<12} {:>12} {:>8} {:>16} {:>8}", "model", "triples/s", "Gel/s", "product GFLOP/s", "share");
    for interaction in wanted() {
        let mut workload = Workload::new(interaction);
        workload.train(4);
        let mut products = Products::default();
        let mut rows: Vec<(f64, f64)> =
            (0..ROUNDS).map(|_| (triples_per_sec(&mut workload), flop_per_sec(&mut products))).collect();
        rows.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (speed, flops) = rows[ROUNDS / 2];
        let per_triple = 6.0 * f64::from(SHAPE.negatives) * DIM as f64;
        println!(
            "{:<12} {:>12.0} {:>8.2} {:>16.1} {:>7.0}%",
            interaction.name(),
            speed,
            speed * f64::from(SHAPE.negatives + 1) * DIM as f64 / 1e9,
            flops / 1e9,
            100.0 * speed * per_triple / flops,
        );
    }
    plan_cost();
    match std::env::var("LLADR_BENCH_WASM") {
        Ok(module) => wasm_ratio(&module),
        Err(_) => println!("cargo xtask bench also compares with wasm in V8"),
    }
}

/// The scoring functions named on the command line (`cargo bench -- distmult`), or all three.
fn wanted() -> Vec<Interaction> {
    let named: Vec<_> = std::env::args().skip(1).filter_map(|name| Interaction::from_name(&name)).collect();
    if named.is_empty() { vec![Interaction::TransEL2, Interaction::DistMult, Interaction::TransEL1] } else { named }
}

/// The same work in wasm, turn and turn about with the native one.
fn wasm_ratio(module: &str) {
    println!("{:<12} {:>12} {:>12} {:>8} {:>21}", "model", "native", "wasm", "ratio", "wasm product GFLOP/s");
    for interaction in wanted() {
        let mut workload = Workload::new(interaction);
        workload.train(4);
        let at = Interaction::ALL.iter().position(|known| *known == interaction).unwrap_or_default();
        let mut rows: Vec<(f64, (f64, f64))> =
            (0..ROUNDS).filter_map(|_| Some((triples_per_sec(&mut workload), wasm(module, at)?))).collect();
        rows.sort_by(|a, b| (a.1.0 / a.0).total_cmp(&(b.1.0 / b.0)));
        match rows.get(rows.len() / 2) {
            Some((native, (wasm, flops))) => {
                let (name, ratio) = (interaction.name(), wasm / native);
                println!("{name:<12} {native:>12.0} {wasm:>12.0} {ratio:>8.2} {:>21.1}", flops / 1e9);
            }
            None => println!("{:<12} node could not run {module}", interaction.name()),
        }
    }
}

/// Triples per second of an interaction and FLOP/s of the products alone, in V8.
fn wasm(module: &str, interaction: usize) -> Option<(f64, f64)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/bench_wasm.mjs");
    let output = std::process::Command::new("node").args([script, module, &interaction.to_string()]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (triples, flop) = text.trim().split_once(' ')?;
    Some((triples.parse().ok()?, flop.parse().ok()?))
}

fn triples_per_sec(workload: &mut Workload) -> f64 {
    let started = Instant::now();
    let positives = workload.train(STEPS);
    f64::from(positives) / started.elapsed().as_secs_f64()
}

/// FLOP/s of the products of as many steps.
fn flop_per_sec(products: &mut Products) -> f64 {
    let started = Instant::now();
    let flop = products.run(STEPS * SHAPE.batch / 256);
    flop / started.elapsed().as_secs_f64()
}

fn plan_cost() {
    let mut workload = Workload::new(Interaction::DistMult);
    workload.plan(8);
    let started = Instant::now();
    let plans = workload.plan(64);
    let millis = started.elapsed().as_secs_f64() * 1e3 / plans.len() as f64;
    println!("planner: {millis:.3} ms a step of {} positives", SHAPE.batch);
}
