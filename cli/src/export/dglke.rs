//! For DGL-KE: files as its training writes them and its `dglke_predict` reads them, and triples to train on.

use anyhow::Result;
use lladr_core::model::{Interaction, Model};
use lladr_core::pack::Pack;
use serde_json::json;

use super::place::{Place, ids};
use super::{model_of, tables, text};
use crate::embeddings::{dglke_model_name, dglke_phase_unit};

/// Name of the data set in the files' names.
const DATASET: &str = "lladr";

/// Writes the folder.
pub fn write(pack: &Pack, place: &mut Place) -> Result<Vec<String>> {
    let (graph, model) = (&pack.graph, model_of(pack)?);
    place.splits(graph, ".tsv", |triple| ids(graph, triple).join("\t"))?;
    let vocabulary = &graph.vocabulary;
    let numbered = |(row, id): (usize, &String)| format!("{row}\t{id}");
    place.lines("entities.tsv", vocabulary.entities().iter().map(|it| &it.id).enumerate().map(numbered))?;
    place.lines("relations.tsv", vocabulary.relations().iter().map(|it| &it.id).enumerate().map(numbered))?;
    let name = dglke_model_name(model.interaction);
    let (entities, _) = tables(model);
    place.rows(&format!("{DATASET}_{name}_entity.npy"), entities, model.dim())?;
    let (relations, width) = relation_rows(model);
    place.rows(&format!("{DATASET}_{name}_relation.npy"), &relations, width)?;
    text(pack, place)?;

    let is_complex = model.interaction.is_complex();
    let config = json!({
        "dataset": DATASET,
        "model": name,
        "model_name": name,
        "emb_size": if is_complex { model.dim() / 2 } else { model.dim() },
        "hidden_dim": if is_complex { model.dim() / 2 } else { model.dim() },
        "gamma": model.gamma,
        "double_ent": is_complex,
        "double_rel": model.interaction == Interaction::ComplEx,
        "emap_file": "entities.tsv",
        "rmap_file": "relations.tsv",
    });
    place.write("config.json", (serde_json::to_string_pretty(&config)? + "\n").as_bytes())?;
    Ok(vec![
        "dglke_predict --model_path . --raw_data --entity_mfile entities.tsv --rel_mfile relations.tsv …, there".into(),
        format!(
            "dglke_train --dataset {DATASET} --format raw_udd_hrt --data_path . --data_files train.tsv …, to train anew"
        ),
    ])
}

/// Rows of relations as DGL-KE has them: RotatE's phases alone, in its unit.
fn relation_rows(model: &Model) -> (Vec<f32>, usize) {
    let (_, relations) = tables(model);
    match model.interaction {
        Interaction::RotatE => {
            let phases = model.dim() / 2;
            let unit = dglke_phase_unit(model.gamma, phases);
            let rows = relations.chunks_exact(model.dim()).flat_map(|row| &row[..phases]).map(|phase| phase / unit);
            (rows.collect(), phases)
        }
        _ => (relations.to_vec(), model.dim()),
    }
}
