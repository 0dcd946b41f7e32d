//! A graph's file as a stream of text: plain, gzip'd, or inside a gzip'd tar archive, told by its first bytes.

use std::fs::File;
use std::io::{BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use indicatif::ProgressFinish;

use super::{kind, lines};
use crate::progress;

/// So much of a file tells what it is: a tar archive's first block.
const START_BYTES: u64 = 512;
/// Names of an archive's files that are shown.
const MOST_SHOWN: usize = 8;

/// Opens a file, unpacking it if it begins as gzip does. How far it was read shows on a terminal.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let failed = || format!("cannot open {}", path.display());
    let file = File::open(path).with_context(failed)?;
    let size = file.metadata().with_context(failed)?.len();
    let file = progress::bytes("reading", size).with_finish(ProgressFinish::AndClear).wrap_read(file);
    unpacked(file).with_context(failed)
}

/// A stream, unpacked if it begins as gzip does.
pub fn unpacked<'a>(reader: impl Read + 'a) -> std::io::Result<Box<dyn BufRead + 'a>> {
    let (first, reader) = start(BufReader::with_capacity(1 << 16, reader))?;
    let reader: Box<dyn Read + 'a> =
        if first.starts_with(&[0x1f, 0x8b]) { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    Ok(Box::new(BufReader::with_capacity(1 << 20, reader)))
}

/// A stream with its first bytes put back.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of a stream, and the stream with them.
fn start<R: BufRead>(mut reader: R) -> std::io::Result<(Vec<u8>, Whole<R>)> {
    let mut first = Vec::new();
    reader.by_ref().take(START_BYTES).read_to_end(&mut first)?;
    Ok((first.clone(), Cursor::new(first).chain(reader)))
}

/// Hands each line of a file to `take`, unpacked; what is no text of bearable length comes as `None`.
///
/// # Errors
/// For what cannot be text, and a file that cannot be read to its end.
pub fn each_line(path: &Path, mut take: impl FnMut(Option<&str>)) -> Result<()> {
    let (first, mut reader) = start(open(path)?).with_context(|| format!("cannot read {}", path.display()))?;
    text(&first, &mut reader, &mut |reader, _| Ok(lines::each(reader, &mut take)?))
        .with_context(|| format!("cannot read {}", path.display()))
}

/// Hands the text of a table to `read`, with its first bytes; of a tar archive, that of the one file called `wanted`.
///
/// # Errors
/// For what cannot be a table, and an archive that is cut or does not hold exactly one file of that name.
pub fn with_text<T>(
    reader: impl BufRead,
    wanted: &str,
    mut read: impl FnMut(&mut dyn BufRead, &[u8]) -> Result<T>,
) -> Result<T> {
    let (first, mut reader) = start(reader)?;
    // `ustar` stands at a fixed place of a tar archive's first block.
    if first.get(257..262) != Some(b"ustar") {
        return text(&first, &mut reader, &mut read);
    }
    let broken = "it is no whole tar archive";
    let mut archive = tar::Archive::new(reader);
    let (mut found, mut others) = (None, Vec::new());
    // Raw: a long name would be read into memory, however long it claims to be.
    for entry in archive.entries().context(broken)?.raw(true) {
        let entry = entry.context(broken)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let inside = entry.path().map(|inside| inside.to_string_lossy().into_owned()).unwrap_or_default();
        if Path::new(&inside).file_name().is_none_or(|name| name != wanted) {
            others.push(inside);
            others.truncate(MOST_SHOWN);
            continue;
        }
        if found.is_some() {
            bail!("it holds two files called {wanted}: unpack it, and name the one that is meant");
        }
        let (first, mut entry) = start(BufReader::with_capacity(1 << 20, entry))?;
        found = Some(text(&first, &mut entry, &mut read).with_context(|| inside)?);
    }
    found.with_context(|| {
        format!(
            "it is an archive without {wanted} ({}): unpack it, and name the table that is meant",
            others.join(", ")
        )
    })
}

fn text<T>(
    first: &[u8],
    reader: &mut dyn BufRead,
    read: &mut impl FnMut(&mut dyn BufRead, &[u8]) -> Result<T>,
) -> Result<T> {
    match kind::refusal(first) {
        Some(what) => bail!(what),
        None => read(reader, first),
    }
}
