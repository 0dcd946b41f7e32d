//! The compiler's support for WebAssembly.

use std::path::Path;

use anyhow::{Context, Result};

use crate::proc;

const TARGET: &str = "wasm32-unknown-unknown";

/// Make sure the standard library for wasm32 is there, through rustup where it is not.
pub fn ensure() -> Result<String> {
    let folder = proc::output(proc::command("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok("present".into());
    }
    let words = "install Rust through rustup, or your distribution's package of the Rust standard library for wasm32";
    proc::run(proc::command("rustup").args(["target", "add", TARGET]))
        .with_context(|| format!("the Rust target {TARGET} is missing and could not be added; {words}"))?;
    Ok("added".into())
}
