//! A table of names: which format it has, and its rows one by one.
//!
//! A format is told by its first lines: by the columns of a header (which may stand in a comment, as NCBI and CTD write
//! it) or by the start of the file. Rows stream; no line and no quoted record may be longer than [`MOST_BYTES`].

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, bail};
use lladr_core::pack::Source;

use super::{diseases, drugs, genes, mesh, obo, plain, terms};
use crate::import;

/// Longest line or record.
const MOST_BYTES: u64 = 16 << 20;
/// Bytes that a format is told by.
const SAMPLE_BYTES: u64 = 64 << 10;

/// What a table says of one thing.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Row {
    /// Keys of the thing itself.
    pub own: Vec<String>,
    /// Keys of what the table says is the same in other schemes.
    pub xrefs: Vec<String>,
    /// Whole identifier of an entity, where the table is written for a graph.
    pub entity: String,
    /// Its name; may be empty.
    pub name: String,
    /// Names that are worth more than synonyms, such as the full name of a gene.
    pub also: Vec<String>,
    /// Other names.
    pub synonyms: Vec<String>,
    /// Field of a disease.
    pub area: String,
    /// Whether an earlier row of the table is about the same thing, so that this one is not counted.
    pub is_more: bool,
}

/// Why a row gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// Its identifier is missing, or is none.
    NoIdentifier,
    /// It has an identifier and nothing to call it by, or a name longer than any name is.
    NoName,
    /// It says something that is not read: a narrower synonym, a gene that is only announced.
    OtherKind,
    /// Its publisher withdrew it.
    Obsolete,
}

impl Skip {
    /// All reasons.
    pub const ALL: [Skip; 4] = [Skip::NoIdentifier, Skip::NoName, Skip::OtherKind, Skip::Obsolete];

    /// The reason, to stand behind a number of rows.
    pub fn words(self) -> &'static str {
        match self {
            Skip::NoIdentifier => "without an identifier",
            Skip::NoName => "without a usable name",
            Skip::OtherKind => "of a kind that is not read",
            Skip::Obsolete => "withdrawn by their publisher",
        }
    }

    /// Key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Skip::NoIdentifier => "no_identifier",
            Skip::NoName => "no_name",
            Skip::OtherKind => "other_kind",
            Skip::Obsolete => "obsolete",
        }
    }
}

/// A row, or why it is none.
pub type RowRead = std::result::Result<Row, Skip>;

impl Row {
    /// A name for one key; `None` where there is no key.
    pub fn named(own: impl Into<Option<String>>, name: &str) -> std::result::Result<Self, Skip> {
        let own = own.into().filter(|key| !key.ends_with(':')).ok_or(Skip::NoIdentifier)?;
        Ok(Row { own: vec![own], name: name.to_owned(), ..Row::default() })
    }

    /// Splits a cell into synonyms.
    #[must_use]
    pub fn with_synonyms(mut self, cell: &str, separator: char) -> Self {
        let names = cell.split(separator).map(str::trim).filter(|name| !name.is_empty());
        self.synonyms.extend(names.map(str::to_owned));
        self
    }
}

/// Takes a row.
pub type Each<'a> = &'a mut dyn FnMut(RowRead);

/// A format that is read.
pub struct Format {
    /// Name on the command line.
    pub name: &'static str,
    /// Publisher, as recorded in the manifest.
    pub source: &'static str,
    /// Licence as its publisher states it.
    pub licence: &'static str,
    /// How it is told and read.
    pub shape: Shape,
}

/// How a format is told and read.
pub enum Shape {
    /// A header with these columns (lower case), then a record a line.
    Columns(&'static [&'static str], fn(&Cells<'_>) -> RowRead),
    /// Lines of its own kind.
    Lines(fn(&str) -> bool, fn(&mut Lines, Each<'_>) -> Result<()>),
}

/// All formats, those that ask for more before those that ask for less.
pub const FORMATS: [&Format; 24] = [
    &obo::OBO,
    &mesh::ASCII,
    &mesh::TSV,
    &genes::GENE_INFO,
    &drugs::DRUGBANK,
    &drugs::CHEBI_COMPOUNDS,
    &drugs::CHEBI_NAMES,
    &drugs::CHEMBL,
    &drugs::CHEMBL_WEB,
    &drugs::CTD,
    &drugs::ATC,
    &diseases::CTD,
    &diseases::DO_NAMES,
    &diseases::DO_SLIM,
    &diseases::DO_XREFS,
    &diseases::DO_MESH,
    &terms::UBERON,
    &terms::SIDER_TERMS,
    &terms::SIDER,
    &terms::PATHWAYS,
    &terms::DRUGCENTRAL,
    &plain::HETIONET,
    &plain::COLUMNS,
    &plain::PAIRS,
];

/// A record with the names of its columns.
pub struct Cells<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::ByteRecord,
}

impl Cells<'_> {
    /// The cell of a column, without blanks and quotes around it; empty where there is none, or only a mark for none.
    pub fn get(&self, column: &str) -> String {
        let at = self.columns.get(column).copied();
        let cell = at.and_then(|at| self.record.get(at)).map(String::from_utf8_lossy).unwrap_or_default();
        let cell = unquoted(cell.trim());
        if matches!(cell, "-" | "null" | "\\N") { String::new() } else { cell.to_owned() }
    }
}

fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

/// Lines of a table, none of them longer than it may be.
pub struct Lines {
    reader: Box<dyn BufRead>,
    bytes: Vec<u8>,
    /// Number of the last line, from 1.
    pub at: u64,
}

impl Lines {
    /// The next line, without its end.
    pub fn next(&mut self) -> Result<Option<String>> {
        self.bytes.clear();
        let read = self.reader.by_ref().take(MOST_BYTES).read_until(b'\n', &mut self.bytes)?;
        self.at += 1;
        if read as u64 == MOST_BYTES {
            bail!("line {} is longer than {} MiB", self.at, MOST_BYTES >> 20);
        }
        let line = String::from_utf8_lossy(&self.bytes);
        Ok((read > 0).then(|| line.trim_start_matches('\u{feff}').trim_end_matches(['\n', '\r']).to_owned()))
    }
}

/// A header, wherever it stands.
struct Header {
    columns: HashMap<String, usize>,
    delimiter: u8,
    /// Lines up to and with it.
    lines: usize,
    is_comment: bool,
}

/// Lines that may be the header: comments at the start, and the first line behind them.
fn headers(sample: &str) -> Vec<Header> {
    let mut found = Vec::new();
    for (at, line) in sample.lines().enumerate() {
        let comment = line.strip_prefix('#').map(|line| line.trim_start_matches([' ', '#']));
        let line = comment.unwrap_or(line).trim_end();
        // NCBI once wrote `#Format: tax_id GeneID … (tab is used as a separator …)`.
        let (line, delimiter) = match line.strip_prefix("Format: ") {
            Some(list) => (list.split(" (").next().unwrap_or(list), ' '),
            None => (line, ['\t', ';', ','].into_iter().find(|mark| line.contains(*mark)).unwrap_or('\t')),
        };
        let cells = line.split(delimiter).map(|cell| unquoted(cell.trim()).to_lowercase());
        let delimiter = if delimiter == ' ' { b'\t' } else { delimiter as u8 };
        let columns = cells.zip(0..).collect();
        found.push(Header { columns, delimiter, lines: at + 1, is_comment: comment.is_some() });
        if comment.is_none() && !line.is_empty() {
            break;
        }
    }
    found
}

fn header_of(format: &Format, sample: &str) -> Option<Header> {
    let Shape::Columns(wanted, _) = format.shape else { return None };
    headers(sample).into_iter().find(|header| wanted.iter().all(|column| header.columns.contains_key(*column)))
}

fn fits(format: &Format, sample: &str) -> bool {
    match format.shape {
        Shape::Columns(..) => header_of(format, sample).is_some(),
        Shape::Lines(is_it, _) => is_it(sample),
    }
}

/// The format of a table (the one that is wanted, or the first that its start fits), and who publishes it.
pub fn format_of(path: &Path, wanted: Option<&'static Format>) -> Result<(&'static Format, Source)> {
    let sample = sample(path)?;
    let format = match wanted.or_else(|| FORMATS.into_iter().find(|format| fits(format, &sample))) {
        Some(Format { name, shape: Shape::Columns(columns, _), .. }) if wanted.is_some_and(|it| !fits(it, &sample)) => {
            bail!(
                "{} is not of the format {name}: its header lacks one of the columns {}",
                path.display(),
                columns.join(", ")
            )
        }
        Some(format) => format,
        None => bail!(
            "{path}: its first lines fit no known format; write FORMAT={path}, FORMAT being one of {}",
            FORMATS.map(|format| format.name).join(", "),
            path = path.display(),
        ),
    };
    let is_obo = format.name == obo::OBO.name;
    let (name, licence) = if is_obo { obo::publisher(&sample) } else { (format.source, format.licence) };
    Ok((format, Source { name: name.to_owned(), licence: licence.to_owned(), used_for: String::new() }))
}

/// A format by its name.
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.into_iter().find(|format| format.name == name)
}

fn sample(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let reading = || format!("cannot read {}", path.display());
    import::open(path)?.take(SAMPLE_BYTES).read_to_end(&mut bytes).with_context(reading)?;
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

/// Reads a table's rows.
pub fn read(path: &Path, format: &Format, each: Each<'_>) -> Result<()> {
    let mut lines = Lines { reader: import::open(path)?, bytes: Vec::new(), at: 0 };
    let result = match format.shape {
        Shape::Lines(_, read) => read(&mut lines, each),
        Shape::Columns(_, row) => match header_of(format, &sample(path)?) {
            Some(header) => records(lines, &header, row, each),
            None => Err(anyhow!("it has no header")),
        },
    };
    result.with_context(|| format!("{} (read as {})", path.display(), format.name))
}

fn records(mut lines: Lines, header: &Header, row: fn(&Cells<'_>) -> RowRead, each: Each<'_>) -> Result<()> {
    for _ in 0..header.lines {
        lines.next()?;
    }
    let unread = Rc::new(Cell::new(0));
    let reader = Guarded { reader: lines.reader, unread: Rc::clone(&unread) };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(header.delimiter)
        // In TSV a quote is a character like any other; cells that are quoted whole are unquoted later.
        .quoting(header.delimiter != b'\t')
        .comment(header.is_comment.then_some(b'#'))
        .from_reader(reader);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        unread.set(0);
        each(row(&Cells { columns: &header.columns, record: &record }));
    }
    Ok(())
}

/// A reader that fails when too much is read for one record: a quote that is never closed, or no line's end.
struct Guarded {
    reader: Box<dyn BufRead>,
    unread: Rc<Cell<u64>>,
}

impl Read for Guarded {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(bytes)?;
        self.unread.set(self.unread.get() + read as u64);
        if self.unread.get() > MOST_BYTES {
            return Err(std::io::Error::other(format!("a record is longer than {} MiB", MOST_BYTES >> 20)));
        }
        Ok(read)
    }
}
