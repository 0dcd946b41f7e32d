//! `cargo xtask build`: the page, written to `dist/`.
//!
//! Page and worker are compiled with the profile `web`; Trunk runs wasm-bindgen and wasm-opt on them and
//! writes `dist/`. The build is skipped when neither its inputs nor `dist/` changed since the last one:
//! a stamp in `target/` holds a hash of both.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::report::step;
use crate::tools::PageTools;
use crate::{files, proc, styles, verify};

/// What the page is made of.
const INPUTS: [&str; 9] = [
    "app",
    "core",
    "public",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "rust-toolchain.toml",
];

/// What the page is compiled for.
const TARGET: &str = "wasm32-unknown-unknown";

/// Options of `build`, and of `serve` for its build.
#[derive(clap::Args, Clone)]
pub struct Args {
    /// Where the page will be published: `/name/` or a full address. The default is relative and
    /// works under any path
    #[arg(long, default_value = "./")]
    pub public_url: String,
    /// Build even if nothing changed
    #[arg(long)]
    pub force: bool,
}

impl Default for Args {
    fn default() -> Self {
        Args { public_url: "./".into(), force: false }
    }
}

/// Set up the tools, build, verify; returns the folder of the page.
pub fn run(args: &Args) -> Result<PathBuf> {
    let root = proc::root();
    let dist = root.join("dist");
    let stamp = root.join("target/xtask/page.stamp");
    let inputs = hash(&root, &INPUTS, &args.public_url)?;
    let is_current = || Ok::<_, anyhow::Error>(read(&stamp) == format!("{inputs:x} {:x}", hash(&root, &["dist"], "")?));
    if !args.force && dist.join("index.html").is_file() && is_current()? {
        println!("==> page\n    up to date in dist/");
        return Ok(dist);
    }
    let tools = PageTools::set_up()?;
    step("crates", || {
        // Both: macros are compiled for the machine itself, with what only its kind of system needs.
        proc::run(proc::cargo().args(["fetch", "--quiet", "--locked", "--target", TARGET, "--target", "host-tuple"]))
            .context("could not download the crates; this needs the network, once")?;
        Ok("present".into())
    })?;
    step("page and worker, compiled", || {
        // Trunk compiles them one after the other; asked for together they take both cores.
        let mut cargo = proc::cargo();
        cargo.args(["build", "--package", "lladr-app", "--bins", "--target", TARGET, "--profile", "web", "--offline"]);
        remap_paths(&mut cargo);
        proc::run(&mut cargo).context("the page does not compile; the messages above say where")?;
        Ok("done".into())
    })?;
    step("page, assembled", || {
        let mut trunk = tools.trunk()?;
        trunk.args(["--quiet", "build", "--release", "--offline", "--public-url", &args.public_url]);
        remap_paths(&mut trunk);
        proc::run(&mut trunk).context("the page did not build; the messages above say where")?;
        // Trunk's own minifier does not understand what wasm-bindgen writes.
        let texts: Vec<PathBuf> = files::below(&dist)?
            .into_iter()
            .filter(|path| {
                path.parent() == Some(&dist) && path.extension().is_some_and(|kind| kind == "js" || kind == "css")
            })
            .collect();
        proc::run(&mut tools.minify(&texts, &dist))?;
        styles::join(&dist)?;
        verify::page(&dist)?;
        Ok("built, in dist/".into())
    })?;
    write(&stamp, &format!("{inputs:x} {:x}", hash(&root, &["dist"], "")?))?;
    Ok(dist)
}

/// Panic messages name source files: keep the builder's folders out of the published page. Cargo adds
/// these flags to those of `.cargo/config.toml`, and splits them at spaces.
fn remap_paths(command: &mut Command) {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let folders = sources.into_iter().flatten().flatten().map(|registry| registry.path());
    let flags = folders.map(|folder| format!("--remap-path-prefix={}=crates", folder.display()));
    let flags: Vec<String> = flags.filter(|flag| !flag.contains(char::is_whitespace)).collect();
    // Set for a whole session, RUSTFLAGS would replace the flags of .cargo/config.toml: an engine without SIMD.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "));
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// Hash of names and contents below `root`, and of a further text.
fn hash(root: &Path, names: &[&str], further: &str) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    hasher.write(further.as_bytes());
    for path in names.iter().map(|name| files::below(&root.join(name))).collect::<Result<Vec<_>>>()?.concat() {
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write(&files::read(&path)?);
    }
    Ok(hasher.finish())
}
