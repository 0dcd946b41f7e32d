//! `cargo xtask bench`: training on one core, beside a matrix product and beside wasm, in one run.
//!
//! The wasm runs in headless Chromium, or in Node where there is none. `lladr bench --wasm` takes the same module.

use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::Result;

use crate::proc;

const WASM: &str = "wasm32-unknown-unknown/release/examples/bench_wasm.wasm";

/// Build the wasm twin of the benchmark, then run `cargo bench` on one thread.
pub fn run(args: &[String]) -> Result<()> {
    crate::tools::wasm_target()?;
    let example = ["build", "--release", "-p", "lladr-core", "--no-default-features", "--example", "bench_wasm"];
    proc::run(proc::cargo().args(example).args(["--target", "wasm32-unknown-unknown"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let module = proc::root().join(target).join(WASM);
    println!("wasm module for `lladr bench --wasm`: {}", module.display());
    proc::run(
        proc::cargo()
            .args(["bench", "-p", "lladr-core", "--no-default-features", "--bench", "training"])
            .args(args)
            .env("RAYON_NUM_THREADS", OsStr::new("1"))
            .env("LLADR_BENCH_WASM", module),
    )
}
