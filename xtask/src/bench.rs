//! `cargo xtask bench`: training on one core, beside a matrix product and beside wasm, in one run.

use std::ffi::OsStr;

use anyhow::Result;

use crate::proc;

const WASM: &str = "target/wasm32-unknown-unknown/release/examples/bench_wasm.wasm";

/// Build the wasm twin of the benchmark, then run `cargo bench` on one thread.
pub fn run(args: &[String]) -> Result<()> {
    crate::tools::wasm_target()?;
    let example = ["build", "--release", "-p", "lladr-core", "--no-default-features", "--example", "bench_wasm"];
    proc::run(proc::cargo().args(example).args(["--target", "wasm32-unknown-unknown"]))?;
    proc::run(
        proc::cargo()
            .args(["bench", "-p", "lladr-core", "--no-default-features", "--bench", "training"])
            .args(args)
            .env("RAYON_NUM_THREADS", OsStr::new("1"))
            .env("LLADR_BENCH_WASM", proc::root().join(WASM)),
    )
}
