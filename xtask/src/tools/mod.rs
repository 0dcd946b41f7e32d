//! Tools that are not part of a Rust installation: found on the search path, in the cache, or installed.
//!
//! The cache lies outside `target/`, one folder per tool and version, so a fresh clone does not build
//! them again. A tool on the search path is used when its version fits. Helpers are compiled without
//! optimisation: compiling them well would cost minutes and save seconds.

mod cargo_tool;
mod npm_tool;
pub mod system;
mod wasm_target;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::proc;
use crate::report::step;
use cargo_tool::CargoTool;

/// What building the page takes, ready to use.
pub struct PageTools {
    /// The Trunk program.
    pub trunk: PathBuf,
    /// The minifier.
    esbuild: PathBuf,
    /// Folders to put first on the search path, where Trunk looks for its helpers.
    folders: Vec<PathBuf>,
}

impl PageTools {
    /// Find or install everything; each step says what it does and how long it took.
    pub fn set_up() -> Result<Self> {
        let cache = cache()?;
        wasm_target()?;
        let wasm_bindgen = CargoTool::wasm_bindgen(&locked_version("wasm-bindgen")?).ensure(&cache)?;
        let trunk = CargoTool::trunk().ensure(&cache)?;
        let wasm_opt = npm_tool::WASM_OPT.ensure(&cache)?;
        let esbuild = npm_tool::ESBUILD.ensure(&cache)?;
        let folder = |tool: &PathBuf| tool.parent().map(Path::to_path_buf);
        Ok(PageTools { folders: [&wasm_bindgen, &wasm_opt].into_iter().filter_map(folder).collect(), trunk, esbuild })
    }

    /// A command that minifies scripts and styles in `folder`, in place.
    pub fn minify(&self, texts: &[PathBuf], folder: &Path) -> Command {
        let mut command = proc::command(&self.esbuild);
        command.args(["--minify", "--allow-overwrite", "--log-level=warning"]).args(texts);
        command.arg(format!("--outdir={}", folder.display()));
        command
    }

    /// A Trunk command that finds these tools.
    pub fn trunk(&self) -> Result<Command> {
        let mut command = proc::command(&self.trunk);
        command.env("PATH", path_with(&self.folders)?).env("TRUNK_SKIP_VERSION_CHECK", "true");
        // Trunk's errors carry its own stack trace otherwise.
        command.env("RUST_BACKTRACE", "0");
        if std::env::var_os("NO_COLOR").is_some() {
            // Trunk 0.21 reads this variable as a boolean and refuses the usual `1`.
            command.env("NO_COLOR", "true");
        }
        Ok(command)
    }
}

/// Make sure the compiler can build for the browser.
pub fn wasm_target() -> Result<()> {
    step("Rust target wasm32-unknown-unknown", wasm_target::ensure)
}

/// Folder of the tool cache.
pub fn cache() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("LLADR_TOOLS") {
        return Ok(folder);
    }
    let base = set("XDG_CACHE_HOME").or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    Ok(base.ok_or_else(|| anyhow!("no home folder; set LLADR_TOOLS to a folder for tools"))?.join("lladr/tools"))
}

/// Version of a package in `Cargo.lock`.
fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(proc::root().join("Cargo.lock")).context("reading Cargo.lock")?;
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split_once('"')).map(|(version, _)| version);
    version.map(str::to_owned).ok_or_else(|| anyhow!("Cargo.lock names no version of {package}"))
}

/// The number in the first line a program prints for `--version`, for example `0.21.14`.
fn version_of(program: &Path) -> Option<String> {
    let text = proc::output(Command::new(program).arg("--version")).ok()?;
    let first = text.lines().next()?;
    first.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}

fn path_with(folders: &[PathBuf]) -> Result<OsString> {
    let present = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(std::env::split_paths(&present));
    std::env::join_paths(all).context("the search path has an entry that cannot be passed on")
}
