//! Stored bytes: size, hash and gzip, checked before anything is parsed.

use std::io::{Read, Write};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
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

/// Compresses (names ending in `.gz`) and describes a file. Same bytes in, same bytes out.
///
/// # Errors
/// [`Error::Pack`] when compression fails.
pub fn store(name: &str, bytes: &[u8]) -> Result<(FileEntry, Vec<u8>)> {
    let stored = if name.ends_with(".gz") {
        let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
        encoder
            .write_all(bytes)
            .and_then(|()| encoder.finish())
            .map_err(|error| Error::pack(name, format!("it cannot be compressed: {error}")))?
    } else {
        bytes.to_vec()
    };
    let entry = FileEntry {
        name: name.to_owned(),
        bytes: stored.len() as u64,
        unpacked_bytes: bytes.len() as u64,
        sha256: sha256_hex(&stored),
    };
    Ok((entry, stored))
}
