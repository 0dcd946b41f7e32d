//! A graph's file as a stream of text: plain, gzip'd, or inside a gzip'd tar archive, told by its first bytes.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use indicatif::ProgressFinish;

use super::lines;
use crate::progress;

/// Opens a file, unpacking it if it begins as gzip does. How far it was read shows on a terminal.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let failed = || format!("cannot open {}", path.display());
    let mut file = File::open(path).with_context(failed)?;
    let mut magic = [0; 2];
    let is_gzip = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    file.rewind().with_context(failed)?;
    let size = file.metadata().with_context(failed)?.len();
    let file = progress::bytes("reading", size).with_finish(ProgressFinish::AndClear).wrap_read(file);
    let reader: Box<dyn Read> =
        if is_gzip { Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file))) } else { Box::new(file) };
    Ok(Box::new(BufReader::with_capacity(1 << 20, reader)))
}

/// Hands each line of a file to `take`, unpacked; what is no text of bearable length comes as `None`.
pub fn each_line(path: &Path, take: impl FnMut(Option<&str>)) -> Result<()> {
    lines::each(open(path)?, take).with_context(|| format!("cannot read {}", path.display()))
}

/// Opens a file of triples and hands its text to `read`; of a tar archive, the first file that ends in `.tsv` and is
/// called `wanted`.
pub fn with_text<T>(path: &Path, wanted: &str, read: impl FnOnce(&mut dyn BufRead) -> Result<T>) -> Result<T> {
    let mut reader = open(path)?;
    let start = reader.fill_buf().with_context(|| format!("cannot read {}", path.display()))?;
    // `ustar` stands at a fixed place of a tar archive's first block.
    if start.get(257..262) != Some(b"ustar") {
        return read(&mut reader);
    }
    let broken = || format!("{} is no whole tar archive", path.display());
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().with_context(broken)? {
        let entry = entry.with_context(broken)?;
        let is_wanted = entry.header().entry_type().is_file()
            && entry.path().is_ok_and(|inside| inside.file_name().is_some_and(|name| name == wanted));
        if is_wanted {
            return read(&mut BufReader::with_capacity(1 << 20, entry));
        }
    }
    bail!("{} holds no {wanted}", path.display())
}
