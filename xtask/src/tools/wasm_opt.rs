//! `wasm-opt` from Binaryen, which makes the wasm modules smaller and faster.
//!
//! Distributions carry old versions that do not know the instructions the compiler emits today, so it
//! comes from npm's `binaryen` package unless the search path has a recent one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::version_of;
use crate::proc;
use crate::report::step;

const VERSION: &str = "132.0.0";
const OLDEST: u32 = 120;

/// Path of the program, after installing it where it is missing.
pub fn ensure(cache: &Path) -> Result<PathBuf> {
    let mut found = PathBuf::new();
    step(&format!("wasm-opt {VERSION}"), || {
        let outcome;
        (found, outcome) = find_or_install(cache)?;
        Ok(outcome.into())
    })?;
    Ok(found)
}

fn find_or_install(cache: &Path) -> Result<(PathBuf, &'static str)> {
    if let Some(path) = proc::find("wasm-opt")
        && is_recent(&path)
    {
        return Ok((path, "on the search path"));
    }
    let folder = cache.join(format!("binaryen-{VERSION}"));
    let program = folder.join("node_modules/.bin/wasm-opt");
    if is_recent(&program) {
        return Ok((program, "in the cache"));
    }
    if proc::find("npm").is_none() {
        bail!(
            "wasm-opt is missing. Install Node.js with npm (Debian, Ubuntu: `apt-get install nodejs npm`; \
             Fedora: `dnf install nodejs`; Arch: `pacman -S nodejs npm`; macOS: `brew install node`), \
             or put Binaryen {OLDEST} or newer on the search path, then start again"
        );
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut npm = proc::command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&folder);
    proc::run(npm.arg(format!("binaryen@{VERSION}")))
        .context("could not install wasm-opt. This needs the network, once; Binaryen on the search path also does")?;
    if !is_recent(&program) {
        bail!("wasm-opt was installed but does not run: {}", program.display());
    }
    Ok((program, "installed"))
}

/// Binaryen counts whole numbers: `wasm-opt version 132`.
fn is_recent(program: &Path) -> bool {
    let version = version_of(program).unwrap_or_default();
    let digits = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse::<u32>().is_ok_and(|number| number >= OLDEST)
}
