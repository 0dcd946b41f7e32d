//! A pack's files: which there are (from `pack.json`), and all of them as buffers.

use js_sys::{Array, ArrayBuffer, JSON};
use serde::Deserialize;
use web_sys::AbortSignal;

use super::fetch;

/// No pack may be larger than this.
const MOST_BYTES: u64 = 512 << 20;

/// What the page reads of a `pack.json`.
#[derive(Debug, Deserialize)]
struct Listing {
    files: Vec<Entry>,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    /// Name inside the folder.
    pub name: String,
    /// Stored bytes.
    pub bytes: f64,
}

/// The files of a pack: names, and one `ArrayBuffer` each, `pack.json` first.
pub struct Files {
    /// Names.
    pub names: Vec<String>,
    /// Buffers.
    pub buffers: Array,
}

/// Fetch the pack `name`, telling bytes received and in all.
///
/// # Errors
/// A sentence for a person.
pub async fn fetch(name: &str, abort: &AbortSignal, mut progress: impl FnMut(f64, f64)) -> Result<Files, String> {
    let folder = format!("packs/{name}/");
    let card = fetch::file(&(folder.clone() + "pack.json"), None, abort, |_| ()).await?;
    let entries = listing(&card)?;
    let total = check(&entries)? as f64;
    let mut received = 0.0;
    progress(received, total);
    let mut files = Files { names: vec!["pack.json".into()], buffers: Array::of1(&card) };
    for entry in entries {
        let address = folder.clone() + &entry.name;
        let buffer = fetch::file(&address, Some(entry.bytes as u32), abort, |bytes| {
            received += bytes;
            progress(received, total);
        })
        .await?;
        files.names.push(entry.name);
        files.buffers.push(&buffer);
    }
    Ok(files)
}

fn listing(card: &ArrayBuffer) -> Result<Vec<Entry>, String> {
    let unreadable = "pack.json cannot be read: it is no JSON with a list of files.";
    let value = JSON::parse(&fetch::text(card)).map_err(|_| unreadable)?;
    let listing: Listing = serde_wasm_bindgen::from_value(value).map_err(|_| unreadable)?;
    Ok(listing.files)
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
            return Err(format!("pack.json gives {} a size that makes no sense, or that is too large.", entry.name));
        }
        total += entry.bytes as u64;
    }
    if total > MOST_BYTES || entries.len() > 64 {
        return Err(format!("the pack is too large for this page: at most {} MB.", MOST_BYTES >> 20));
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
    let Ok(buffer) = fetch::file("packs/index.json", None, abort, |_| ()).await else { return Vec::new() };
    let Ok(value) = JSON::parse(&fetch::text(&buffer)) else { return Vec::new() };
    let index: Index = serde_wasm_bindgen::from_value(value).unwrap_or(Index { packs: Vec::new() });
    index.packs.into_iter().filter(|pack| crate::url::is_pack_name(&pack.name)).map(|p| (p.name, p.title)).collect()
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
