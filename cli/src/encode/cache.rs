//! Vectors on disk, by encoder and text: a run that was killed goes on where it was.
//!
//! One line of JSON (what the vectors are of, and their width), then records of `32 + 4 · width` bytes: the text's
//! SHA-256 and its vector in little-endian `f32`. A last record that a kill cut off is dropped. The file is locked.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A longer first line is none of ours.
const MOST_HEADER: u64 = 4096;
/// No encoder's vectors are longer.
const MOST_WIDTH: usize = 1 << 16;
const FORMAT: &str = "lladr-vectors-1";

/// SHA-256 of a text.
pub type Hash = [u8; 32];

/// What a text is found by.
pub fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    encoder: String,
    width: usize,
}

/// Vectors, and the file to add to.
pub struct Cache {
    path: PathBuf,
    file: File,
    encoder: String,
    /// 0 before the first vector.
    width: usize,
    rows: HashMap<Hash, usize>,
    numbers: Vec<f32>,
    /// Where the last whole record ends.
    end: u64,
}

impl Cache {
    /// Opens or makes a file of an encoder's vectors.
    ///
    /// # Errors
    /// When it holds something else, vectors of another encoder, or is in use.
    pub fn open(path: &Path, encoder: &str) -> Result<Self> {
        let failed = || format!("cannot open {}", path.display());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(failed)?;
        }
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).with_context(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => bail!("{} is in use by another run", path.display()),
            // Some file systems know no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let (encoder, path) = (encoder.to_owned(), path.to_owned());
        let mut cache = Cache { path, file, encoder, width: 0, rows: HashMap::new(), numbers: Vec::new(), end: 0 };
        cache.end = cache.read().with_context(|| cache.path.display().to_string())?;
        cache.cut().with_context(failed)?;
        Ok(cache)
    }

    /// Drops what stands behind the last whole record.
    fn cut(&mut self) -> std::io::Result<()> {
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        Ok(())
    }

    /// Reads all whole records; where the last one ends.
    fn read(&mut self) -> Result<u64> {
        let mut reader = BufReader::with_capacity(1 << 20, &self.file);
        let mut line = Vec::new();
        (&mut reader).take(MOST_HEADER).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(0);
        }
        let header: Header = serde_json::from_slice(&line)
            .ok()
            .filter(|header: &Header| header.format == FORMAT)
            .context("it is no file of vectors; delete it, or name another --cache")?;
        if header.encoder != self.encoder {
            bail!("it holds vectors of {}, not of {}; name another --cache", header.encoder, self.encoder);
        }
        ensure!((1..=MOST_WIDTH).contains(&header.width), "vectors of {} numbers are none", header.width);
        self.width = header.width;
        let mut end = line.len() as u64;
        let mut record = vec![0; 32 + 4 * self.width];
        loop {
            match reader.read_exact(&mut record) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(end),
                Err(error) => return Err(error.into()),
            }
            end += record.len() as u64;
            let (name, bytes) = record.split_at(32);
            let mut key = [0; 32];
            key.copy_from_slice(name);
            let from = self.numbers.len();
            self.numbers.extend(bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)));
            ensure!(
                self.numbers[from..].iter().all(|x| x.is_finite()),
                "a number that is not finite ends at byte {end}"
            );
            self.rows.insert(key, from / self.width);
        }
    }

    /// Length of a vector; 0 while there is none.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether there is a vector.
    pub fn has(&self, key: &Hash) -> bool {
        self.rows.contains_key(key)
    }

    /// The vector of a text.
    pub fn vector(&self, key: &Hash) -> Result<&[f32]> {
        let row = *self.rows.get(key).context("a text was not encoded")?;
        Ok(&self.numbers[row * self.width..(row + 1) * self.width])
    }

    /// Adds vectors, brought to length one.
    ///
    /// # Errors
    /// For vectors of another length than those before, with numbers that are not finite, or of nothing but zeros.
    pub fn add(&mut self, texts: &[&str], vectors: &[Vec<f32>]) -> Result<()> {
        ensure!(texts.len() == vectors.len(), "{} vectors came for {} texts", vectors.len(), texts.len());
        let mut bytes = Vec::new();
        for (text, vector) in texts.iter().zip(vectors) {
            let shown: String = text.chars().take(60).collect();
            if self.width == 0 {
                ensure!(
                    (1..=MOST_WIDTH).contains(&vector.len()),
                    "the encoder gave a vector of {} numbers",
                    vector.len()
                );
                self.width = vector.len();
                let header = Header { format: FORMAT.to_owned(), encoder: self.encoder.clone(), width: self.width };
                bytes.extend(serde_json::to_vec(&header)?);
                bytes.push(b'\n');
            }
            if vector.len() != self.width {
                bail!("the encoder gave a vector of {} numbers, and {} before: {shown:?}", vector.len(), self.width);
            }
            let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            if !length.is_finite() || length == 0.0 {
                bail!("the encoder gave a vector that has no length: {shown:?}");
            }
            let key = hash(text);
            if self.has(&key) {
                continue;
            }
            self.rows.insert(key, self.numbers.len() / self.width);
            bytes.extend(key);
            for x in vector {
                let x = (f64::from(*x) / length) as f32;
                self.numbers.push(x);
                bytes.extend(x.to_le_bytes());
            }
        }
        if let Err(error) = self.file.write_all(&bytes) {
            // A full disk takes half a record: another thread must not write behind it.
            let _ = self.cut();
            return Err(error).with_context(|| format!("cannot write {}", self.path.display()));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_at_length_one_and_a_torn_record_is_written_over() -> Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("vectors.bin");
        let mut cache = Cache::open(&path, "an encoder")?;
        cache.add(&["a", "b"], &[vec![3.0, 4.0], vec![0.0, -2.0]])?;
        assert!(Cache::open(&path, "an encoder").is_err_and(|error| error.to_string().contains("in use")));
        drop(cache);
        let whole = std::fs::read(&path)?;
        std::fs::write(&path, &whole[..whole.len() - 3])?;
        let mut cache = Cache::open(&path, "an encoder")?;
        assert_eq!(cache.vector(&hash("a"))?, [0.6, 0.8]);
        assert!(!cache.has(&hash("b")) && cache.vector(&hash("b")).is_err());
        cache.add(&["b"], &[vec![0.0, -2.0]])?;
        drop(cache);
        assert_eq!(std::fs::read(&path)?, whole);
        Ok(())
    }

    #[test]
    fn what_is_no_vector_is_refused() -> Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("vectors.bin");
        let mut cache = Cache::open(&path, "an encoder")?;
        cache.add(&["a"], &[vec![3.0, 4.0]])?;
        for vector in [vec![1.0], vec![f32::NAN, 1.0], vec![f32::INFINITY, 1.0], vec![0.0, 0.0]] {
            assert!(cache.add(&["b"], std::slice::from_ref(&vector)).is_err(), "{vector:?}");
        }
        assert!(cache.add(&["b"], &[]).is_err());
        drop(cache);
        assert!(Cache::open(&path, "another").is_err_and(|error| format!("{error:#}").contains("not of another")));
        let other = home.path().join("notes.txt");
        std::fs::write(&other, "my notes")?;
        assert!(Cache::open(&other, "an encoder").is_err());
        assert_eq!(std::fs::read_to_string(&other)?, "my notes");
        Ok(())
    }
}
