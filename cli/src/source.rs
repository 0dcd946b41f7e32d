//! What to train on: a benchmark folder, a file of triples, or a pack with its text vectors.

use std::path::Path;

use anyhow::{Result, bail};
use lladr_core::graph::{KnowledgeGraph, Roles, SplitRule, SplitTriples, Vocabulary, split_by_pair};
use lladr_core::model::Model;
use lladr_core::pack::{Manifest, Notes, Pack, TextVectors};

use crate::{folder, import};

/// Relations that state a treatment, the most trusted first.
const TREATMENTS: [&str; 4] = [
    "Hetionet::CtD::Compound:Disease",
    "DRUGBANK::treats::Compound:Disease",
    "GNBR::T::Compound:Disease",
    "Hetionet::CpD::Compound:Disease",
];

/// A graph, and what is known besides.
pub struct Source {
    /// The graph, split.
    pub graph: KnowledgeGraph,
    /// Text vectors of a pack.
    pub text: Option<TextVectors>,
    /// A pack's own model.
    pub model: Option<Model>,
    /// What a pack says of itself.
    pub manifest: Option<Manifest>,
    /// What a pack says of its entities.
    pub notes: Notes,
    /// What was read and left out, for a person.
    pub report: String,
}

impl Source {
    /// A graph and no more.
    fn bare(graph: KnowledgeGraph, report: String) -> Self {
        Source { graph, text: None, model: None, manifest: None, notes: Notes::default(), report }
    }
}

/// Reads a folder with `train.txt`, `valid.txt` and `test.txt` (head TAB relation TAB tail).
pub fn benchmark(path: &Path) -> Result<Source> {
    let mut vocabulary = Vocabulary::default();
    let mut bad_rows = 0u64;
    let mut read = |name: &str| -> Result<_> {
        let import = import::triples_into(&path.join(name), &mut vocabulary)?;
        bad_rows += import.bad_rows();
        Ok(import.triples)
    };
    let splits = SplitTriples { train: read("train.txt")?, valid: read("valid.txt")?, test: read("test.txt")? };
    let report = format!("{bad_rows} rows left out");
    let roles = roles(&vocabulary);
    Ok(Source::bare(KnowledgeGraph::new(vocabulary, splits, roles)?, report))
}

/// Reads one file of triples and holds out a share of the drug–disease pairs, and the same again for validation.
pub fn file(path: &Path, share: f32, seed: u32) -> Result<Source> {
    let mut vocabulary = Vocabulary::default();
    let import = import::triples_into(path, &mut vocabulary)?;
    let roles = roles(&vocabulary);
    let loops = import.triples.iter().filter(|triple| triple.head == triple.tail).count();
    let report =
        format!("{} rows left out, {} triples repeated, {loops} self-loops", import.bad_rows(), import.repeats());
    let splits = match &roles {
        _ if share == 0.0 => SplitTriples { train: import.triples, ..SplitTriples::default() },
        None => bail!("--hold-out needs treatment relations such as {}", TREATMENTS[0]),
        Some(roles) => {
            let rule = SplitRule { relations: roles.treatments.clone(), share, first: Vec::new(), seed };
            split_by_pair(&vocabulary, &import.triples, &rule)
        }
    };
    Ok(Source::bare(KnowledgeGraph::new(vocabulary, splits, roles)?, report))
}

/// Reads a pack's folder.
pub fn pack(path: &Path) -> Result<Source> {
    let pack = folder::read(path)?;
    let report = format!("pack {:?}", pack.manifest.title);
    let Pack { graph, text, model, notes, .. } = pack;
    Ok(Source { graph, text, model, manifest: Some(pack.manifest), notes, report })
}

/// Drugs, diseases and treatments by DRKG's names.
pub fn roles(vocabulary: &Vocabulary) -> Option<Roles> {
    let treatments: Vec<_> = TREATMENTS.iter().filter_map(|id| vocabulary.relation_row(id)).collect();
    let roles = Roles { drug: vocabulary.type_row("Compound")?, disease: vocabulary.type_row("Disease")?, treatments };
    (!roles.treatments.is_empty()).then_some(roles)
}
