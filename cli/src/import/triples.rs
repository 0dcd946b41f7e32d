//! Triples from text, streamed: head TAB relation TAB tail, no header.
//!
//! Identifiers are kept as they are. Rows that cannot be triples are counted and left out.

use std::io::BufRead;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lladr_core::graph::{Triple, Vocabulary};

use super::lines;
use super::open::with_text;
use super::report::Report;

/// First cells of a header line, as tools write them.
const HEADERS: [&str; 6] = ["head", "h", "source", "subject", "node1", "from"];

/// What a file held.
#[derive(Debug, Default)]
pub struct Import {
    /// Triples, in the order of the file.
    pub triples: Vec<Triple>,
    /// What was left out.
    pub report: Report,
}

impl Import {
    /// How many triples are there more than once, not counting the first of each.
    pub fn repeats(&self) -> usize {
        let mut sorted = self.triples.clone();
        sorted.sort_unstable();
        sorted.dedup();
        self.triples.len() - sorted.len()
    }

    /// Rows that were left out.
    pub fn bad_rows(&self) -> u64 {
        let Report { header_rows, wrong_columns, unreadable_rows, empty_ids, .. } = &self.report;
        header_rows + wrong_columns + unreadable_rows + empty_ids
    }
}

/// Reads a file of triples, plain, gzip'd or as `drkg.tsv` in an archive, adding what it names to `vocabulary`.
pub fn triples_into(path: &Path, vocabulary: &mut Vocabulary) -> Result<Import> {
    let import = with_text(path, "drkg.tsv", |reader| {
        read(reader, vocabulary, |row| row).with_context(|| format!("cannot read {}", path.display()))
    })?;
    if import.triples.is_empty() {
        bail!("{} holds no row of the form head TAB relation TAB tail", path.display());
    }
    Ok(import)
}

/// Reads triples; `reorder` brings the cells of a row into the order head, relation, tail.
///
/// # Errors
/// When the reader fails, or there are more entities or relations than rows can be numbered.
pub fn read(
    reader: &mut dyn BufRead,
    vocabulary: &mut Vocabulary,
    reorder: impl for<'a> Fn([&'a str; 3]) -> [&'a str; 3],
) -> Result<Import> {
    let mut import = Import::default();
    let report = &mut import.report;
    let triples = &mut import.triples;
    lines::each(reader, |line| {
        if line.is_some_and(|line| line.trim().is_empty()) {
            return;
        }
        report.rows += 1;
        let Some(line) = line else {
            report.unreadable_rows += 1;
            return;
        };
        let mut cells = line.split('\t');
        let row = (cells.next(), cells.next(), cells.next(), cells.next());
        let (Some(first), Some(second), Some(third), None) = row else {
            report.wrong_columns += 1;
            return;
        };
        if report.rows == 1 && HEADERS.contains(&first.to_ascii_lowercase().as_str()) {
            report.header_rows += 1;
            return;
        }
        let [head, relation, tail] = reorder([first, second, third]);
        // DRKG has rows that end in `Gene::`.
        let is_empty = |id: &str| id.trim().is_empty() || id.ends_with("::");
        if is_empty(head) || relation.trim().is_empty() || is_empty(tail) {
            report.empty_ids += 1;
            return;
        }
        triples.push(Triple::new(
            vocabulary.entity_or_add(head),
            vocabulary.relation_or_add(relation),
            vocabulary.entity_or_add(tail),
        ));
    })?;
    Ok(import)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_rows_are_counted_and_left_out() -> Result<()> {
        let text =
            "head\trelation\ttail\na::1\tr\tb::2\r\na::1\tr\n\nGene::\tr\tb::2\na::1\t\tb::2\na::1\tr\tb::2\tx\n";
        let mut vocabulary = Vocabulary::default();
        let import = read(&mut text.as_bytes(), &mut vocabulary, |row| row)?;
        let Report { rows, header_rows, wrong_columns, empty_ids, .. } = import.report;
        assert_eq!((rows, header_rows, wrong_columns, empty_ids, import.triples.len()), (6, 1, 2, 2, 1));
        assert_eq!(import.bad_rows(), 5);
        assert!(vocabulary.entity_row("b::2").is_some(), "no end of line in an identifier");
        Ok(())
    }
}
