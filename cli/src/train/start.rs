//! Where a run starts: from random rows, from a pack's own model, from another run's rows, or where a checkpoint stands.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use lladr_core::backend::{Parameters, RunData, RunSpec};
use lladr_core::graph::KnowledgeGraph;
use lladr_core::pack::ModelCard;
use lladr_core::settings::{Schedule, Settings};
use lladr_core::train::{Best, Checkpoint, Modality, run_data, run_spec};

use super::Args;
use crate::source::{self, Source};

/// A run before its first step.
pub struct Start {
    /// Settings and sizes.
    pub spec: RunSpec,
    /// Triples, weights, text.
    pub data: Arc<RunData>,
    /// Rows and optimiser state.
    pub parameters: Parameters,
    /// Steps done already.
    pub step: u32,
    /// The best model of the steps done.
    pub best: Option<Best>,
    /// The epoch to train to.
    pub epochs: u32,
    /// Where the first rows came from, in a sentence; empty for random ones.
    pub origin: String,
}

/// What to train on.
pub fn read(args: &Args) -> Result<Source> {
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

impl Start {
    /// As the options say.
    pub fn new(args: &Args, source: &mut Source) -> Result<Self> {
        let (graph, own) = (&source.graph, source.model.take());
        let resumed = args.resume.as_ref().map(|path| checkpoint(path)).transpose()?;
        let settings = match (&resumed, args.from_model) {
            (Some(resumed), _) => resumed_settings(resumed.spec.settings, args.options.epochs),
            (None, true) => {
                let none = "--from-model needs a pack with a model: `lladr train --out` or `lladr import-embeddings` gives one";
                args.options.settings_of(own.as_ref().context(none)?)?
            }
            (None, false) => args.options.settings(),
        };
        settings.check()?;
        let spec = run_spec(graph, &settings);
        let vectors = source
            .text
            .as_ref()
            .and_then(|text| Some(Modality { rows: text.of(settings.text.template)?, width: text.dims }));
        let data = run_data(graph, &spec, vectors, None)?;
        let epochs = args.options.epochs.unwrap_or(settings.recipe.epochs);
        let fresh =
            |parameters, origin| Start { spec, data: data.clone(), parameters, step: 0, best: None, epochs, origin };
        match (resumed, &args.initial, own.filter(|_| args.from_model)) {
            (Some(resumed), _, _) => go_on(resumed, fresh, graph, args.validate_every),
            (None, Some(path), _) => {
                let own = checkpoint(path)?;
                let rows = (spec.shape.entities + spec.shape.relations) as usize * spec.dim();
                let sizes = |spec: &RunSpec| (spec.shape.entities, spec.shape.relations, spec.dim());
                if sizes(&own.spec) != sizes(&spec) {
                    bail!("{}: its rows do not fit this graph and dimension", path.display());
                }
                let mut start = own.parameters.rows;
                start.truncate(rows);
                Ok(fresh(Parameters::from_rows(&spec, &data, start), own.origin))
            }
            (None, None, Some(model)) => {
                let card = source.manifest.as_ref().and_then(|manifest| manifest.model.as_ref());
                let origin = card.map_or(String::new(), trained_on);
                Ok(fresh(Parameters::from_rows(&spec, &data, model.into_rows()), origin))
            }
            (None, None, None) => Ok(fresh(Parameters::initial(&spec, &data), String::new())),
        }
    }
}

/// What must be known of a model that goes on from another: where that one is from stays true of it.
fn trained_on(card: &ModelCard) -> String {
    match card.origin.as_str() {
        "" => format!("Trained on from a model of {} epochs.", card.epochs),
        of_that => format!("Trained on from another model. Of that one: {of_that}"),
    }
}

/// The settings to go on with. A schedule stays as it was laid out; without one the number of epochs is free.
fn resumed_settings(mut settings: Settings, epochs: Option<u32>) -> Settings {
    if let (Schedule::Constant, Some(epochs)) = (settings.recipe.schedule, epochs) {
        settings.recipe.epochs = epochs;
    }
    settings
}

fn go_on(
    resumed: Checkpoint,
    fresh: impl FnOnce(Parameters, String) -> Start,
    graph: &KnowledgeGraph,
    validate_every: u32,
) -> Result<Start> {
    let Checkpoint { spec, step, parameters, best, origin } = resumed;
    // Without validations there is no best model but the last.
    let start = Start { step, best: best.filter(|_| validate_every > 0), ..fresh(parameters, origin) };
    if spec.shape != start.spec.shape {
        bail!(
            "the checkpoint belongs to a run on another graph: {} entities, {} relations and {} training triples; this one \
             has {}, {} and {}",
            spec.shape.entities,
            spec.shape.relations,
            spec.shape.triples,
            graph.entity_count(),
            graph.relation_count(),
            start.spec.shape.triples
        );
    }
    Ok(start)
}

fn checkpoint(path: &Path) -> Result<Checkpoint> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Checkpoint::parse(&bytes).with_context(|| format!("reading {}", path.display()))
}
