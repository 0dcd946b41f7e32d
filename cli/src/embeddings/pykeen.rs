//! What `pykeen_to_lladr.py` (written by `lladr export pykeen`) makes of PyKEEN's result: rows, names, `model.json`.
//!
//! PyKEEN saves its model as a Python pickle, which can run any code: that is left to PyKEEN's own Python. Its TransE
//! scores `−‖h + r − t‖` without a margin, so scores here are PyKEEN's plus gamma and ranks are the same. Complex rows
//! are numpy's complex numbers; RotatE's relations lie on the unit circle and become phases. Its RotatE measures the
//! L2 norm over all dimensions where the authors' and this project's adds up moduli: other scores, other ranks.

use std::path::Path;

use anyhow::{Context, Result, bail};
use lladr_core::model::Interaction;
use serde::Deserialize;

use super::foreign::{Foreign, Rows, model};
use super::{Margin, usual_gamma};

#[derive(Debug, Deserialize)]
struct Card {
    /// PyKEEN's name, in what the script wrote.
    interaction: Option<String>,
    /// This project's name, in what `lladr export pykeen` wrote.
    model: Option<String>,
    norm: Option<f32>,
    #[serde(default)]
    power_norm: bool,
    #[serde(default)]
    program: Option<String>,
    gamma: Option<f32>,
}

/// Reads the folder. `as_start` takes rows of a distance that is not here, too.
pub fn read(folder: &Path, margin: Option<f32>, as_start: bool) -> Result<Foreign> {
    let path = folder.join("model.json");
    let bytes = std::fs::read(&path).with_context(|| {
        let script = "pykeen_to_lladr.py, which `lladr export pykeen` writes, makes it from PyKEEN's result";
        format!("cannot read {}: {script}", path.display())
    })?;
    let card: Card = serde_json::from_slice(&bytes).with_context(|| format!("{} is not readable", path.display()))?;
    let (interaction, is_same) = interaction(&card)?;
    if !is_same && !as_start {
        bail!(
            "PyKEEN's {} with this norm is another distance than {} here: scores and ranks would not be PyKEEN's. \
             --as-start takes the rows all the same, to go on training from",
            card.interaction.unwrap_or_default(),
            interaction.label()
        );
    }
    let gamma =
        Margin(margin).of(interaction, Some(card.gamma.filter(|it| *it > 0.0).unwrap_or(usual_gamma(interaction))))?;
    let table = |name: &str| folder.join(format!("{name}_to_id.tsv.gz"));
    let matrix = |name: &str| folder.join(format!("{name}_embeddings.npy"));
    let rows = |name: &str| Rows::read(&matrix(name), &table(name));
    let program = card.program.as_deref().unwrap_or("PyKEEN's files");
    let mut origin = format!("Rows of {} from {program}.", interaction.label());
    if card.interaction.is_some() && interaction.similarity() != lladr_core::model::Similarity::Dot {
        origin += &format!(" Scores are PyKEEN's plus gamma, {gamma}.");
    }
    if !is_same {
        origin += " They were trained with another distance, so these scores are not PyKEEN's: a start for training.";
    }
    model(interaction, gamma, [rows("entity")?, rows("relation")?], 1.0, origin)
}

/// The scoring function here, and whether it is the same there.
fn interaction(card: &Card) -> Result<(Interaction, bool)> {
    if let Some(own) = card.model.as_deref().and_then(Interaction::from_name) {
        return Ok((own, true));
    }
    let name = card.interaction.as_deref().context("model.json does not say which interaction the rows are for")?;
    Ok(match (name, card.norm) {
        ("TransE", Some(1.0)) => (Interaction::TransEL1, true),
        ("TransE", Some(2.0)) => (Interaction::TransEL2, !card.power_norm),
        ("TransE", norm) => bail!("PyKEEN's TransE with the norm {norm:?}; 1 and 2 are known here"),
        ("DistMult", _) => (Interaction::DistMult, true),
        ("ComplEx", _) => (Interaction::ComplEx, true),
        ("RotatE", norm) => (Interaction::RotatE, norm == Some(1.0)),
        _ => bail!("PyKEEN's {name} is not among the scoring functions here: TransE, DistMult, ComplEx, RotatE"),
    })
}
