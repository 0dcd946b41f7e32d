//! `lladr train`: trains on a benchmark folder, a file of triples or a pack, evaluates, and says what it took.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use lladr_core::backend::{AnyBackend, Parameters, cpu::CpuBackend, gpu::GpuBackend, gpu::GpuContext};
use lladr_core::graph::Split;
use lladr_core::model::{Arithmetic, Model};
use lladr_core::pack::ModelCard;
use lladr_core::settings::Settings;
use lladr_core::train::{Checkpoint, End, FitEvent, FitOptions, Modality, Trainer, fit, run_data, run_spec};
use serde_json::json;

use crate::measure::measure;
use crate::options::Options;
use crate::source::{self, Source};
use crate::{files, folder, report};

/// Options of the command.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("from").required(true))]
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
    /// Start from the rows of this checkpoint, such as a structure-only run's.
    #[arg(long, value_name = "FILE")]
    initial: Option<PathBuf>,
    /// Go on with the run of this checkpoint, exactly.
    #[arg(long, value_name = "FILE", conflicts_with = "initial")]
    resume: Option<PathBuf>,
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
    /// Write settings, metrics with their protocols, time and memory as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Train on the GPU instead of the CPU.
    #[arg(long)]
    gpu: bool,
}

/// Runs the command.
#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
pub fn run(args: &Args) -> Result<()> {
    // What can be refused is refused before anything long.
    if args.resume.is_none() {
        args.options.settings().check()?;
    }
    if args.options.epochs == 0 {
        bail!("--epochs must be at least 1");
    }
    if let Some(out) = &args.out {
        folder::check_place(out)?;
    }
    let started = Instant::now();
    let Source { graph, text, report } = read(args)?;
    let counts = Split::ALL.map(|split| graph.triples(split).len());
    let read_secs = started.elapsed().as_secs_f64();
    println!(
        "read      {} + {} + {} triples, {} entities, {} relations in {read_secs:.1} s ({report})",
        counts[0],
        counts[1],
        counts[2],
        graph.entity_count(),
        graph.relation_count(),
    );

    let resumed = args.resume.as_ref().map(|path| checkpoint(path)).transpose()?;
    let settings = resumed.as_ref().map_or_else(|| args.options.settings(), |resumed| resumed.spec.settings);
    settings.check()?;
    let spec = run_spec(&graph, &settings);
    let template =
        text.as_ref().and_then(|text| text.of(settings.text.template).map(|rows| Modality { rows, width: text.dims }));
    let data = run_data(&graph, &spec, template, None)?;
    let (parameters, step) = match (&resumed, &args.initial) {
        (Some(resumed), _) if resumed.spec != spec => bail!("the checkpoint belongs to a run on another graph"),
        (Some(resumed), _) => (resumed.parameters.clone(), resumed.step),
        (None, Some(path)) => {
            let own = checkpoint(path)?;
            let rows = (spec.shape.entities + spec.shape.relations) as usize * spec.dim();
            let fits = (own.spec.shape.entities, own.spec.shape.relations, own.spec.dim())
                == (spec.shape.entities, spec.shape.relations, spec.dim());
            if !fits {
                bail!("{}: its rows do not fit this graph and dimension", path.display());
            }
            (Parameters::from_rows(&spec, &data, own.parameters.rows[..rows].to_vec()), 0)
        }
        (None, None) => (Parameters::initial(&spec, &data), 0),
    };
    let (backend, device) = if args.gpu {
        let context = pollster::block_on(GpuContext::request()).context("training on the GPU")?;
        (AnyBackend::Gpu(GpuBackend::new(&context, spec, data.clone(), parameters.clone())?), context.device_name())
    } else {
        (AnyBackend::Cpu(CpuBackend::new(spec, Arithmetic::Fast, data.clone(), parameters.clone())), "CPU".to_owned())
    };
    let mut trainer = Trainer::new(spec, data, backend);
    trainer.resume_at(step);

    let options =
        FitOptions { epochs: args.options.epochs, validate_every: args.validate_every, patience: args.patience };
    let bar = ProgressBar::new(u64::from(spec.shape.triples) * u64::from(options.epochs));
    bar.set_style(ProgressStyle::with_template("{msg} {bar:30} {percent}%  {per_sec} triples  {eta} left")?);
    let (started, mut trained, mut validation_secs) = (Instant::now(), 0u64, 0.0);
    let fitted = pollster::block_on(fit(
        &mut trainer,
        &options,
        |model| {
            let started = Instant::now();
            let mrr = report::validation_mrr(&graph, model);
            validation_secs += started.elapsed().as_secs_f64();
            mrr
        },
        |event| {
            match event {
                FitEvent::Trained { epoch, positives, link, anchor } => {
                    trained += u64::from(positives);
                    bar.inc(u64::from(positives));
                    bar.set_message(format!("epoch {epoch:.1}  link {link:.4}  anchor {anchor:.4}"));
                }
                FitEvent::Validated { epoch, score, is_best } => {
                    let mark = if is_best { ", the best so far" } else { "" };
                    bar.println(format!("epoch {epoch:<4} validation MRR {score:.4}{mark}"));
                }
            }
            ControlFlow::Continue(())
        },
    ))?;
    bar.finish_and_clear();
    let train_secs = (started.elapsed().as_secs_f64() - validation_secs).max(1e-9);
    let per_sec = trained as f64 / train_secs;
    // One positive is scored with itself and its negatives.
    let gel = per_sec * f64::from(1 + settings.negatives) * f64::from(settings.dim) / 1e9;
    let memory = peak_memory_mib();
    println!(
        "trained   {trained} triples in {train_secs:.1} s on {device}: {per_sec:.0} triples/s, {gel:.2} Gel/s, {} MiB at most",
        memory.map_or("unknown".into(), |mib| mib.to_string()),
    );
    match fitted.end {
        End::Diverged { step } => println!(
            "stopped   training left the finite numbers at step {step}; the model is that of step {}. Try a smaller learning rate.",
            fitted.step
        ),
        End::EarlyStopped => println!("stopped   early, the best model is that of step {}", fitted.step),
        End::Finished | End::Cancelled => {}
    }

    let started = Instant::now();
    let split = if graph.triples(Split::Test).is_empty() { Split::Valid } else { Split::Test };
    let lines = report::answers(&graph, &fitted.model, &report::questions(&graph, split));
    let evaluation_secs = started.elapsed().as_secs_f64();
    for line in &lines {
        println!("{}\n          {}", line.words(), line.protocol());
    }
    if let Some(path) = &args.json {
        let whole = json!({
            "program": concat!("lladr ", env!("CARGO_PKG_VERSION")),
            "graph": { "entities": graph.entity_count(), "relations": graph.relation_count(), "triples": counts },
            "settings": settings,
            "options": options,
            "end": fitted.end,
            "step": fitted.step,
            "validation_mrr": fitted.validation,
            "device": device,
            "threads": std::thread::available_parallelism().map_or(1, usize::from),
            "seconds": { "reading": read_secs, "training": train_secs, "validation": validation_secs, "evaluation": evaluation_secs },
            "triples_per_sec": per_sec,
            "peak_memory_mib": memory,
            "evaluations": lines.iter().map(|line| line.json(&graph)).collect::<Vec<_>>(),
        });
        files::write_whole(path, serde_json::to_string_pretty(&whole)?.as_bytes())?;
    }
    if let (Some(from), Some(out)) = (&args.pack, &args.out) {
        let trained = Trained { settings, epochs: fitted.step / trainer.steps_per_epoch().max(1), model: fitted.model };
        write_pack(from, out, trained)?;
        println!("written   {}", out.display());
    }
    if let Some(path) = &args.save {
        let kept = Checkpoint { spec, step: fitted.step, parameters: fitted.parameters };
        files::write_whole(path, &kept.to_bytes()?)?;
    }
    Ok(())
}

/// A model, and how it was made.
struct Trained {
    settings: Settings,
    epochs: u32,
    model: Model,
}

/// The pack with this model in place of its own; a map of another model goes.
fn write_pack(from: &Path, out: &Path, Trained { settings, epochs, model }: Trained) -> Result<()> {
    let mut pack = folder::read(from)?;
    let metrics = measure(&pack.graph, &model, epochs, Arithmetic::Fast);
    pack.manifest.model = Some(ModelCard { settings, epochs, metrics, origin: String::new() });
    (pack.layout, pack.manifest.layout) = (None, None);
    pack.model = Some(model);
    folder::write(out, pack.manifest.clone(), &pack.contents())
}

fn read(args: &Args) -> Result<Source> {
    match (&args.data, &args.triples, &args.pack) {
        (Some(folder), _, _) => source::benchmark(folder),
        (_, Some(file), _) => {
            if !(0.0..0.5).contains(&args.hold_out) {
                bail!("--hold-out must lie between 0 and 0.5, not {}", args.hold_out);
            }
            source::file(file, args.hold_out, args.options.seed)
        }
        (_, _, Some(pack)) => source::pack(pack),
        (None, None, None) => bail!("say what to train on: --data, --triples or --pack"),
    }
}

fn checkpoint(path: &Path) -> Result<Checkpoint> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Checkpoint::parse(&bytes)?)
}

/// Peak memory of this process, where the system tells it.
fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? >> 10)
}
