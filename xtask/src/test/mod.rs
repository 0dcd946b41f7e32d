//! `cargo xtask test`: set up what the tests need and run all of them.
//!
//! Native tests run on lavapipe, a software GPU; those whose name contains `gpu_` run again on SwiftShader,
//! the software GPU of the browser: a result counts when both agree. Then the page is built and driven in
//! Chromium, with WebGPU and without. Size, layers and the starter pack are checked last. Everything runs
//! even where something failed, and the closing lines tell it all.

mod runner;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::report::Stopwatch;
use crate::tools::system::{self, SoftwareVulkan};
use crate::{build, pack, size, tidy};
use runner::{Closing, Runner};

/// Options of `test`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask test                        everything, as in CI
  cargo xtask test --native               without browser
  cargo xtask test --gpu                  only tests with `gpu_` in their name, on both software adapters
  cargo xtask test --browser -- search    browser tests whose name contains `search`
  cargo xtask test --update-screenshot    browser tests, and the README's picture

Without a GPU driver: LLADR_TEST_GPU=no cargo xtask test (tests of the GPU show as ignored).
Another driver: VK_ICD_FILENAMES=<its .json> cargo xtask test --gpu.
Another browser: LLADR_CHROME and LLADR_CHROMEDRIVER name its programs.")]
pub struct Args {
    /// Only the native tests
    #[arg(long)]
    native: bool,
    /// Only the tests of the GPU backend, on each software adapter
    #[arg(long)]
    gpu: bool,
    /// Only the browser tests
    #[arg(long)]
    browser: bool,
    /// Run the browser tests and replace docs/screenshot.png
    #[arg(long)]
    update_screenshot: bool,
    /// Passed to the test runner, for example part of a test's name
    #[arg(last = true)]
    runner_args: Vec<String>,
}

/// Run what was asked for: everything, unless parts were named.
pub fn run(args: Args) -> Result<()> {
    let watch = Stopwatch::start();
    let browser = args.browser || args.update_screenshot;
    let is_all = !(args.native || args.gpu || browser);
    let wants_gpu = std::env::var_os("LLADR_TEST_GPU").is_none_or(|value| value != "no");

    // All set-up first: what is missing should be told before minutes of compiling.
    let vulkan = if wants_gpu && (is_all || args.native || args.gpu) { system::vulkan()? } else { None };
    let chromium = if is_all || browser { Some(system::browser()?) } else { None };
    let runner = Runner::find(args.runner_args);

    let mut closing = Closing::default();
    if is_all || args.native {
        closing.add(runner.native(&adapters(vulkan.as_ref())[0]));
        if is_all {
            closing.add(runner.documentation());
        }
    }
    if wants_gpu && (is_all || args.gpu) {
        // The first adapter has run them with the native tests, unless only the GPU was asked for.
        let first = usize::from(is_all);
        for adapter in adapters(vulkan.as_ref()).iter().skip(first) {
            closing.add(runner.gpu(adapter));
        }
    }
    if let Some(chromium) = &chromium {
        match build::run(&build::Args::default()) {
            Ok(_) => closing.add(runner.browser(chromium, args.update_screenshot)),
            Err(error) => closing.check("page", Err(error)),
        }
    }
    if is_all {
        closing.check("size", size::run());
        closing.check("tidy", tidy::run());
        closing.check("starter pack", pack::check());
    }
    let failed = closing.print(&watch);
    if failed > 0 {
        bail!("{failed} failed");
    }
    Ok(())
}

/// A name for a driver, and its file; no file means the driver that the system chooses.
pub struct Adapter {
    name: &'static str,
    driver: Option<PathBuf>,
}

fn adapters(vulkan: Option<&SoftwareVulkan>) -> Vec<Adapter> {
    let chosen = std::env::var_os("VK_ICD_FILENAMES").is_some();
    match vulkan {
        Some(vulkan) if !chosen => {
            let lavapipe = Adapter { name: "lavapipe", driver: Some(vulkan.lavapipe.clone()) };
            let swiftshader = vulkan.swiftshader.clone();
            let swiftshader = swiftshader.map(|driver| Adapter { name: "SwiftShader", driver: Some(driver) });
            std::iter::once(lavapipe).chain(swiftshader).collect()
        }
        _ => vec![Adapter { name: "the system's driver", driver: None }],
    }
}
