//! Tools that come as crates: Trunk and the wasm-bindgen command line.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::version_of;
use crate::proc;
use crate::report::step;

/// A crate with a program in it.
pub struct CargoTool {
    /// Name of the crate.
    package: &'static str,
    /// Name of its program, and of its folder in the cache.
    program: &'static str,
    /// Version to install.
    version: String,
    /// A version on the search path fits when it starts with this.
    accepted: String,
    /// Further arguments of `cargo install`.
    options: &'static [&'static str],
    /// How long two cores need, to say before it starts.
    duration: &'static str,
}

impl CargoTool {
    /// Builds the page: `index.html` names the crates and files, Trunk turns them into `dist/`.
    pub fn trunk() -> Self {
        CargoTool {
            package: "trunk",
            program: "trunk",
            version: "0.21.14".into(),
            accepted: "0.21.".into(),
            // Trunk downloads nothing here, so the smallest TLS choice compiles fastest.
            options: &["--locked", "--no-default-features", "--features", "rustls"],
            duration: "5 minutes",
        }
    }

    /// Writes the JavaScript side of the wasm modules; must match the library's version exactly.
    pub fn wasm_bindgen(version: &str) -> Self {
        CargoTool {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version: version.into(),
            accepted: version.into(),
            // Its own lock file may name a version that was withdrawn since, so it is not used.
            options: &[],
            duration: "2 minutes",
        }
    }

    /// Path of the program, after installing it where it is missing.
    pub fn ensure(&self, cache: &Path) -> Result<PathBuf> {
        let mut found = PathBuf::new();
        step(&format!("{} {}", self.program, self.version), || {
            let outcome;
            (found, outcome) = self.find_or_install(cache)?;
            Ok(outcome)
        })?;
        Ok(found)
    }

    fn find_or_install(&self, cache: &Path) -> Result<(PathBuf, String)> {
        if let Some(path) = proc::find(self.program)
            && version_of(&path).is_some_and(|version| version.starts_with(&self.accepted))
        {
            return Ok((path, "on the search path".into()));
        }
        let folder = cache.join(format!("{}-{}", self.program, self.version));
        let program = folder.join("bin").join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX));
        if version_of(&program).is_some() {
            return Ok((program, "in the cache".into()));
        }
        println!("    installing, about {} on two cores, once", self.duration);
        self.install(cache, &folder)?;
        if version_of(&program).is_none() {
            bail!("{} was installed but does not run: {}", self.program, program.display());
        }
        Ok((program, "installed".into()))
    }

    fn install(&self, cache: &Path, folder: &Path) -> Result<()> {
        // Shared by the tools, so that crates both need are compiled once.
        let scratch = cache.join("build");
        std::fs::create_dir_all(&scratch).with_context(|| format!("creating {}", scratch.display()))?;
        let mut cargo = proc::cargo();
        cargo.args(["install", self.package, "--version", &self.version, "--debug", "--force", "--quiet"]);
        cargo.args(self.options).arg("--root").arg(folder).arg("--target-dir").arg(&scratch);
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
        proc::run(&mut cargo).map_err(|_| {
            let by_hand = [&["cargo", "install", self.package, "--version", &self.version], self.options].concat();
            anyhow!(
                "could not install {} {}; the messages above say why. It needs the network and a C compiler, once. \
                 To do it by hand: `{}`, then start again",
                self.package,
                self.version,
                by_hand.join(" ")
            )
        })
    }
}
