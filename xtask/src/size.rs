//! `cargo xtask size`: what a visitor downloads before and besides the data, gzip'd, against a budget.
//!
//! The shell is every HTML, CSS, JavaScript and wasm file of the page. Packs are data and not part of it.
//! The engine is fetched once the ranking that comes with the pack shows; a browser test watches that this is so.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::{files, proc};

/// Bytes of the whole shell.
const TOTAL: usize = 640_000;
/// Bytes of what is needed before the first ranking shows.
const BEFORE_FIRST_RANKING: usize = 250_000;
/// Kinds of files in the shell.
const KINDS: [&str; 4] = ["html", "css", "js", "wasm"];
/// Files of the shell that are fetched later.
const AFTER_FIRST_RANKING: [&str; 3] = ["engine.js", "engine_bg.wasm", "engine_loader.js"];

/// Measure `dist/` and fail above the budget.
pub fn run() -> Result<()> {
    let dist = proc::root().join("dist");
    ensure!(dist.join("index.html").is_file(), "there is no page in dist/; run `cargo xtask build` first");
    let (mut total, mut first) = (0, 0);
    println!("{:>10} {:>10}  file", "bytes", "gzip'd");
    for path in shell(&dist)? {
        let bytes = files::read(&path)?;
        let small = gzip(&bytes)?;
        let name = path.strip_prefix(&dist).unwrap_or(&path).to_string_lossy();
        println!("{:>10} {small:>10}  {name}", bytes.len());
        total += small;
        if !AFTER_FIRST_RANKING.iter().any(|later| name == *later) {
            first += small;
        }
    }
    println!("{:>10} {total:>10}  in total, of {TOTAL}", "");
    println!("{:>10} {first:>10}  before the first ranking, of {BEFORE_FIRST_RANKING}", "");
    if total > TOTAL || first > BEFORE_FIRST_RANKING {
        bail!("the page is larger than its budget");
    }
    Ok(())
}

fn shell(dist: &Path) -> Result<Vec<PathBuf>> {
    let is_shell = |path: &PathBuf| path.extension().is_some_and(|kind| KINDS.iter().any(|shell| kind == *shell));
    Ok(files::below_except(dist, &["packs"])?.into_iter().filter(is_shell).collect())
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
