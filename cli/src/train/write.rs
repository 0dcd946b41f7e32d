//! What a run leaves: the pack with its model, a checkpoint of the model that is kept, settings and metrics as JSON.

use std::path::Path;

use anyhow::{Result, anyhow};
use lladr_core::backend::RunSpec;
use lladr_core::model::{Arithmetic, Model};
use lladr_core::pack::{Contents, ModelCard};
use lladr_core::settings::Settings;
use lladr_core::train::{Fitted, State};

use crate::measure::measure;
use crate::source::Source;
use crate::{files, folder};

/// A model, and how it was made.
pub struct Trained<'a> {
    /// Settings of the run.
    pub settings: Settings,
    /// Whole epochs behind it.
    pub epochs: u32,
    /// Where its first rows came from.
    pub origin: String,
    /// Its rows.
    pub model: &'a Model,
}

/// The pack with this model in place of its own; a map of another model goes, and so do rankings.
pub fn pack(source: &Source, out: &Path, trained: Trained<'_>) -> Result<()> {
    let manifest = source.manifest.clone();
    let mut manifest = manifest.ok_or_else(|| anyhow!("only a pack can be written as one"))?;
    let Trained { settings, epochs, origin, model } = trained;
    let metrics = measure(&source.graph, model, epochs, Arithmetic::Fast);
    manifest.model = Some(ModelCard { settings, epochs, metrics, origin });
    manifest.layout = None;
    let (graph, text) = (&source.graph, source.text.as_ref());
    let contents = Contents { graph, model: Some(model), notes: &source.notes, layout: None, text, rankings: &[] };
    folder::write(out, manifest, &contents)
}

/// The model that is kept, to go on from or to evaluate.
pub fn checkpoint(path: &Path, spec: &RunSpec, fitted: &Fitted, origin: &str) -> Result<()> {
    let state = State { spec, step: fitted.step, parameters: &fitted.parameters, best: None, origin };
    files::write_whole(path, &state.to_bytes()?)
}

/// Peak memory of this process, where the system tells it.
pub fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? >> 10)
}
