//! Files that are written whole or not at all.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// Writes a file beside its place, then moves it there: who reads never sees half of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(failed)?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, bytes).with_context(failed)?;
    std::fs::rename(&part, path).with_context(failed)
}

/// Refuses a file's place that cannot be written to: asked before long work, not after it.
pub fn check_place(path: &Path) -> Result<()> {
    if path == Path::new("-") {
        return Ok(());
    }
    if path.is_dir() {
        bail!("{} is a folder, not a file", path.display());
    }
    match path.parent().filter(|parent| *parent != Path::new("")) {
        Some(parent) => std::fs::create_dir_all(parent).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}
