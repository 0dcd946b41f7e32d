//! A pack's folder on disk: read whole, and written whole or not at all.
//!
//! Between commands a graph lives in the same form as the page loads it: each command takes a pack's folder and
//! writes one. A new folder is made beside its place and then moved there; an old one is exchanged in one step where
//! the system can (Linux), so that who reads never sees half of it and a killed process leaves the old one. What it
//! leaves beside it, a folder `.lladr-…`, is put away by the next process that writes there.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lladr_core::pack::{self, Contents, Manifest, NamedBytes, Pack, Storage};
use tempfile::TempDir;

/// What the names of folders begin with in which packs are made.
const BESIDE: &str = ".lladr-";
/// Name of the file there that is locked while its process lives.
const LOCK: &str = "lock";
/// Names there of the new pack and, where two renames are needed, of the one it replaces.
const MADE: &str = "pack";
const OLD: &str = "old";
/// So often a folder is made anew that another process took for a left one.
const TRIES: u32 = 10;

/// Reads a pack's folder.
pub fn read(folder: &Path) -> Result<Pack> {
    pack::read(&files(folder)?, pack::MOST_ON_WORKSTATION)
        .with_context(|| format!("cannot read the pack in {}", folder.display()))
}

/// The files of a pack as they lie in its folder, `pack.json` first.
pub fn files(folder: &Path) -> Result<Vec<NamedBytes>> {
    // One byte more than there should be tells that a file is not the one that was listed.
    let read = |name: &str, size: u64| -> Result<NamedBytes> {
        let path = folder.join(name);
        let bytes = File::open(&path).and_then(|file| {
            let mut bytes = Vec::with_capacity(file.metadata()?.len().min(size) as usize + 1);
            file.take(size.saturating_add(1)).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        Ok((name.to_owned(), bytes.with_context(|| format!("cannot read {}", path.display()))?))
    };
    let mut files = vec![read(pack::MANIFEST_FILE, pack::MOST_MANIFEST_BYTES as u64)?];
    let broken = || format!("cannot read the pack in {}", folder.display());
    let manifest = Manifest::parse(&files[0].1, pack::MOST_ON_WORKSTATION).with_context(broken)?;
    for entry in &manifest.files {
        files.push(read(&entry.name, entry.bytes)?);
    }
    Ok(files)
}

/// Writes a pack as commands hand it on: exact, quickly compressed.
pub fn write(folder: &Path, manifest: Manifest, contents: &Contents<'_>) -> Result<()> {
    write_files(folder, &pack::write(manifest, contents, Storage::WORK)?)
}

/// Writes the files of a pack, replacing the pack that was there.
///
/// # Errors
/// When the place holds something that is no pack, or files that no pack brings: nothing is deleted that was not made
/// by this program.
pub fn write_files(folder: &Path, files: &[NamedBytes]) -> Result<()> {
    check_place(folder)?;
    let failed = || format!("cannot write {}", folder.display());
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).with_context(failed)?;
    put_away_left(&parent);
    // Dropped with all that is in it, whether it holds the unfinished new folder or the old one.
    let (beside, _lock) = beside(&parent).with_context(failed)?;
    let made = beside.path().join(MADE);
    std::fs::create_dir(&made).with_context(failed)?;
    for (name, bytes) in files {
        std::fs::write(made.join(name), bytes).with_context(failed)?;
    }
    if folder.exists() {
        exchange(&made, folder, &beside.path().join(OLD)).with_context(failed)
    } else {
        std::fs::rename(&made, folder).with_context(failed)
    }
}

/// A new folder to work in, and a file in it that is locked while this process lives.
fn beside(parent: &Path) -> std::io::Result<(TempDir, File)> {
    let again = std::io::Error::new(ErrorKind::ResourceBusy, "others put away what is made here");
    for _ in 0..TRIES {
        let folder = tempfile::Builder::new().prefix(BESIDE).tempdir_in(parent)?;
        let path = folder.path().join(LOCK);
        match File::create(&path) {
            // Another process may have found the folder before it was locked, and put it away.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(file) => match file.try_lock() {
                Err(TryLockError::WouldBlock) => {}
                _ if !path.exists() => {}
                // Some file systems know no locks; then nothing is put away there.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok((folder, file)),
            },
        }
    }
    Err(again)
}

/// Removes what killed processes left in a folder.
fn put_away_left(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let folder = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(BESIDE) {
            continue;
        }
        let has = |name: &str| folder.join(name).exists();
        // With both, a process died between two renames, and the old pack has no other place.
        let is_only_copy = || has(MADE) && has(OLD);
        // What cannot be removed does no harm.
        let _ = match File::open(folder.join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() && !is_only_copy() => std::fs::remove_dir_all(&folder),
            Ok(_) => Ok(()),
            // It died while it removed the rest. A living one has its lock before it makes anything.
            Err(_) if (has(MADE) || has(OLD)) && !is_only_copy() && !has(LOCK) => std::fs::remove_dir_all(&folder),
            // It died before it had a lock. Succeeds for an empty folder only.
            Err(_) => std::fs::remove_dir(&folder),
        };
    }
}

/// Refuses a place that holds something else than a pack: asked before long work, not after it.
pub fn check_place(folder: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        if folder.exists() {
            bail!("{} is no folder", folder.display());
        }
        return Ok(());
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    if names.is_empty() {
        return Ok(());
    }
    let place = folder.display();
    let bytes = std::fs::read(folder.join(pack::MANIFEST_FILE)).ok();
    let manifest = bytes.and_then(|bytes| Manifest::parse(&bytes, u64::MAX).ok());
    let Some(manifest) = manifest else {
        bail!("{place} holds files and is no pack: choose another place, or empty it");
    };
    let is_own = |name: &&String| {
        name.as_str() == pack::MANIFEST_FILE || manifest.files.iter().any(|entry| entry.name == **name)
    };
    match names.iter().find(|name| !is_own(name)) {
        Some(stranger) => bail!("{place} holds {stranger}, which is not of its pack: move it, or choose another place"),
        None => Ok(()),
    }
}

/// Puts `made` where `place` is; what was there ends at `old`'s place or at `made`'s.
fn exchange(made: &Path, place: &Path, old: &Path) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, made, CWD, place, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    std::fs::rename(place, old)?;
    std::fs::rename(made, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_replaces_a_pack_and_nothing_else() -> Result<()> {
        let home = tempfile::tempdir()?;
        let place = home.path().join("deep/pack");
        let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
        let files = files(&bundled)?;
        for _ in 0..2 {
            write_files(&place, &files)?;
            assert_eq!(read(&place)?.hash, read(&bundled)?.hash);
        }
        let left = std::fs::read_dir(home.path().join("deep"))?.count();
        assert_eq!(left, 1, "nothing stays beside it");
        std::fs::write(place.join("notes.txt"), "mine")?;
        assert!(write_files(&place, &files).is_err_and(|error| error.to_string().contains("notes.txt")));
        let other = home.path().join("other");
        std::fs::create_dir(&other)?;
        write_files(&other, &files)?;
        std::fs::write(home.path().join("file"), "")?;
        assert!(write_files(&home.path().join("file"), &files).is_err());
        assert!(write_files(home.path(), &files).is_err_and(|error| error.to_string().contains("is no pack")));
        Ok(())
    }
}
