//! Stored bytes: size, hash and gzip, checked before anything is parsed.

use std::io::{Read, Write};

use flate2::GzBuilder;
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use super::manifest::FileEntry;
use crate::error::{Error, Result};

/// SHA-256 of bytes, hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(bytes);
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[nibble as usize])).collect()
}

/// Checks stored bytes against their entry and unpacks them.
///
/// # Errors
/// [`Error::Pack`] naming the file: truncated, altered, or unpacking to another size than declared.
pub fn unpack(entry: &FileEntry, stored: &[u8]) -> Result<Vec<u8>> {
    let wrong = |what: String| Error::pack(&entry.name, what);
    if stored.len() as u64 > entry.bytes {
        return Err(wrong(format!("more than its {} bytes arrived: the file was altered or damaged", entry.bytes)));
    }
    if stored.len() as u64 != entry.bytes {
        return Err(wrong(format!("{} of {} bytes arrived: the file is incomplete", stored.len(), entry.bytes)));
    }
    if sha256_hex(stored) != entry.sha256 {
        return Err(wrong("its SHA-256 differs from the pack's: the file was altered or damaged".into()));
    }
    if !entry.name.ends_with(".gz") {
        return Ok(stored.to_vec());
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(stored)
        .take(entry.unpacked_bytes + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| wrong(format!("it cannot be unpacked: {error}")))?;
    if unpacked.len() as u64 != entry.unpacked_bytes {
        return Err(wrong(format!("it does not unpack to the {} bytes that the pack declares", entry.unpacked_bytes)));
    }
    Ok(unpacked)
}

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Quickly.
    Fast,
    /// As small as it gets.
    Best,
}

impl Compression {
    fn gzip(self, name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
        let level = match self {
            Compression::Fast => flate2::Compression::fast(),
            Compression::Best => flate2::Compression::best(),
        };
        let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), level);
        encoder
            .write_all(bytes)
            .and_then(|()| encoder.finish())
            .map_err(|error| Error::pack(name, format!("it cannot be compressed: {error}")))
    }
}

/// Bytes at the start of a file that tell whether it is worth compressing.
const SAMPLE_BYTES: usize = 1 << 20;

/// Describes a file, compressing it (and adding `.gz` to its name) where that saves a twentieth. JSON stays as it is:
/// the page reads it before it has anything to unpack with. Same bytes in, same bytes out.
///
/// # Errors
/// [`Error::Pack`] when compression fails.
pub fn store(name: &str, bytes: Vec<u8>, compression: Compression) -> Result<(FileEntry, Vec<u8>)> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let is_worth = !name.ends_with(".json") && compression.gzip(name, sample)?.len() < sample.len() / 20 * 19;
    let unpacked_bytes = bytes.len() as u64;
    let (name, stored) =
        if is_worth { (format!("{name}.gz"), compression.gzip(name, &bytes)?) } else { (name.to_owned(), bytes) };
    let entry = FileEntry { name, bytes: stored.len() as u64, unpacked_bytes, sha256: sha256_hex(&stored) };
    Ok((entry, stored))
}
