//! Files below a folder, in an order that does not depend on the file system.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// All files below `path`, sorted; only `path` itself where it is a file, nothing where it does not exist.
pub fn below(path: &Path) -> Result<Vec<PathBuf>> {
    below_except(path, &[])
}

/// As [`below`], without entering folders of these names.
pub fn below_except(path: &Path, skipped: &[&str]) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(if path.is_file() { vec![path.to_path_buf()] } else { Vec::new() });
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("reading {}", path.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| !(path.is_dir() && skipped.iter().any(|name| path.ends_with(name))));
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        found.extend(below_except(&path, skipped)?);
    }
    Ok(found)
}

/// The bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("reading {}", path.display()))
}
