//! `cargo xtask lint`: formatting and clippy, with warnings denied, as in CI.

use anyhow::{Context, Result, bail};

use crate::proc;
use crate::report::step;

/// Each check with its arguments. The core has no threads in a browser, so it is checked there without them.
const CHECKS: [(&str, &[&str]); 4] = [
    ("formatting", &["fmt", "--all", "--check"]),
    (
        "clippy, native",
        &["clippy", "--workspace", "--all-targets", "--features", "lladr-tests/browser", "--", "--deny", "warnings"],
    ),
    (
        "clippy, wasm32: core",
        &[
            "clippy",
            "--package",
            "lladr-core",
            "--no-default-features",
            "--features",
            "gpu",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "--deny",
            "warnings",
        ],
    ),
    (
        "clippy, wasm32: page",
        &["clippy", "--package", "lladr-app", "--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"],
    ),
];

/// Run every check, also after one has failed: a person wants to see all of it.
pub fn run() -> Result<()> {
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if proc::output(proc::cargo().args([probe, "--version"])).is_err() {
            proc::run(proc::command("rustup").args(["component", "add", component]))
                .with_context(|| format!("{component} is missing; install it through rustup or your distribution"))?;
        }
    }
    crate::tools::wasm_target()?;
    let mut failed = Vec::new();
    for (name, arguments) in CHECKS {
        let check = || {
            proc::run(proc::cargo().args(arguments))?;
            Ok("clean".into())
        };
        if step(name, check).is_err() {
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("not clean: {}", failed.join("; "));
    }
    Ok(())
}
