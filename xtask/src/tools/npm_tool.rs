//! Tools that come from npm: `wasm-opt` (Binaryen), which makes the wasm modules smaller and faster, and
//! `esbuild`, which minifies the JavaScript that wasm-bindgen writes.
//!
//! Distributions carry a Binaryen too old for the instructions the compiler emits today.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::version_of;
use crate::proc;
use crate::report::step;

/// A program in an npm package.
pub struct NpmTool {
    /// Name of the program.
    program: &'static str,
    /// Package it comes in, and the version to install.
    package: &'static str,
    version: &'static str,
    /// The oldest version that is taken from the search path: its first two numbers.
    oldest: (u32, u32),
}

/// Binaryen counts whole numbers: `wasm-opt version 132`.
pub const WASM_OPT: NpmTool =
    NpmTool { program: "wasm-opt", package: "binaryen", version: "132.0.0", oldest: (120, 0) };
/// Any version that knows today's JavaScript.
pub const ESBUILD: NpmTool = NpmTool { program: "esbuild", package: "esbuild", version: "0.28.2", oldest: (0, 20) };

impl NpmTool {
    /// Path of the program, after installing it where it is missing.
    pub fn ensure(&self, cache: &Path) -> Result<PathBuf> {
        let mut found = PathBuf::new();
        step(&format!("{} {}", self.program, self.version), || {
            let outcome;
            (found, outcome) = self.find_or_install(cache)?;
            Ok(outcome.into())
        })?;
        Ok(found)
    }

    fn find_or_install(&self, cache: &Path) -> Result<(PathBuf, &'static str)> {
        let &NpmTool { program, package, version, oldest } = self;
        if let Some(path) = proc::find(program)
            && self.is_recent(&path)
        {
            return Ok((path, "on the search path"));
        }
        let folder = cache.join(format!("{package}-{version}"));
        let path = folder.join("node_modules/.bin").join(program);
        if self.is_recent(&path) {
            return Ok((path, "in the cache"));
        }
        if proc::find("npm").is_none() {
            bail!(
                "{program} is missing. Install Node.js with npm (Debian, Ubuntu: `apt-get install nodejs npm`; \
                 Fedora: `dnf install nodejs`; Arch: `pacman -S nodejs npm`; macOS: `brew install node`), \
                 or put {program} {}.{} or newer on the search path, then start again",
                oldest.0,
                oldest.1
            );
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let mut npm = proc::command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&folder);
        proc::run(npm.arg(format!("{package}@{version}"))).with_context(|| {
            format!("could not install {program}. This needs the network, once; {program} on the search path also does")
        })?;
        if !self.is_recent(&path) {
            bail!("{program} was installed but does not run: {}", path.display());
        }
        Ok((path, "installed"))
    }

    fn is_recent(&self, program: &Path) -> bool {
        let version = version_of(program).unwrap_or_default();
        let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map_while(|digits| digits.parse::<u32>().ok());
        numbers.next().is_some_and(|first| (first, numbers.next().unwrap_or(0)) >= self.oldest)
    }
}
