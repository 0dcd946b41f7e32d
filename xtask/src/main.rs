//! Developer commands: `cargo xtask <command>`.
//!
//! One file per command. Each command sets up what it needs (see `tools`), says what it does and how
//! long it took, and ends a failure with what to do about it, never with a stack trace.

mod bench;
mod build;
mod curve;
mod files;
mod lint;
mod pack;
mod proc;
mod report;
mod serve;
mod size;
mod styles;
mod test;
mod tidy;
mod tools;
mod verify;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Build, serve and test LLaDR Explorer.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "\
Examples:
  cargo xtask serve --open          set up, build, serve on http://127.0.0.1:8080 and open it
  cargo xtask serve --debug         unoptimised build that follows your edits
  cargo xtask test                  every test: native, GPU on software adapters, browser
  cargo xtask test --native -- graph   native tests whose name contains `graph`
  cargo xtask lint                  formatting and clippy, as in CI

Tools that are missing go to $LLADR_TOOLS, else $XDG_CACHE_HOME/lladr/tools, else ~/.cache/lladr/tools."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up what is missing, build the page and serve it
    Serve(serve::Args),
    /// Write the page to dist/, ready for any static host
    Build(build::Args),
    /// Set up what the tests need and run them
    Test(test::Args),
    /// Check formatting and run clippy, native and wasm32, with warnings denied
    Lint,
    /// Rebuild public/packs/starter from its tables
    Pack(pack::Args),
    /// Time training on one core beside a matrix product and beside wasm; arguments after `--` go to `cargo bench`
    Bench {
        /// Passed to `cargo bench`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// What a graph costs by its size: import, epoch, memory and evaluation of graphs of DRKG's shape
    Curve(curve::Args),
    /// Check the gzip'd size of the built page against its budget
    Size,
    /// Check the layers of the core, file lengths, stray shaders and machine paths
    Tidy,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(args) => serve::run(args),
        Command::Build(args) => build::run(&args).map(|_| ()),
        Command::Test(args) => test::run(args),
        Command::Lint => lint::run(),
        Command::Pack(args) => pack::run(args),
        Command::Bench { args } => bench::run(&args),
        Command::Curve(args) => curve::run(&args),
        Command::Size => size::run(),
        Command::Tidy => tidy::run(),
    }
}
