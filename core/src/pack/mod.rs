//! Packs: a folder of standard files that the page loads, and the same folder from a graph and a model.
//!
//! `pack.json` says what the pack is and lists every file with size and SHA-256; triples and rows are
//! safetensors, names are TSV. Input is hostile until checked: sizes, hashes, shapes, row numbers and
//! finite values, each with an error that names the file. The core sees bytes; who fetches or writes
//! them is the caller's business.

mod manifest;
mod notes;
mod stored;
mod tables;
mod tensors;

pub use manifest::{
    FileEntry, LayoutCard, LayoutQuality, LeakLine, MANIFEST_FILE, MOST_UNPACKED_BYTES, Manifest, MetricLine,
    ModelCard, RoleNames, Source, SplitCard, TemplateCard, TextCard, VERSION,
};
pub use notes::{Case, Caution, CautionKind, Description, Evidence, Grade, Notes};
pub use stored::sha256_hex;

use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Roles, Split, SplitTriples};
use crate::ids::EntityId;
use crate::model::Model;
use crate::settings::Template;

const ENTITIES: &str = "entities.tsv.gz";
const RELATIONS: &str = "relations.tsv.gz";
const GRAPH: &str = "graph.safetensors.gz";
const MODEL: &str = "model.safetensors.gz";
/// Optional: positions of the map, `positions [entities, 2]`.
const LAYOUT: &str = "layout.safetensors.gz";
/// Optional: text vectors, one tensor per template, `[entities, dims]`.
const TEXT: &str = "text.safetensors.gz";
/// Optional: the default disease's ranking, computed beforehand. A page can show it while the rest,
/// and the code that reads it, is still on its way.
pub const FIRST_RANKING: &str = "first-ranking.json";

/// A file by name, as stored.
pub type NamedBytes = (String, Vec<u8>);

/// A pack in memory.
#[derive(Debug, Clone)]
pub struct Pack {
    /// What it says about itself.
    pub manifest: Manifest,
    /// First 12 hex digits of the SHA-256 of `pack.json`, which fixes all files.
    pub hash: String,
    /// The graph.
    pub graph: KnowledgeGraph,
    /// The trained model, if one is shipped.
    pub model: Option<Model>,
    /// Evidence, cautions, cases, descriptions.
    pub notes: Notes,
    /// Positions of the map, x and y per entity.
    pub layout: Option<Vec<f32>>,
    /// Text vectors.
    pub text: Option<TextVectors>,
    /// The disease to show first.
    pub default_disease: Option<EntityId>,
}

/// Text vectors by template.
#[derive(Debug, Clone, PartialEq)]
pub struct TextVectors {
    /// Length of a vector.
    pub dims: usize,
    /// Name of each template, and its vectors, `[entities, dims]`.
    pub templates: Vec<(String, Vec<f32>)>,
}

impl TextVectors {
    /// The vectors of a template, `[entities, dims]`; `None` where the pack does not bring them.
    pub fn of(&self, template: Template) -> Option<&[f32]> {
        let named = self.templates.iter().find(|(name, _)| name == template.name());
        named.map(|(_, rows)| rows.as_slice())
    }

    /// Reads the vectors of these templates, one per entity and all of one length, from safetensors.
    ///
    /// # Errors
    /// [`Error::Pack`] naming `file`, for a missing tensor, another shape or a number that is not finite.
    pub fn parse<'a>(
        file: &str,
        bytes: &[u8],
        templates: impl IntoIterator<Item = &'a str>,
        entities: usize,
    ) -> Result<Self> {
        let tensors = tensors::Tensors::parse(file, bytes)?;
        let mut text = TextVectors { dims: 0, templates: Vec::new() };
        for name in templates {
            let (rows, width, vectors) = tensors.rows(name)?;
            text.dims = if text.templates.is_empty() { width } else { text.dims };
            expect_rows(file, entities, (rows, width, text.dims), &vectors)?;
            text.templates.push((name.to_owned(), vectors));
        }
        Ok(text)
    }
}

/// Reads a pack from its files as stored, `pack.json` among them.
///
/// # Errors
/// [`Error::Pack`] naming the first file that is missing, altered or makes no sense.
pub fn read(files: &[NamedBytes]) -> Result<Pack> {
    let stored = |name: &str| files.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.as_slice());
    let manifest_bytes = stored(MANIFEST_FILE).ok_or_else(|| Error::pack(MANIFEST_FILE, "it is missing"))?;
    let manifest = Manifest::parse(manifest_bytes)?;
    let unpacked = |name: &str| -> Result<Vec<u8>> {
        let entry = manifest.files.iter().find(|entry| entry.name == name);
        match (entry, stored(name)) {
            (Some(entry), Some(bytes)) => stored::unpack(entry, bytes),
            (None, _) => Err(Error::pack(MANIFEST_FILE, format!("it does not list {name}"))),
            (_, None) => Err(Error::pack(name, "it is missing")),
        }
    };

    let optional = |name: &str| match manifest.files.iter().any(|entry| entry.name == name) {
        true => unpacked(name).map(Some),
        false => Ok(None),
    };

    optional(FIRST_RANKING)?;
    let (entities, relations) = (unpacked(ENTITIES)?, unpacked(RELATIONS)?);
    let vocabulary = tables::read_vocabulary((ENTITIES, &entities), (RELATIONS, &relations))?;
    let graph_bytes = unpacked(GRAPH)?;
    let tensors = tensors::Tensors::parse(GRAPH, &graph_bytes)?;
    let [train, valid, test] = Split::ALL.map(|split| tensors.triples(split.name()));
    let splits = SplitTriples { train: train?, valid: valid?, test: test? };

    let (roles, default_disease) = match &manifest.roles {
        None => (None, None),
        Some(names) => {
            let kind = |name: &str| {
                let missing = || Error::pack(MANIFEST_FILE, format!("no entity is of the type {name:?}"));
                vocabulary.type_row(name).ok_or_else(missing)
            };
            let relation = |id: &String| {
                let missing = || Error::pack(MANIFEST_FILE, format!("the treatment relation {id:?} does not exist"));
                vocabulary.relation_row(id).ok_or_else(missing)
            };
            let treatments = names.treatments.iter().map(relation).collect::<Result<Vec<_>>>()?;
            let wrong = |what: &str| Err(Error::pack(MANIFEST_FILE, what));
            if treatments.is_empty() {
                return wrong("it names roles but no treatment relation");
            }
            let roles = Roles { drug: kind(&names.drug_type)?, disease: kind(&names.disease_type)?, treatments };
            if roles.drug == roles.disease {
                return wrong("drugs and diseases are of one type");
            }
            let default_disease = vocabulary.entity_row(&names.default_disease);
            let kind = default_disease.and_then(|row| vocabulary.entity(row)).map(|entity| entity.kind);
            if kind != Some(roles.disease) {
                return wrong("the disease to show first is no disease of the pack");
            }
            (Some(roles), default_disease)
        }
    };
    let counts = [&splits.train, &splits.valid, &splits.test].map(|triples| triples.len() as u32);
    let graph = KnowledgeGraph::new(vocabulary, splits, roles)?;
    if counts != manifest.split.triples {
        let what = format!("{counts:?} triples are there, {:?} were promised", manifest.split.triples);
        return Err(Error::pack(GRAPH, what));
    }

    let model = match &manifest.model {
        None => None,
        Some(card) => {
            let bytes = unpacked(MODEL)?;
            let tensors = tensors::Tensors::parse(MODEL, &bytes)?;
            let (entity_rows, dim, mut rows) = tensors.rows("entity")?;
            let (relation_rows, relation_dim, more) = tensors.rows("relation")?;
            let expected =
                (graph.entity_count(), graph.relation_count(), card.settings.dim as usize, card.settings.dim as usize);
            if (entity_rows, relation_rows, dim, relation_dim) != expected {
                let what = format!(
                    "{entity_rows} entities × {dim} and {relation_rows} relations × {relation_dim} do not fit the graph's {} and {} at dimension {}",
                    expected.0, expected.1, expected.2
                );
                return Err(Error::pack(MODEL, what));
            }
            rows.extend(more);
            let settings = &card.settings;
            Some(Model::new(settings.interaction, settings.gamma, entity_rows, relation_rows, dim, rows)?)
        }
    };
    let notes = Notes::read(&graph.vocabulary, optional)?;
    let layout = match optional(LAYOUT)? {
        None => None,
        Some(bytes) => {
            let (rows, width, positions) = tensors::Tensors::parse(LAYOUT, &bytes)?.rows("positions")?;
            expect_rows(LAYOUT, graph.entity_count(), (rows, width, 2), &positions)?;
            Some(positions)
        }
    };
    let text = match (&manifest.texts, optional(TEXT)?) {
        (Some(card), Some(bytes)) => {
            let names = card.templates.iter().map(|template| template.name.as_str());
            Some(TextVectors::parse(TEXT, &bytes, names, graph.entity_count())?)
        }
        _ => None,
    };
    let hash = sha256_hex(manifest_bytes).chars().take(12).collect();
    Ok(Pack { manifest, hash, graph, model, notes, layout, text, default_disease })
}

/// One row of finite numbers per entity, each of the expected length.
fn expect_rows(
    file: &str,
    entities: usize,
    (rows, width, expected): (usize, usize, usize),
    numbers: &[f32],
) -> Result<()> {
    if rows != entities || width != expected {
        let what = format!("{rows} rows of {width} numbers; {entities} of {expected} were expected");
        return Err(Error::pack(file, what));
    }
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(Error::pack(file, format!("row {} holds a number that is not finite", at / width.max(1)))),
        None => Ok(()),
    }
}

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
    /// [`FIRST_RANKING`], as JSON.
    pub first_ranking: Option<&'a [u8]>,
}

/// Writes a pack: its files as stored, `pack.json` first. `files` and counts of the manifest are filled in.
///
/// # Errors
/// [`Error::Pack`] when something cannot be written.
pub fn write(mut manifest: Manifest, contents: &Contents<'_>) -> Result<Vec<NamedBytes>> {
    use tensors::{Tensor, TensorData, write_tensors};
    let &Contents { graph, model, notes, layout, text, first_ranking } = contents;
    let (entities, relations) = tables::write_vocabulary(&graph.vocabulary);
    let splits = Split::ALL.map(|split| Tensor { name: split.name(), data: TensorData::Triples(graph.triples(split)) });
    let mut named: Vec<(&str, Vec<u8>)> =
        first_ranking.map(|bytes| (FIRST_RANKING, bytes.to_vec())).into_iter().collect();
    named.extend([(ENTITIES, entities), (RELATIONS, relations), (GRAPH, write_tensors(GRAPH, &splits)?)]);
    if let Some(model) = model {
        let (entity_rows, relation_rows) = model.rows().split_at(graph.entity_count() * model.dim());
        let rows = [("entity", entity_rows), ("relation", relation_rows)]
            .map(|(name, rows)| Tensor { name, data: TensorData::Rows { rows, dim: model.dim() } });
        named.push((MODEL, write_tensors(MODEL, &rows)?));
    }
    if let Some(positions) = layout {
        let positions = Tensor { name: "positions", data: TensorData::Rows { rows: positions, dim: 2 } };
        named.push((LAYOUT, write_tensors(LAYOUT, &[positions])?));
    }
    named.extend(notes.write(&graph.vocabulary));
    if let Some(TextVectors { dims, templates }) = text {
        let tensors: Vec<_> =
            templates.iter().map(|(name, rows)| Tensor { name, data: TensorData::Rows { rows, dim: *dims } }).collect();
        named.push((TEXT, write_tensors(TEXT, &tensors)?));
    }
    manifest.split.triples = Split::ALL.map(|split| graph.triples(split).len() as u32);
    manifest.files.clear();
    let mut files = Vec::new();
    for (name, bytes) in named {
        let (entry, stored) = stored::store(name, &bytes)?;
        manifest.files.push(entry);
        files.push((name.to_owned(), stored));
    }
    let mut text =
        serde_json::to_vec_pretty(&manifest).map_err(|error| Error::pack(MANIFEST_FILE, error.to_string()))?;
    text.push(b'\n');
    files.insert(0, (MANIFEST_FILE.to_owned(), text));
    Ok(files)
}
