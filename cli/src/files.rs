//! Files that are written whole or not at all.

use std::path::Path;

use anyhow::{Context, Result};

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
