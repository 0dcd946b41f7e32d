//! Triples from text, streamed: head TAB relation TAB tail, no header.
//!
//! Identifiers are kept as they are. Rows that cannot be triples are counted and left out.

use std::borrow::Cow;
use std::io::{BufRead, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use lladr_core::graph::{Triple, Vocabulary};
use lladr_core::pack::MOST_TYPES;

use super::open::{open, unpacked, with_text};
use super::report::Report;
use super::{kind, lines};

/// Name of DRKG's table in its archive.
const DRKG: &str = "drkg.tsv";
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
    with_text(open(path)?, DRKG, |reader, first| of_text(reader, first, vocabulary))
        .with_context(|| format!("cannot read {}", path.display()))
}

/// The same from a stream; for fuzz targets.
///
/// # Errors
/// When it holds no triple, or cannot be read to its end.
pub fn triples_from(reader: impl Read, vocabulary: &mut Vocabulary) -> Result<Import> {
    with_text(unpacked(reader)?, DRKG, |reader, first| of_text(reader, first, vocabulary))
}

fn of_text(reader: &mut dyn BufRead, first: &[u8], vocabulary: &mut Vocabulary) -> Result<Import> {
    let import = read(reader, vocabulary, |row| row)?;
    check_types(vocabulary)?;
    if import.triples.is_empty() {
        let rows = import.report.rows;
        bail!("none of its {rows} rows is of the form head TAB relation TAB tail{}", kind::hint(first));
    }
    Ok(import)
}

/// Refuses a graph of more types than a pack can hold: its identifiers are of another form, then.
pub fn check_types(vocabulary: &Vocabulary) -> Result<()> {
    if vocabulary.types().len() > MOST_TYPES {
        let some = vocabulary.types()[..4].join(", ");
        bail!(
            "what stands before :: in its identifiers is of more than {MOST_TYPES} kinds ({some}, …), and a pack holds \
             no more types than that: write identifiers as Type::id"
        );
    }
    Ok(())
}

/// An identifier as a pack can hold it, `Type::id`; `None` where nothing stands before or behind the colons.
fn typed(id: &str) -> Option<Cow<'_, str>> {
    match id.split_once("::") {
        // DRKG has rows that end in `Gene::`.
        Some((kind, _)) if kind.trim().is_empty() || id.ends_with("::") => None,
        Some(_) => Some(Cow::Borrowed(id)),
        None if id.trim().is_empty() => None,
        None => Some(Cow::Owned(format!("Entity::{id}"))),
    }
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
        // With ever more types, each row would take longer than the one before: what called this refuses them.
        if vocabulary.types().len() > MOST_TYPES {
            return;
        }
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
        let (Some(head), false, Some(tail)) = (typed(head), relation.trim().is_empty(), typed(tail)) else {
            report.empty_ids += 1;
            return;
        };
        report.untyped_ids += u64::from(matches!(head, Cow::Owned(_)) || matches!(tail, Cow::Owned(_)));
        triples.push(Triple::new(
            vocabulary.entity_or_add(&head),
            vocabulary.relation_or_add(relation),
            vocabulary.entity_or_add(&tail),
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

    #[test]
    fn identifiers_become_those_that_a_pack_can_hold() -> Result<()> {
        let text = "aspirin\ttreats\tpain\nA::a\rb\tr\tB::1\nA::a b\tr\tB::1\n::x\tr\tB::1\n ::x\tr\tB::1\n";
        let mut vocabulary = Vocabulary::default();
        let import = triples_from(text.as_bytes(), &mut vocabulary)?;
        let ids: Vec<&str> = vocabulary.entities().iter().map(|entity| entity.id.as_str()).collect();
        assert_eq!(ids, ["Entity::aspirin", "Entity::pain", "A::a b", "B::1"]);
        assert_eq!((import.report.untyped_ids, import.report.empty_ids), (1, 2));
        let many: String = (0..300).map(|at| format!("T{at}::1\tr\tB::1\n")).collect();
        let refused = triples_from(many.as_bytes(), &mut Vocabulary::default());
        assert!(refused.is_err_and(|error| error.to_string().contains("more than 256 kinds (T0, B, T1")));
        Ok(())
    }
}
