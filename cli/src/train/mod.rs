//! `lladr train`: trains on a benchmark folder, a file of triples or a pack, evaluates, and says what it took.
//!
//! `start` says where a run begins, `watch` what it tells and keeps while it goes on, `write` what it leaves. A run
//! writes checkpoints now and then; a killed one goes on from the last, and ends with the bytes of an unbroken one.

mod start;
mod watch;
mod write;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use lladr_core::backend::{AnyBackend, cpu::CpuBackend, gpu::GpuBackend, gpu::GpuContext};
use lladr_core::graph::Split;
use lladr_core::model::Arithmetic;
use lladr_core::train::{End, FitOptions, Fitted, Trainer, fit_watched};
use serde_json::json;

use crate::options::Options;
use crate::output::{Incomplete, Output};
use crate::{files, folder, interrupt, report};
use start::Start;
use watch::{Every, Teller};
use write::Trained;

/// Options of the command.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("from").required(true), after_help = INTERRUPT)]
pub struct Args {
    /// Folder with train.txt, valid.txt and test.txt: head TAB relation TAB tail, no header.
    #[arg(long, value_name = "DIR", group = "from")]
    data: Option<PathBuf>,
    /// File of triples: head TAB relation TAB tail, no header; may end in .gz.
    #[arg(long, value_name = "FILE", group = "from")]
    triples: Option<PathBuf>,
    /// Folder of a pack; its text vectors can anchor the model.
    #[arg(long, value_name = "DIR", group = "from")]
    pack: Option<PathBuf>,
    /// With --triples: share of the drug–disease pairs held out for the test, and the same again for validation.
    #[arg(long, default_value_t = 0.0)]
    hold_out: f32,
    #[command(flatten)]
    options: Options,
    /// With --pack: start from the rows of the pack's own model, such as `lladr import-embeddings` brought, in place of
    /// random ones. Scoring function and length are that model's, and so is gamma where it is not said.
    #[arg(long, requires = "pack", conflicts_with_all = ["initial", "resume"])]
    from_model: bool,
    /// Start from the rows of this checkpoint, such as a structure-only run's.
    #[arg(long, value_name = "FILE")]
    initial: Option<PathBuf>,
    /// Go on with the run of this checkpoint, exactly: on the CPU the result has the bytes of an unbroken run. Settings
    /// are the checkpoint's; say what to train on as before, and --validate-every and --patience where they were said.
    #[arg(long, value_name = "FILE", conflicts_with = "initial")]
    resume: Option<PathBuf>,
    /// Keep the run's state in this file while it goes on, to --resume a run that was killed.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// How often: a time such as 90s, 10m or 1h, or a number of epochs such as 5. At the end it is written in any case.
    #[arg(long, value_name = "TIME|EPOCHS", default_value = "5m", requires = "checkpoint")]
    every: Every,
    /// Validate after so many epochs (filtered MRR on the validation split) and keep the best model; 0 for never.
    #[arg(long, default_value_t = 0)]
    validate_every: u32,
    /// Stop after so many validations without a better one; 0 for never.
    #[arg(long, default_value_t = 0)]
    patience: u32,
    /// Write a checkpoint of the model that is kept.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// With --pack: write the pack with the model that is kept, exact, and its card of metrics; `lladr pack` makes of it
    /// the folder that a page hosts.
    #[arg(long, value_name = "DIR", requires = "pack")]
    out: Option<PathBuf>,
    /// Train on the GPU instead of the CPU.
    #[arg(long)]
    gpu: bool,
    #[command(flatten)]
    output: Output,
}

const INTERRUPT: &str = "Ctrl-C ends the run after the step at hand, writes what was asked for with the model as it is then, \
                         and exits with 3; once more ends at once.";

/// Runs the command.
#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
pub fn run(args: &Args) -> Result<()> {
    // What can be refused is refused before anything long.
    if args.resume.is_none() && !args.from_model {
        args.options.settings().check()?;
    }
    if let Some(out) = &args.out {
        folder::check_place(out)?;
    }
    for file in [&args.checkpoint, &args.save, &args.output.json].into_iter().flatten() {
        files::check_place(file)?;
    }
    interrupt::catch()?;
    let say = |line: String| args.output.say(line);
    let started = Instant::now();
    let mut source = start::read(args)?;
    let read_secs = started.elapsed().as_secs_f64();
    let Start { spec, data, parameters, step, best, epochs, origin } = Start::new(args, &mut source)?;
    let graph = &source.graph;
    let counts = Split::ALL.map(|split| graph.triples(split).len());
    let [train, valid, test] = counts;
    let (entities, relations, report) = (graph.entity_count(), graph.relation_count(), &source.report);
    say(format!(
        "read      {train} + {valid} + {test} triples, {entities} entities, {relations} relations in {read_secs:.1} s ({report})"
    ));

    let settings = spec.settings;
    let (backend, device) = if args.gpu {
        let context = pollster::block_on(GpuContext::request()).context("training on the GPU")?;
        (AnyBackend::Gpu(GpuBackend::new(&context, spec, data.clone(), parameters)?), context.device_name())
    } else {
        (AnyBackend::Cpu(CpuBackend::new(spec, Arithmetic::Fast, data.clone(), parameters)), "CPU".to_owned())
    };
    let mut trainer = Trainer::new(spec, data, backend);
    trainer.resume_at(step);
    let per_epoch = trainer.steps_per_epoch();

    let options = FitOptions { epochs, validate_every: args.validate_every, patience: args.patience };
    let triples = u64::from(spec.shape.triples);
    let bar = ProgressBar::new(triples * u64::from(epochs))
        .with_style(ProgressStyle::with_template("{msg} {bar:30} {percent}%  {per_sec} triples  {eta} left")?);
    bar.set_position(triples * u64::from(step) / u64::from(per_epoch));
    bar.reset_eta();
    if step > 0 {
        say(format!("resumed   at step {step}, epoch {:.1} of {epochs}", trainer.epoch()));
    }
    let started = Instant::now();
    let checkpoint = args.checkpoint.clone().map(|file| (file, args.every));
    let mut teller = Teller::new(graph, &args.output, bar).keeping(checkpoint, trainer.epoch(), &origin);
    let fitted = pollster::block_on(fit_watched(&mut trainer, &options, best, &mut teller))?;
    let (trained, aside_secs) = (teller.trained, teller.aside.as_secs_f64());
    let train_secs = (started.elapsed().as_secs_f64() - aside_secs).max(1e-9);
    let reached = trainer.epoch();
    // What is left needs no backend; its rows are as many again as the model's.
    drop(trainer);
    let not_kept = teller.end();
    let per_sec = trained as f64 / train_secs;
    // One positive is scored with itself and its negatives.
    let gel = per_sec * f64::from(1 + settings.negatives) * f64::from(settings.dim) / 1e9;
    let memory = write::peak_memory_mib();
    say(format!(
        "trained   {trained} triples in {train_secs:.1} s on {device}: {per_sec:.0} triples/s, {gel:.2} Gel/s, {} MiB at most",
        memory.map_or("unknown".into(), |mib| mib.to_string()),
    ));
    ending(&fitted, reached, epochs).into_iter().for_each(say);

    let started = Instant::now();
    let split = if test == 0 { Split::Valid } else { Split::Test };
    // Who interrupts does not want to wait for hundreds of thousands of queries.
    let questions = if interrupt::is_asked() { Vec::new() } else { report::questions(graph, split) };
    let lines = report::answers(graph, &fitted.model, &questions);
    let evaluation_secs = started.elapsed().as_secs_f64();
    for line in &lines {
        say(format!("{}\n          {}", line.words(), line.protocol()));
    }
    if let Some(out) = &args.out {
        let trained =
            Trained { settings, epochs: fitted.step / per_epoch, origin: origin.clone(), model: &fitted.model };
        write::pack(&source, out, trained)?;
        say(format!("written   {}", out.display()));
    }
    if let Some(path) = &args.save {
        write::checkpoint(path, &spec, &fitted, &origin)?;
        say(format!("written   {}", path.display()));
    }
    args.output.write(&json!({
        "program": concat!("lladr ", env!("CARGO_PKG_VERSION")),
        "graph": { "entities": entities, "relations": relations, "triples": counts },
        "settings": settings,
        "options": options,
        "resumed_at": step,
        "end": fitted.end,
        "step": fitted.step,
        "validation_mrr": fitted.validation,
        "device": device,
        "threads": std::thread::available_parallelism().map_or(1, usize::from),
        "seconds": { "reading": read_secs, "training": train_secs, "validation": aside_secs, "evaluation": evaluation_secs },
        "triples_per_sec": per_sec,
        "peak_memory_mib": memory,
        "evaluations": lines.iter().map(|line| line.json(graph)).collect::<Vec<_>>(),
    }))?;
    not_kept.context("the last checkpoint")?;
    if fitted.end == End::Cancelled {
        let go_on = args.checkpoint.as_ref().map(|file| format!("; --resume {} goes on", file.display()));
        return Err(Incomplete(format!("ended at epoch {reached:.2} of {epochs}{}", go_on.unwrap_or_default())).into());
    }
    Ok(())
}

/// Why a run ended, where that is not at its last epoch.
fn ending(fitted: &Fitted, reached: f32, epochs: u32) -> Option<String> {
    match fitted.end {
        End::Diverged { step } => Some(format!(
            "stopped   training left the finite numbers at step {step}; the model is that of step {}. Try a smaller learning rate.",
            fitted.step
        )),
        End::EarlyStopped => Some(format!("stopped   early, the best model is that of step {}", fitted.step)),
        End::Cancelled => Some(format!("stopped   at epoch {reached:.2} of {epochs}, as asked for")),
        End::Finished => None,
    }
}
