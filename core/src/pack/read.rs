//! A pack from its files.

use super::manifest::{FileEntry, MANIFEST_FILE, ModelCard};
use super::{
    ENTITIES, GRAPH, LAYOUT, MODEL, Manifest, NamedBytes, Notes, Pack, RELATIONS, TEXT, TextVectors, sha256_hex,
    shard_name, stored, tables, tensors,
};
use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Roles, Split, SplitTriples, Vocabulary};
use crate::ids::EntityId;
use crate::model::Model;

/// Most shards of a model: more than a disk full of them.
const MOST_SHARDS: usize = 10_000;

/// The files of a pack as they arrived, beside what the manifest promises.
struct Files<'a> {
    entries: &'a [FileEntry],
    stored: &'a [NamedBytes],
}

impl Files<'_> {
    /// The file's entry, under its name or gzip'd.
    fn entry(&self, name: &str) -> Option<&FileEntry> {
        self.entries.iter().find(|entry| entry.stem() == name)
    }

    /// The file's bytes, unpacked; `None` where the manifest does not list it.
    fn optional(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(entry) = self.entry(name) else { return Ok(None) };
        let arrived = self.stored.iter().find(|(known, _)| *known == entry.name);
        let (_, bytes) = arrived.ok_or_else(|| Error::pack(&entry.name, "it is missing"))?;
        stored::unpack(entry, bytes).map(Some)
    }

    fn required(&self, name: &str) -> Result<Vec<u8>> {
        let missing = || Error::pack(MANIFEST_FILE, format!("it does not list {name}"));
        self.optional(name)?.ok_or_else(missing)
    }
}

/// Reads a pack from its files as stored, `pack.json` among them, if they unpack to no more than `most_bytes`.
///
/// # Errors
/// [`Error::Pack`] naming the first file that is missing, altered or makes no sense.
pub fn read(files: &[NamedBytes], most_bytes: u64) -> Result<Pack> {
    let manifest_bytes = files.iter().find(|(known, _)| known == MANIFEST_FILE);
    let (_, manifest_bytes) = manifest_bytes.ok_or_else(|| Error::pack(MANIFEST_FILE, "it is missing"))?;
    let manifest = Manifest::parse(manifest_bytes, most_bytes)?;
    let files = Files { entries: &manifest.files, stored: files };

    let (entities, relations) = (files.required(ENTITIES)?, files.required(RELATIONS)?);
    let vocabulary = tables::read_vocabulary((ENTITIES, &entities), (RELATIONS, &relations))?;
    let splits = splits(&files.required(GRAPH)?)?;
    let (roles, default_disease) = roles(&manifest, &vocabulary)?.unzip();
    let counts = [&splits.train, &splits.valid, &splits.test].map(|triples| triples.len() as u32);
    let graph = KnowledgeGraph::new(vocabulary, splits, roles)?;
    if counts != manifest.split.triples {
        let what = format!("{counts:?} triples are there, {:?} were promised", manifest.split.triples);
        return Err(Error::pack(GRAPH, what));
    }
    let model = manifest.model.as_ref().map(|card| model(&files, card, &graph)).transpose()?;
    let notes = Notes::read(&graph.vocabulary, |name| files.optional(name))?;
    let layout = match files.optional(LAYOUT)? {
        None => None,
        Some(bytes) => {
            let (rows, width, positions) = tensors::Tensors::parse(LAYOUT, &bytes)?.rows("positions")?;
            expect_rows(LAYOUT, graph.entity_count(), (rows, width, 2), &positions)?;
            Some(positions)
        }
    };
    let text = match (&manifest.texts, files.optional(TEXT)?) {
        (Some(card), Some(bytes)) => {
            // A template may be described and have no vectors.
            let tensors = tensors::Tensors::parse(TEXT, &bytes)?;
            let names = card.templates.iter().map(|template| template.name.as_str()).filter(|name| tensors.has(name));
            Some(TextVectors::parse(TEXT, &bytes, names, graph.entity_count())?)
        }
        _ => None,
    };
    let hash = sha256_hex(manifest_bytes).chars().take(12).collect();
    Ok(Pack { manifest, hash, graph, model, notes, layout, text, default_disease })
}

fn splits(bytes: &[u8]) -> Result<SplitTriples> {
    let tensors = tensors::Tensors::parse(GRAPH, bytes)?;
    let [train, valid, test] = Split::ALL.map(|split| tensors.triples(split.name()));
    Ok(SplitTriples { train: train?, valid: valid?, test: test? })
}

/// What types and relations mean, and the disease to show first.
fn roles(manifest: &Manifest, vocabulary: &Vocabulary) -> Result<Option<(Roles, EntityId)>> {
    let Some(names) = &manifest.roles else { return Ok(None) };
    let wrong = |what: String| Error::pack(MANIFEST_FILE, what);
    let kind =
        |name: &str| vocabulary.type_row(name).ok_or_else(|| wrong(format!("no entity is of the type {name:?}")));
    let relation = |id: &String| {
        let missing = || wrong(format!("the treatment relation {id:?} does not exist"));
        vocabulary.relation_row(id).ok_or_else(missing)
    };
    let treatments = names.treatments.iter().map(relation).collect::<Result<Vec<_>>>()?;
    if treatments.is_empty() {
        return Err(wrong("it names roles but no treatment relation".into()));
    }
    let roles = Roles { drug: kind(&names.drug_type)?, disease: kind(&names.disease_type)?, treatments };
    if roles.drug == roles.disease {
        return Err(wrong("drugs and diseases are of one type".into()));
    }
    let first = vocabulary.entity_row(&names.default_disease);
    let is_disease = |row: &EntityId| vocabulary.entity(*row).is_some_and(|entity| entity.kind == roles.disease);
    match first.filter(is_disease) {
        Some(first) => Ok(Some((roles, first))),
        None => Err(wrong("the disease to show first is no disease of the pack".into())),
    }
}

/// The model, from one file or from its shards: rows of entities in their order, those of relations in the first.
fn model(files: &Files<'_>, card: &ModelCard, graph: &KnowledgeGraph) -> Result<Model> {
    let (entities, relations, dim) = (graph.entity_count(), graph.relation_count(), card.settings.dim as usize);
    let shards = (1..=MOST_SHARDS).find(|count| files.entry(&shard_name(0, *count)).is_some());
    let names: Vec<String> = match shards {
        Some(count) if files.entry(MODEL).is_none() => (0..count).map(|at| shard_name(at, count)).collect(),
        _ => vec![MODEL.to_owned()],
    };
    let (mut rows, mut relation_table) = (Vec::new(), None);
    for name in &names {
        let bytes = files.required(name)?;
        let tensors = tensors::Tensors::parse(name, &bytes)?;
        let (count, width, numbers) = tensors.rows("entity")?;
        if width != dim || rows.len() / dim.max(1) + count > entities {
            let what = format!("{count} entities × {width} do not fit the graph's {entities} at dimension {dim}");
            return Err(Error::pack(name, what));
        }
        if rows.is_empty() {
            rows.reserve_exact((entities + relations) * dim);
        }
        rows.extend(numbers);
        if relation_table.is_none() {
            relation_table = Some(tensors.rows("relation")?);
        }
    }
    let (relation_rows, relation_dim, more) = relation_table.unwrap_or_default();
    if (rows.len(), relation_rows, relation_dim) != (entities * dim, relations, dim) {
        let what = format!(
            "{} entities and {relation_rows} relations × {relation_dim} do not fit the graph's {entities} and \
             {relations} at dimension {dim}",
            rows.len() / dim.max(1)
        );
        return Err(Error::pack(MODEL, what));
    }
    rows.extend(more);
    Model::new(card.settings.interaction, card.settings.gamma, entities, relations, dim, rows)
}

/// One row of finite numbers per entity, each of the expected length.
pub(super) fn expect_rows(
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
