//! A pack's files: which there are (from `pack.json`), the ranking that is shown first, and all the rest.

use std::cell::Cell;

use js_sys::{Array, ArrayBuffer, JSON};
use lladr_core::session::Ranking;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use web_sys::AbortSignal;

use super::fetch;

/// No pack may have more files than this.
const MOST_FILES: usize = 1000;
/// No pack may be larger than this.
const MOST_BYTES: u64 = 512 << 20;

/// What the page reads of a `pack.json`.
#[derive(Debug, Deserialize)]
struct Listing {
    files: Vec<Entry>,
    #[serde(default)]
    roles: Option<Roles>,
}

/// What the page reads of its roles.
#[derive(Debug, Deserialize)]
struct Roles {
    default_disease: Option<String>,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    /// Name inside the folder.
    pub name: String,
    /// Stored bytes.
    pub bytes: f64,
}

impl Entry {
    /// Whether the engine reads it: a ranking is for the page alone.
    fn is_read(&self) -> bool {
        !self.name.starts_with(lladr_core::pack::RANKING)
    }
}

/// The files of a pack: names, and one `ArrayBuffer` each, `pack.json` first.
pub struct Files {
    /// Names.
    pub names: Vec<String>,
    /// Buffers.
    pub buffers: Array,
}

/// A pack's `pack.json`, and what it says.
pub struct Card {
    name: String,
    buffer: ArrayBuffer,
    entries: Vec<Entry>,
    total: f64,
    /// Identifier of the disease that is shown first.
    pub default_disease: Option<String>,
}

/// Fetch and read a pack's `pack.json`.
///
/// # Errors
/// A sentence for a person.
pub async fn card(name: &str, abort: &AbortSignal) -> Result<Card, String> {
    let buffer = fetch::file(&address(name, "pack.json"), None, abort, &|_| ()).await?;
    let unreadable = "pack.json cannot be read: it is no JSON with a list of files.";
    let listing: Listing = read_json(&buffer).ok_or(unreadable)?;
    let total = check(&listing.files)? as f64;
    let default_disease = listing.roles.and_then(|roles| roles.default_disease);
    Ok(Card { name: name.to_owned(), buffer, entries: listing.files, total, default_disease })
}

/// The ranking that a pack carries for a disease. `None` where it has none, or where it cannot be read: the engine's
/// own will take its place.
pub async fn ranking(card: &Card, disease: &str, abort: &AbortSignal) -> Option<Ranking> {
    let name = lladr_core::pack::ranking_name(disease);
    let entry = card.entries.iter().find(|entry| entry.name == name)?;
    read_json(&fetch::file(&address(&card.name, &name), Some(entry.bytes as u32), abort, &|_| ()).await.ok()?)
}

/// Fetch the files that the engine reads, telling bytes received and in all.
///
/// # Errors
/// A sentence for a person.
pub async fn rest(card: Card, abort: &AbortSignal, progress: &dyn Fn(f64, f64)) -> Result<Files, String> {
    let received = Cell::new(0.0);
    progress(0.0, card.total);
    let mut files = Files { names: vec!["pack.json".into()], buffers: Array::of1(&card.buffer) };
    for entry in card.entries.into_iter().filter(Entry::is_read) {
        let arrived = |bytes| {
            received.set(received.get() + bytes);
            progress(received.get(), card.total);
        };
        let address = address(&card.name, &entry.name);
        let buffer = fetch::file(&address, Some(entry.bytes as u32), abort, &arrived).await?;
        files.names.push(entry.name);
        files.buffers.push(&buffer);
    }
    Ok(files)
}

fn address(pack: &str, file: &str) -> String {
    "packs/".to_owned() + pack + "/" + file
}

fn read_json<T: DeserializeOwned>(buffer: &ArrayBuffer) -> Option<T> {
    serde_wasm_bindgen::from_value(JSON::parse(&fetch::text(buffer)).ok()?).ok()
}

/// The sum of the sizes, if names and sizes make sense.
fn check(entries: &[Entry]) -> Result<u64, String> {
    let mut total: u64 = 0;
    for entry in entries {
        let plain = !entry.name.is_empty()
            && entry.name.len() <= 128
            && !entry.name.starts_with('.')
            && entry.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if !plain {
            return Err("pack.json names a file in a way that is not allowed.".into());
        }
        if !(entry.bytes >= 0.0 && entry.bytes.fract() == 0.0 && entry.bytes <= MOST_BYTES as f64) {
            return Err("pack.json gives ".to_owned()
                + &entry.name
                + " a size that makes no sense, or that is too large.");
        }
        if entry.is_read() {
            total += entry.bytes as u64;
        }
    }
    if total > MOST_BYTES || entries.len() > MOST_FILES {
        return Err("the pack is too large for this page, which takes at most 512 MB.".into());
    }
    Ok(total)
}

/// The packs that `packs/index.json` lists: folder and title. Empty where it cannot be read.
pub async fn index(abort: &AbortSignal) -> Vec<(String, String)> {
    #[derive(Deserialize)]
    struct Index {
        packs: Vec<Listed>,
    }
    #[derive(Deserialize)]
    struct Listed {
        name: String,
        title: String,
    }
    let Ok(buffer) = fetch::file("packs/index.json", None, abort, &|_| ()).await else { return Vec::new() };
    let index: Option<Index> = read_json(&buffer);
    let packs = index.map(|index| index.packs).unwrap_or_default();
    packs.into_iter().filter(|pack| crate::url::is_pack_name(&pack.name)).map(|p| (p.name, p.title)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, bytes: f64) -> Entry {
        Entry { name: name.into(), bytes }
    }

    #[test]
    fn sizes_are_summed() {
        assert_eq!(check(&[entry("a.tsv.gz", 10.0), entry("b_c-1.safetensors", 5.0)]), Ok(15));
        assert_eq!(check(&[]), Ok(0));
    }

    #[test]
    fn strange_listings_are_refused() {
        for bad in ["../x", ".hidden", "a/b", "", "a b", "a?b", "ä"] {
            assert!(check(&[entry(bad, 1.0)]).is_err(), "{bad}");
        }
        for bytes in [-1.0, 0.5, f64::NAN, f64::INFINITY, 6e8] {
            assert!(check(&[entry("a", bytes)]).is_err(), "{bytes}");
        }
        let many: Vec<Entry> = (0..3).map(|_| entry("a", 3e8)).collect();
        assert!(check(&many).is_err());
    }
}
