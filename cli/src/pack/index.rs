//! `index.json` beside the packs: what the page offers to open.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files;

#[derive(Serialize, Deserialize)]
struct Index {
    packs: Vec<Listed>,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    name: String,
    title: String,
}

/// Lists a pack in the `index.json` beside its folder, where there is one; `None` where there is none.
///
/// # Errors
/// When the list cannot be read or written.
pub fn add(folder: &Path, title: &str) -> Result<Option<PathBuf>> {
    let place = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else { return Ok(None) };
    let path = parent.join("index.json");
    let Ok(bytes) = std::fs::read(&path) else { return Ok(None) };
    let mut index: Index =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no list of packs", path.display()))?;
    let name = name.to_string_lossy().into_owned();
    let listed = Listed { name: name.clone(), title: title.to_owned() };
    match index.packs.iter_mut().find(|pack| pack.name == name) {
        Some(known) => *known = listed,
        None => index.packs.push(listed),
    }
    files::write_whole(&path, (serde_json::to_string(&index)? + "\n").as_bytes())?;
    Ok(Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_listed_once() -> Result<()> {
        let home = tempfile::tempdir()?;
        let pack = home.path().join("mine");
        std::fs::create_dir(&pack)?;
        assert_eq!(add(&pack, "Mine")?, None, "there is no list");
        let list = home.path().join("index.json");
        std::fs::write(&list, r#"{"packs":[{"name":"starter","title":"Starter"}]}"#)?;
        add(&pack, "Mine")?;
        add(&pack, "Mine, again")?;
        assert_eq!(
            std::fs::read_to_string(&list)?,
            "{\"packs\":[{\"name\":\"starter\",\"title\":\"Starter\"},{\"name\":\"mine\",\"title\":\"Mine, again\"}]}\n"
        );
        std::fs::write(&list, "no JSON")?;
        assert!(add(&pack, "Mine").is_err());
        Ok(())
    }
}
