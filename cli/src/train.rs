//! `lladr train`: trains on a file of triples and says what it took.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use lladr_core::backend::{AnyBackend, Parameters, TrainingTriples, cpu::CpuBackend, gpu::GpuBackend, gpu::GpuContext};
use lladr_core::graph::{KnowledgeGraph, Split, SplitTriples};
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::settings::Settings;
use lladr_core::train::{Trainer, run_spec};

use crate::import;

/// Steps between two looks at the clock.
const SLICE: u32 = 16;

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// File of triples: head TAB relation TAB tail, no header; may end in .gz.
    #[arg(long, value_name = "FILE")]
    triples: PathBuf,
    /// Scoring function.
    #[arg(long, default_value = "transe_l2", value_parser = parse_interaction)]
    model: Interaction,
    /// Length of an entity row.
    #[arg(long, default_value_t = 128)]
    dim: u32,
    /// Epochs to train.
    #[arg(long, default_value_t = 1)]
    epochs: u32,
    /// Positives per step.
    #[arg(long, default_value_t = 1024)]
    batch: u32,
    /// Negatives shared by a chunk of 256 positives.
    #[arg(long, default_value_t = 256)]
    negatives: u32,
    /// Step size of row-wise Adagrad.
    #[arg(long, default_value_t = 0.1)]
    learning_rate: f32,
    /// Seed of rows, permutations and negatives.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Train on the GPU instead of the CPU.
    #[arg(long)]
    gpu: bool,
}

fn parse_interaction(name: &str) -> std::result::Result<Interaction, String> {
    let names = Interaction::ALL.map(Interaction::name).join(", ");
    Interaction::from_name(name).ok_or_else(|| format!("choose one of {names}"))
}

/// Runs the command.
#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    let import = import::triples(&args.triples)?;
    let (triples, bad_rows, repeats) = (import.triples.len(), import.bad_rows, import.repeats());
    let loops = import.triples.iter().filter(|triple| triple.head == triple.tail).count();
    let splits = SplitTriples { train: import.triples, ..SplitTriples::default() };
    let graph = KnowledgeGraph::new(import.vocabulary, splits, None)?;
    println!(
        "read      {triples} triples, {} entities, {} relations in {:.1} s ({bad_rows} rows left out, {repeats} of the triples repeated, {loops} from an entity to itself)",
        graph.entity_count(),
        graph.relation_count(),
        started.elapsed().as_secs_f64(),
    );
    report_memory();

    let settings = Settings {
        dim: args.dim,
        batch: args.batch,
        negatives: args.negatives,
        learning_rate: args.learning_rate,
        seed: args.seed,
        ..Settings::for_interaction(args.model)
    };
    settings.check()?;
    let spec = run_spec(&graph, &settings);
    let train: TrainingTriples = graph.triples(Split::Train).into();
    let parameters = Parameters::initial(&spec);
    let backend = if args.gpu {
        let context = pollster::block_on(GpuContext::request()).context("training on the GPU")?;
        println!("device    {}", context.device_name());
        AnyBackend::Gpu(GpuBackend::new(&context, spec, train.clone(), parameters)?)
    } else {
        AnyBackend::Cpu(CpuBackend::new(spec, Arithmetic::Fast, train.clone(), parameters))
    };
    let mut trainer = Trainer::new(spec, train, backend);
    let per_epoch = trainer.steps_per_epoch();
    for epoch in 1..=args.epochs {
        let bar = ProgressBar::new(u64::from(spec.shape.triples));
        bar.set_style(ProgressStyle::with_template("epoch {msg} {bar:30} {pos}/{len} triples  {per_sec}  {eta} left")?);
        bar.set_message(epoch.to_string());
        let started = Instant::now();
        let mut total = 0.0;
        let end = epoch * per_epoch;
        while trainer.step() < end {
            let steps = SLICE.min(end - trainer.step());
            let (positives, loss) = pollster::block_on(trainer.advance(steps, settings.learning_rate))?;
            total += f64::from(loss) * f64::from(positives);
            bar.inc(u64::from(positives));
        }
        bar.finish_and_clear();
        let secs = started.elapsed().as_secs_f64();
        println!(
            "epoch {epoch:<3} loss {:.4}, {secs:.1} s, {:.0} triples/s",
            total / f64::from(spec.shape.triples),
            f64::from(spec.shape.triples) / secs,
        );
    }
    // Notices rows that are no longer finite.
    pollster::block_on(trainer.read())?;
    report_memory();
    Ok(())
}

/// Peak memory of this process, where the system tells it.
fn report_memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    if let Some(kib) =
        peak.and_then(|text| text.trim().strip_suffix(" kB")).and_then(|text| text.trim().parse::<u64>().ok())
    {
        println!("memory    {} MiB at most so far", kib >> 10);
    }
}
