//! A pack to its files.

use super::stored::{self, Compression};
use super::tensors::{Precision, Rows, Tensor, TensorData, write_tensors};
use super::{
    GRAPH, LAYOUT, MANIFEST_FILE, MODEL, MOST_FILE_BYTES, Manifest, NamedBytes, Notes, TEXT, TextVectors, shard_name,
    tables,
};
use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Split};
use crate::model::Model;

/// Room for the header and the relations' rows of a shard.
const SHARD_HEADER_BYTES: u64 = 64 << 10;

/// What goes into a pack beside its manifest.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The graph.
    pub graph: &'a KnowledgeGraph,
    /// The trained model, if one is shipped.
    pub model: Option<&'a Model>,
    /// Evidence, cautions, cases, descriptions.
    pub notes: &'a Notes,
    /// Positions of the map, x and y per entity.
    pub layout: Option<&'a [f32]>,
    /// Text vectors.
    pub text: Option<&'a TextVectors>,
    /// Rankings as JSON, each under its [`ranking_name`](super::ranking_name).
    pub rankings: &'a [NamedBytes],
}

/// How a pack is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// Numbers of the model's rows.
    pub rows: Precision,
    /// How hard to compress.
    pub compression: Compression,
}

impl Storage {
    /// As the page loads it: half precision, small.
    pub const PAGE: Storage = Storage { rows: Precision::F16, compression: Compression::Best };
    /// As commands hand it on: exact, quickly written.
    pub const WORK: Storage = Storage { rows: Precision::F32, compression: Compression::Fast };
}

/// Writes a pack: its files as stored, `pack.json` first. `files` and counts of the manifest are filled in.
///
/// # Errors
/// [`Error::Pack`] when something cannot be written.
pub fn write(manifest: Manifest, contents: &Contents<'_>, storage: Storage) -> Result<Vec<NamedBytes>> {
    write_within(manifest, contents, storage, MOST_FILE_BYTES)
}

/// The same with files of the model of at most so many bytes.
fn write_within(
    mut manifest: Manifest,
    contents: &Contents<'_>,
    storage: Storage,
    most_bytes: u64,
) -> Result<Vec<NamedBytes>> {
    let &Contents { graph, model, notes, layout, text, rankings } = contents;
    manifest.split.triples = Split::ALL.map(|split| graph.triples(split).len() as u32);
    manifest.files.clear();
    let mut files = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| -> Result<()> {
        let (entry, stored) = stored::store(name, bytes, storage.compression)?;
        files.push((entry.name.clone(), stored));
        manifest.files.push(entry);
        Ok(())
    };
    for (name, bytes) in rankings {
        add(name, bytes.clone())?;
    }
    let (entities, relations) = tables::write_vocabulary(&graph.vocabulary);
    add(super::ENTITIES, entities)?;
    add(super::RELATIONS, relations)?;
    let splits = Split::ALL.map(|split| Tensor { name: split.name(), data: TensorData::Triples(graph.triples(split)) });
    add(GRAPH, write_tensors(GRAPH, &splits)?)?;
    if let Some(model) = model {
        write_model(model, storage.rows, most_bytes, &mut add)?;
    }
    let halves = |rows, dim| TensorData::Rows(Rows { rows, dim, precision: Precision::F16 });
    if let Some(positions) = layout {
        let positions = Tensor { name: "positions", data: halves(positions, 2) };
        add(LAYOUT, write_tensors(LAYOUT, &[positions])?)?;
    }
    for (name, bytes) in notes.write(&graph.vocabulary) {
        add(name, bytes)?;
    }
    if let Some(TextVectors { dims, templates }) = text {
        let tensors: Vec<_> = templates.iter().map(|(name, rows)| Tensor { name, data: halves(rows, *dims) }).collect();
        add(TEXT, write_tensors(TEXT, &tensors)?)?;
    }
    let mut text =
        serde_json::to_vec_pretty(&manifest).map_err(|error| Error::pack(MANIFEST_FILE, error.to_string()))?;
    text.push(b'\n');
    files.insert(0, (MANIFEST_FILE.to_owned(), text));
    Ok(files)
}

/// One file, or shards of whole rows with the relations in the first.
fn write_model(
    model: &Model,
    precision: Precision,
    most_bytes: u64,
    add: &mut impl FnMut(&str, Vec<u8>) -> Result<()>,
) -> Result<()> {
    let dim = model.dim();
    let (entities, relations) = model.rows().split_at(model.entity_count() * dim);
    let data = |rows| TensorData::Rows(Rows { rows, dim, precision });
    let relation_bytes = (relations.len() / dim * precision.row_bytes(dim)) as u64;
    let room = most_bytes.saturating_sub(SHARD_HEADER_BYTES + relation_bytes);
    let rows_per_shard = (room / precision.row_bytes(dim) as u64).max(1) as usize;
    let shards = model.entity_count().div_ceil(rows_per_shard).max(1);
    for (at, rows) in entities.chunks((rows_per_shard * dim).max(1)).enumerate() {
        let name = if shards == 1 { MODEL.to_owned() } else { shard_name(at, shards) };
        let mut tensors = vec![Tensor { name: "entity", data: data(rows) }];
        if at == 0 {
            tensors.push(Tensor { name: "relation", data: data(relations) });
        }
        add(&name, write_tensors(&name, &tensors)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{SplitTriples, Triple, Vocabulary};
    use crate::model::initial_rows;
    use crate::pack::{MOST_IN_BROWSER, read};
    use crate::settings::Settings;

    #[test]
    fn a_model_in_shards_comes_back_in_every_precision() -> Result<()> {
        let (entities, dim) = (11, 6);
        let mut vocabulary = Vocabulary::default();
        let rows: Vec<_> = (0..entities).map(|at| vocabulary.entity_or_add(&format!("Thing::{at}"))).collect();
        let relations = ["r", "s"].map(|name| vocabulary.relation_or_add(name));
        let train = (1..entities).map(|at| Triple::new(rows[at - 1], relations[at % 2], rows[at])).collect();
        let graph = KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, None)?;
        let settings = Settings { dim: dim as u32, ..Settings::default() };
        let numbers = initial_rows(settings.interaction, [entities, 2], dim, settings.gamma, 1);
        let model = Model::new(settings.interaction, settings.gamma, entities, 2, dim, numbers)?;
        let notes = Notes::default();
        let contents =
            Contents { graph: &graph, model: Some(&model), notes: &notes, layout: None, text: None, rankings: &[] };
        let manifest: Manifest = serde_json::from_value(serde_json::json!({
            "format": "lladr-pack", "version": 1, "title": "", "description": "", "licence": "", "sources": [],
            "made_by": "", "split": {"rule": "", "seed": 0, "triples": [0, 0, 0]}, "files": [],
            "model": {"settings": settings, "epochs": 0, "metrics": []},
        }))
        .map_err(|error| Error::pack(MANIFEST_FILE, error.to_string()))?;
        for precision in Precision::ALL {
            for per_shard in [1, 2, 4, 10, 11, 100] {
                let storage = Storage { rows: precision, ..Storage::WORK };
                let most = SHARD_HEADER_BYTES + ((2 + per_shard) * precision.row_bytes(dim)) as u64;
                let files = write_within(manifest.clone(), &contents, storage, most)?;
                let shards = files.iter().filter(|(name, _)| name.starts_with("model")).count();
                assert_eq!(shards, entities.div_ceil(per_shard), "{} by {per_shard}", precision.name());
                let back = read(&files, MOST_IN_BROWSER)?.model;
                let expected = precision.rounded(model.rows(), dim);
                assert_eq!(back.map(|model| model.rows().to_vec()), Some(expected), "{}", precision.name());
            }
        }
        Ok(())
    }
}
