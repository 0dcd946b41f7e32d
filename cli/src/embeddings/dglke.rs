//! What DGL-KE leaves: `DATASET_MODEL_entity.npy`, `DATASET_MODEL_relation.npy`, `config.json`, and its tables of names.
//!
//! Its TransE, DistMult and ComplEx store rows as this project does, complex ones by halves. RotatE's relations are
//! half as long as its entities, and a number `x` stands for the phase `x π d / (γ + 2)`, with `d` the relations'
//! length (python/dglke/models of github.com/awslabs/dgl-ke).

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lladr_core::model::Interaction;
use serde::Deserialize;

use super::foreign::{Foreign, Rows, model};
use super::{Files, Margin};

/// The part of DGL-KE's `config.json` that says how rows are scored; two of its versions name the model differently.
#[derive(Debug, Default, Deserialize)]
struct Config {
    model_name: Option<String>,
    model: Option<String>,
    gamma: Option<f32>,
    dataset: Option<String>,
}

/// Reads them, from a folder or file by file.
pub fn read(
    folder: Option<&Path>,
    files: &Files,
    config: Option<&Path>,
    name: Option<&str>,
    margin: Margin,
) -> Result<Foreign> {
    let in_folder = |given: &Option<PathBuf>, flag: &str, ends: &[&str]| -> Result<PathBuf> {
        match (given, folder) {
            (Some(path), _) => Ok(path.clone()),
            (None, Some(folder)) => find(folder, flag, ends),
            (None, None) => bail!("say {flag}, or the folder that holds it"),
        }
    };
    let entities = in_folder(&files.entities_npy, "--entities-npy", &["_entity.npy"])?;
    let relations = in_folder(&files.relations_npy, "--relations-npy", &["_relation.npy"])?;
    let entity_table = in_folder(&files.entity_table, "--entity-table", &["entities.tsv", "entities.dict"])?;
    let relation_table = in_folder(&files.relation_table, "--relation-table", &["relations.tsv", "relations.dict"])?;

    let inside = folder.map(|folder| folder.join("config.json")).filter(|path| path.is_file());
    let config = match config.or(inside.as_deref()) {
        None => Config::default(),
        Some(path) => {
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is no configuration of DGL-KE's", path.display()))?
        }
    };
    let by_file = named_by_file(&entities);
    let name = name.or(config.model_name.as_deref()).or(config.model.as_deref()).or(by_file);
    let name = name.context("say --model: neither a config.json nor the files' names tell the scoring function")?;
    let interaction = interaction(name)?;
    let gamma = margin.of(interaction, config.gamma)?;

    let [entities, relations] = [Rows::read(&entities, &entity_table)?, Rows::read(&relations, &relation_table)?];
    let unit = phase_unit(gamma, relations.width);
    let dataset = config.dataset.map_or(String::new(), |dataset| format!(" on {dataset}"));
    model(interaction, gamma, [entities, relations], unit, format!("Rows trained by DGL-KE as {name}{dataset}."))
}

/// Radians of RotatE's unit, where a relation has `phases` numbers.
pub fn phase_unit(gamma: f32, phases: usize) -> f32 {
    std::f32::consts::PI * phases as f32 / (gamma + 2.0)
}

/// DGL-KE's name of a scoring function.
pub fn model_name(interaction: Interaction) -> &'static str {
    match interaction {
        Interaction::TransEL1 => "TransE_l1",
        Interaction::TransEL2 => "TransE_l2",
        Interaction::DistMult => "DistMult",
        Interaction::ComplEx => "ComplEx",
        Interaction::RotatE => "RotatE",
    }
}

fn interaction(name: &str) -> Result<Interaction> {
    let found = Interaction::ALL.into_iter().find(|it| model_name(*it).eq_ignore_ascii_case(name));
    match (found, name) {
        (Some(interaction), _) => Ok(interaction),
        // Its TransE without a norm is the second.
        (None, "TransE") => Ok(Interaction::TransEL2),
        (None, _) => {
            let known = Interaction::ALL.map(model_name).join(", ");
            bail!("DGL-KE's {name} is not among the scoring functions here: {known}")
        }
    }
}

/// `TransE_l2` of `DRKG_TransE_l2_entity.npy`.
fn named_by_file(entities: &Path) -> Option<&'static str> {
    let stem = entities.file_name()?.to_str()?.strip_suffix("_entity.npy")?;
    Interaction::ALL.map(model_name).into_iter().find(|name| stem.ends_with(name))
}

/// The one file of a folder whose name ends so.
fn find(folder: &Path, flag: &str, ends: &[&str]) -> Result<PathBuf> {
    let failed = || format!("cannot read {}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        if ends.iter().any(|end| plain.ends_with(end)) {
            found.push(path);
        }
    }
    found.sort();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => bail!("{} holds no file that ends in {}: say {flag}", folder.display(), ends.join(" or ")),
        count => bail!("{} holds {count} files that end in {}: say {flag}", folder.display(), ends.join(" or ")),
    }
}
