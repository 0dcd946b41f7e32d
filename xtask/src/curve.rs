//! `cargo xtask curve`: what a graph costs by its size, on this machine: import, an epoch, memory, evaluation.
//!
//! Graphs of DRKG's shape are made, imported and trained on for one epoch by the release build of `lladr`; the table is
//! written as Markdown. A larger graph has as many held-out pairs as the smallest, so that evaluations can be compared.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::proc;

/// Sizes, dimension and place.
#[derive(clap::Args)]
pub struct Args {
    /// Entities of each graph; triples are 60 times as many
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    entities: Vec<u32>,
    /// Numbers per entity
    #[arg(long, default_value_t = 128)]
    dim: u32,
    /// Scoring function
    #[arg(long, default_value = "transe_l2")]
    model: String,
}

/// Builds `lladr`, goes through the sizes and prints the table.
#[allow(clippy::disallowed_methods, reason = "a measurement of wall time")]
pub fn run(args: &Args) -> Result<()> {
    proc::run(proc::cargo().args(["build", "--release", "-p", "lladr-cli"]))?;
    let lladr = proc::root().join("target/release/lladr");
    let home = proc::root().join("target/curve");
    let smallest = args.entities.iter().copied().min().unwrap_or(1);
    println!("\n| entities | triples | file | import | epoch | triples/s | memory of training | evaluation |");
    println!("|---|---|---|---|---|---|---|---|");
    for &entities in &args.entities {
        std::fs::create_dir_all(&home).context("cannot make target/curve")?;
        let [table, graph, result] = ["drkg.tsv", "graph", "train.json"].map(|name| home.join(name));
        let lladr = || proc::command(&lladr);
        quiet(lladr().args(["synthesize", "--entities", &entities.to_string(), "--out"]).arg(&table))?;
        let bytes = table.metadata().map_or(0, |file| file.len());
        let hold_out = 0.1 * f64::from(smallest) / f64::from(entities);
        let started = Instant::now();
        let import = ["--hold-out", &format!("{hold_out:.6}"), "--out"];
        quiet(lladr().args(["import", "drkg"]).arg(&table).args(import).arg(&graph))?;
        let import = started.elapsed().as_secs_f64();
        let train = ["--model", &args.model, "--dim", &args.dim.to_string(), "--epochs", "1", "--json"];
        quiet(lladr().args(["train", "--pack"]).arg(&graph).args(train).arg(&result))?;
        println!("{}", row(&result, bytes, import)?);
        std::fs::remove_dir_all(&home).context("cannot empty target/curve")?;
    }
    Ok(())
}

fn quiet(command: &mut std::process::Command) -> Result<()> {
    proc::output(command).map(|_| ())
}

fn row(result: &Path, bytes: u64, import: f64) -> Result<String> {
    let text = std::fs::read(result).with_context(|| format!("cannot read {}", result.display()))?;
    let json: Value = serde_json::from_slice(&text).context("the result of training is no JSON")?;
    let number = |at: &str| json.pointer(at).and_then(Value::as_f64).with_context(|| format!("the result has no {at}"));
    let triples: f64 = (0..3).map(|split| number(&format!("/graph/triples/{split}"))).sum::<Result<f64>>()?;
    // Each evaluation asks as many queries as its metrics say.
    let lines = json["evaluations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let queries: f64 = lines.iter().filter_map(|line| line["metrics"]["queries"].as_f64()).sum();
    Ok(format!(
        "| {} | {triples} | {:.0} MB | {import:.1} s | {:.1} s | {:.0} | {} MiB | {:.1} s for {queries} queries |",
        number("/graph/entities")?,
        bytes as f64 / 1e6,
        number("/seconds/training")?,
        number("/triples_per_sec")?,
        number("/peak_memory_mib")?,
        number("/seconds/evaluation")?,
    ))
}
