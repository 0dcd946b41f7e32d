//! Packs: a folder of standard files that the page loads, and the same folder from a graph and a model.
//!
//! `pack.json` says what the pack is and lists every file with size and SHA-256; triples and rows are
//! safetensors, names are TSV. Input is hostile until checked: sizes, hashes, shapes, row numbers and
//! finite values, each with an error that names the file. The core sees bytes; who fetches or writes
//! them is the caller's business.
//!
//! A file is stored as it is or, where that makes it smaller, gzip'd under its name with `.gz`. A model too large
//! for one file is cut into shards of whole rows, named as Hugging Face names them.

mod manifest;
mod notes;
mod read;
mod select;
mod stored;
mod tables;
mod tensors;
mod write;

pub use manifest::{
    CoverageLine, FileEntry, LayoutCard, LayoutQuality, LeakLine, MANIFEST_FILE, MOST_FILE_BYTES, MOST_IN_BROWSER,
    MOST_MANIFEST_BYTES, MOST_ON_WORKSTATION, Manifest, MetricLine, ModelCard, RoleNames, Source, SplitCard,
    TemplateCard, TextCard, VERSION,
};
pub use notes::{Case, Caution, CautionKind, Description, Evidence, Grade, Notes};
pub use read::read;
pub use stored::{Compression, sha256_hex};
pub use tables::MOST_TYPES;
pub use tensors::Precision;
pub use write::{Contents, Storage, write};

use crate::error::Result;
use crate::graph::KnowledgeGraph;
use crate::ids::EntityId;
use crate::model::Model;
use crate::settings::Template;

const ENTITIES: &str = "entities.tsv";
const RELATIONS: &str = "relations.tsv";
const GRAPH: &str = "graph.safetensors";
/// The model, where it is one file.
const MODEL: &str = "model.safetensors";
/// Optional: positions of the map, `positions [entities, 2]`.
const LAYOUT: &str = "layout.safetensors";
/// Optional: text vectors, one tensor per template, `[entities, dims]`.
const TEXT: &str = "text.safetensors";
/// What the names of rankings begin with.
pub const RANKING: &str = "ranking-";

/// A file by name, as stored.
pub type NamedBytes = (String, Vec<u8>);

/// Optional: name of the file with a disease's ranking, computed beforehand, as JSON. A page can show it while the
/// rest, and the code that reads it, is still on its way; [`read`] has no use for it.
pub fn ranking_name(disease: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{RANKING}{}.json", disease.chars().map(plain).collect::<String>())
}

/// Name of shard `at` of `count`, counted from 0.
fn shard_name(at: usize, count: usize) -> String {
    format!("model-{:05}-of-{count:05}.safetensors", at + 1)
}

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

impl Pack {
    /// All that can be written again; rankings, which belong to one state of the pack, are left out.
    pub fn contents(&self) -> Contents<'_> {
        Contents {
            graph: &self.graph,
            model: self.model.as_ref(),
            notes: &self.notes,
            layout: self.layout.as_deref(),
            text: self.text.as_ref(),
            rankings: &[],
        }
    }
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
            read::expect_rows(file, entities, (rows, width, text.dims), &vectors)?;
            text.templates.push((name.to_owned(), vectors));
        }
        Ok(text)
    }
}
