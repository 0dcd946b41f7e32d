//! What to train on: a benchmark folder, a file of triples, or a pack with its text vectors.

use std::path::Path;

use anyhow::{Result, bail};
use lladr_core::graph::{KnowledgeGraph, Roles, SplitRule, SplitTriples, Vocabulary, split_by_pair};
use lladr_core::pack::TextVectors;

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
    /// What was read and left out, for a person.
    pub report: String,
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
    Ok(Source { graph: KnowledgeGraph::new(vocabulary, splits, roles)?, text: None, report })
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
    Ok(Source { graph: KnowledgeGraph::new(vocabulary, splits, roles)?, text: None, report })
}

/// Reads a pack's folder.
pub fn pack(path: &Path) -> Result<Source> {
    let pack = folder::read(path)?;
    Ok(Source { graph: pack.graph, text: pack.text, report: format!("pack {:?}", pack.manifest.title) })
}

/// Drugs, diseases and treatments by DRKG's names.
pub fn roles(vocabulary: &Vocabulary) -> Option<Roles> {
    let treatments: Vec<_> = TREATMENTS.iter().filter_map(|id| vocabulary.relation_row(id)).collect();
    let roles = Roles { drug: vocabulary.type_row("Compound")?, disease: vocabulary.type_row("Disease")?, treatments };
    (!roles.treatments.is_empty()).then_some(roles)
}
