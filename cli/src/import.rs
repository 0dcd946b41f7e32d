//! Triples from a TSV file, streamed: head TAB relation TAB tail, no header, plain or gzip'd.
//!
//! Identifiers are kept as they are. Rows that cannot be triples are counted and left out.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use lladr_core::graph::{Triple, Vocabulary};

/// What a file held.
#[derive(Debug, Default)]
pub struct Import {
    /// Triples, in the order of the file.
    pub triples: Vec<Triple>,
    /// Rows with another number of columns, an empty cell, or an identifier with nothing behind its type.
    pub bad_rows: usize,
}

impl Import {
    /// How many triples are there more than once, not counting the first of each.
    pub fn repeats(&self) -> usize {
        let mut sorted = self.triples.clone();
        sorted.sort_unstable();
        sorted.dedup();
        self.triples.len() - sorted.len()
    }
}

/// Opens a file, unpacking it when its name ends in `.gz`.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let reader: Box<dyn Read> = match path.extension() {
        Some(extension) if extension == "gz" => Box::new(MultiGzDecoder::new(BufReader::new(file))),
        _ => Box::new(file),
    };
    Ok(Box::new(BufReader::with_capacity(1 << 20, reader)))
}

/// Reads triples, adding what they name to `vocabulary`.
pub fn triples_into(path: &Path, vocabulary: &mut Vocabulary) -> Result<Import> {
    let mut import = Import::default();
    let mut reader = open(path)?;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).with_context(|| format!("cannot read {}", path.display()))? == 0 {
            break;
        }
        let mut cells = line.trim_end_matches(['\n', '\r']).split('\t');
        let row = (cells.next(), cells.next(), cells.next(), cells.next());
        let (Some(head), Some(relation), Some(tail), None) = row else {
            import.bad_rows += 1;
            continue;
        };
        // DRKG has rows that end in `Gene::`.
        let is_empty = |id: &str| id.is_empty() || id.ends_with("::");
        if is_empty(head) || relation.is_empty() || is_empty(tail) {
            import.bad_rows += 1;
            continue;
        }
        import.triples.push(Triple::new(
            vocabulary.entity_or_add(head),
            vocabulary.relation_or_add(relation),
            vocabulary.entity_or_add(tail),
        ));
    }
    if import.triples.is_empty() {
        bail!("{} holds no row of the form head TAB relation TAB tail", path.display());
    }
    Ok(import)
}
