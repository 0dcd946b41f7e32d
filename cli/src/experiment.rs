//! `lladr experiment`: the core's experiments on a pack, with a table at the end.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use lladr_core::backend::{AnyBackend, Parameters, RunData, RunSpec, cpu::CpuBackend};
use lladr_core::experiment::{Estimate, Experiment, ExperimentEvent, ExperimentRun, Question, Summary};
use lladr_core::model::Arithmetic;
use lladr_core::settings::Template;
use lladr_core::train::Modality;
use serde_json::json;

use crate::options::Options;
use crate::{files, source};

/// Steps between two looks at the progress.
const SLICE: u32 = 32;

/// What is asked.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// No text, blended rows, anchor, both (LLaDR), concatenation.
    AnchorAblation,
    /// 20, 40, 60 % of the training triples deleted; 20, 40 % noise added; with and without text.
    Robustness,
    /// Name, original, good and masked descriptions.
    PromptStyles,
    /// 20, 50, 100 % of the entities with another one's text.
    WrongDescriptions,
    /// One known treatment is taken from training: --drug and --disease say which.
    HiddenEdge,
}

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// What is asked.
    #[arg(value_enum)]
    kind: Kind,
    /// Folder of a pack.
    #[arg(long, value_name = "DIR", default_value = "public/packs/starter")]
    pack: PathBuf,
    /// Runs of each arm; seeds count up from --seed.
    #[arg(long, default_value_t = 5)]
    seeds: u32,
    /// With hidden-edge: identifier of the drug, such as Compound::DB00945.
    #[arg(long, value_name = "ID")]
    drug: Option<String>,
    /// With hidden-edge: identifier of the disease, such as Disease::DOID:9352.
    #[arg(long, value_name = "ID")]
    disease: Option<String>,
    #[command(flatten)]
    options: Options,
    /// Write the whole result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let source = source::pack(&args.pack)?;
    let graph = &source.graph;
    let entity = |id: &Option<String>, option: &str| {
        let id = id.as_ref().with_context(|| format!("hidden-edge needs {option}"))?;
        graph.vocabulary.entity_row(id).with_context(|| {
            format!("the pack has no entity {id:?}; identifiers look like Compound::DB00945 and Disease::DOID:9352")
        })
    };
    let question = match args.kind {
        Kind::AnchorAblation => Question::AnchorAblation,
        Kind::Robustness => Question::Robustness,
        Kind::PromptStyles => Question::PromptStyles,
        Kind::WrongDescriptions => Question::WrongDescriptions,
        Kind::HiddenEdge => {
            Question::HiddenEdge { drug: entity(&args.drug, "--drug")?, disease: entity(&args.disease, "--disease")? }
        }
    };
    let experiment =
        Experiment { question, settings: args.options.settings(), epochs: args.options.epochs(), seeds: args.seeds };
    let text = |template: Template| {
        let text = source.text.as_ref()?;
        Some(Modality { rows: text.of(template)?, width: text.dims })
    };
    let device = |spec: RunSpec, data: Arc<RunData>, parameters: Parameters| {
        Ok(AnyBackend::Cpu(CpuBackend::new(spec, Arithmetic::Fast, data, parameters)))
    };
    let mut run = ExperimentRun::new(experiment, graph, &text)?;
    let bar = ProgressBar::new(1000);
    bar.set_style(ProgressStyle::with_template("{bar:30} {percent}%  {eta} left  {msg}")?);
    let mut runs = Vec::new();
    let mut finished = None;
    while !run.is_done() {
        for event in pollster::block_on(run.advance(graph, &text, &device, SLICE))? {
            match event {
                ExperimentEvent::Progress { arm, share, .. } => {
                    bar.set_position((share * 1000.0) as u64);
                    bar.set_message(arm);
                }
                ExperimentEvent::Measured { arm, seed, metrics } => {
                    runs.push(json!({ "arm": arm, "seed": seed, "metrics": metrics }));
                }
                ExperimentEvent::Finished(summary) => finished = Some(summary),
            }
        }
    }
    bar.finish_and_clear();
    let Some(summary) = finished else { bail!("the experiment ended without a result") };
    print(&summary);
    if let Some(path) = &args.json {
        let whole = json!({ "experiment": experiment, "runs": runs, "summary": summary });
        files::write_whole(path, serde_json::to_string_pretty(&whole)?.as_bytes())?;
    }
    Ok(())
}

/// A table in Markdown: values, and the difference from the first arm.
fn print(summary: &Summary) {
    println!("{}\n", summary.asked);
    println!("| | seeds | {} |", summary.metrics.join(" | "));
    println!("|---|---|{}", "---|".repeat(summary.metrics.len()));
    for row in &summary.rows {
        let cells = row.values.iter().zip(&row.differences).map(|(value, difference)| {
            let value = value.as_ref().map_or("diverged".to_owned(), |value| words(value, ""));
            value + &difference.as_ref().map_or(String::new(), |it| format!(" ({})", words(it, "+")))
        });
        println!("| {} | {} | {} |", row.arm, row.seeds, cells.collect::<Vec<_>>().join(" | "));
    }
    println!("\nMean ± half width of the 95 % interval over seeds; in brackets the difference. {}", summary.compared);
    for protocol in &summary.protocols {
        println!("- {protocol}");
    }
}

fn words(estimate: &Estimate, plus: &str) -> String {
    let sign = if estimate.mean >= 0.0 { plus } else { "" };
    match estimate.half_width {
        Some(half) => format!("{sign}{:.3} ± {half:.3}", estimate.mean),
        None => format!("{sign}{:.3}", estimate.mean),
    }
}
