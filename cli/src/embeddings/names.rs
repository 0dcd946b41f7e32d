//! Which row belongs to which name: a table of two columns, `name TAB id` (DRKG) or `id TAB name` (DGL-KE, PyKEEN).
//!
//! The ids are the column of whole numbers. Where both columns are (names can be Entrez ids), the ids are the column
//! that counts from 0 without a gap; where both do, the table does not say, and that is an error. A first line
//! without a whole number is a header.

use std::collections::HashSet;
use std::io::BufRead;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::import::{lines, open};

/// Names with their rows.
pub type Names = Vec<(String, usize)>;

/// Reads a table, plain or gzip'd, of a matrix with so many rows.
pub(super) fn read(path: &Path, rows: usize) -> Result<Names> {
    let failed = || format!("cannot read {}", path.display());
    parse(open(path)?, rows).with_context(failed)
}

/// Reads a table's text.
///
/// # Errors
/// When a line has not two columns, no column holds row numbers, or one is not of the matrix or comes twice.
pub fn parse(reader: impl BufRead, rows: usize) -> Result<Names> {
    let mut table = Table::default();
    lines::each(reader, |line| table.push(line))?;
    table.names(rows)
}

#[derive(Default)]
struct Table {
    cells: Vec<[String; 2]>,
    line: u64,
    /// The first line that is none of a table.
    wrong: Option<String>,
}

impl Table {
    fn push(&mut self, line: Option<&str>) {
        self.line += 1;
        let at = self.line;
        let Some(line) = line else {
            self.wrong.get_or_insert_with(|| format!("line {at} is not UTF-8 text, or longer than a mebibyte"));
            return;
        };
        if line.trim().is_empty() {
            return;
        }
        let mut cells = line.split('\t');
        let (Some(first), Some(second), None) = (cells.next(), cells.next(), cells.next()) else {
            self.wrong.get_or_insert_with(|| format!("line {at} has not two columns, a name and an id"));
            return;
        };
        // A header: before all others, and with no number in it.
        if self.cells.is_empty() && number(first).is_none() && number(second).is_none() {
            return;
        }
        self.cells.push([first.to_owned(), second.to_owned()]);
    }

    fn names(self, rows: usize) -> Result<Names> {
        if let Some(wrong) = self.wrong {
            bail!(wrong);
        }
        let ids = |column: usize| -> Option<Vec<usize>> { self.cells.iter().map(|row| number(&row[column])).collect() };
        let counts = |ids: &[usize]| {
            let mut sorted = ids.to_vec();
            sorted.sort_unstable();
            sorted.iter().copied().eq(0..ids.len())
        };
        let (column, ids) = match (ids(0), ids(1)) {
            (None, None) => bail!("neither of its columns holds row numbers"),
            (Some(ids), None) => (0, ids),
            (None, Some(ids)) => (1, ids),
            (Some(first), Some(second)) => match (counts(&first), counts(&second)) {
                (true, true) if first != second => {
                    bail!("both of its columns are row numbers: write a header or names that are no numbers")
                }
                (true, _) => (0, first),
                (_, true) => (1, second),
                _ => bail!("both of its columns are whole numbers, and neither counts from 0 without a gap"),
            },
        };
        let mut is_taken = vec![false; rows];
        let mut names = HashSet::new();
        for (row, id) in self.cells.iter().zip(&ids) {
            let name = row[1 - column].as_str();
            let place = is_taken
                .get_mut(*id)
                .with_context(|| format!("{name} has row {id}, and the matrix has {rows} rows, counted from 0"))?;
            ensure!(!std::mem::replace(place, true), "row {id} has two names, one of them {name}");
            ensure!(names.insert(name), "{name} has two rows, one of them {id}");
        }
        drop(names);
        let name = |row: [String; 2]| {
            let [first, second] = row;
            if column == 0 { second } else { first }
        };
        Ok(self.cells.into_iter().map(name).zip(ids).collect())
    }
}

fn number(cell: &str) -> Option<usize> {
    cell.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, rows: usize) -> Result<Names> {
        parse(text.as_bytes(), rows)
    }

    #[test]
    fn both_orders_are_told_apart() -> Result<()> {
        let expected: Names = vec![("Gene::2157".into(), 1), ("Compound::DB1".into(), 0)];
        assert_eq!(names("Gene::2157\t1\nCompound::DB1\t0\n", 2)?, expected);
        assert_eq!(names("1\tGene::2157\r\n0\tCompound::DB1", 2)?, expected);
        assert_eq!(names("id\tlabel\n1\tGene::2157\n0\tCompound::DB1", 2)?, expected, "a header");
        // Names that are numbers.
        let numbers: Names = vec![("2157".into(), 0), ("5264".into(), 1)];
        assert_eq!(names("2157\t0\n5264\t1", 2)?, numbers);
        assert_eq!(names("0\t2157\n1\t5264", 2)?, numbers);
        Ok(())
    }

    #[test]
    fn a_table_that_does_not_fit_is_an_error() {
        let says = |text: &str, what: &str| {
            let error = names(text, 2).expect_err(what).to_string();
            assert!(error.contains(what), "{error}");
        };
        says("a\t0\nb\t2", "2 rows");
        says("a\t0\nb\t0", "two names");
        says("a\t0\na\t1", "two rows");
        says("a\t0\nb", "line 2");
        says("a\t0\nb\tx", "neither");
        says("0\t1\n1\t0", "both");
        says("7\t9\n8\t3", "neither counts");
    }
}
