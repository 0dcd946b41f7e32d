//! `lladr bench`: the project's performance targets, measured here and now beside other implementations.
//!
//! Both sides run on one thread and take turns, so that what else the machine does falls on both; ratios are of CPU
//! time. The work is that of `cargo bench`; the others are the Python programs of `tests/peers`. Nothing is stored:
//! every figure that is printed was measured in this run.

mod machine;
mod ours;
mod peer;
mod race;
mod rows;
mod table;
mod targets;
mod turn;

#[path = "../../../core/benches/work/drugs.rs"]
mod drugs;
#[path = "../../../core/benches/work/ranking.rs"]
mod ranking;
#[path = "../../../core/benches/work/training.rs"]
mod training;
#[path = "../../../core/benches/work/v8.rs"]
mod v8;

use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use serde_json::json;

use crate::files;
use machine::Machine;
use rows::Context;
use targets::Row;
use v8::V8;

/// Options of the command.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  lladr bench                                  our figures, and their share of our own matrix products
  lladr bench T1 E2 --rounds 3                 two rows only
  lladr bench --peers \"$(tests/peers/setup.sh)\" --peers /usr/bin/python3 --json speed.json
  cargo xtask bench                            builds the wasm module that --wasm takes

The peers need Python with torch, T2 PyKEEN too; a Python that cannot run one is noted and left out. Run from the
repository's root, or say --peers-dir. Everything takes about ten minutes on a quiet machine, half of it E1 and T4.")]
pub struct Args {
    /// Rows of the table of targets; all of them when none is named.
    #[arg(value_enum, ignore_case = true)]
    rows: Vec<Row>,
    /// Python that runs the peers; may be given several times, to compare with several installations of torch.
    #[arg(long, value_name = "PYTHON")]
    peers: Vec<PathBuf>,
    /// Folder of the peers' programs.
    #[arg(long, value_name = "DIR", default_value = "tests/peers")]
    peers_dir: PathBuf,
    /// The training benchmark as a wasm module, for T5 and T6; run in headless Chromium, else in Node.
    #[arg(long, value_name = "MODULE")]
    wasm: Option<PathBuf>,
    /// Rounds: in each, every side works for one turn.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// About how long a turn lasts, in CPU seconds; one step at least, and for E1 one ranking of all queries.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Write machine, figures and every turn as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Tiny graphs, to try the command: no figure means anything.
    #[arg(long, hide = true)]
    quick: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    if !(0.001..=600.0).contains(&args.seconds) {
        bail!("--seconds must lie between 0.001 and 600, not {}", args.seconds);
    }
    // One thread for everything that the core does at once; the same bits as with many.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().context("a pool of one thread")?;
    let wasm = args.wasm.as_deref().map(V8::new).transpose().map_err(anyhow::Error::msg)?.map(Rc::new);
    let mut context = Context {
        pythons: args.peers.clone(),
        folder: args.peers_dir.clone(),
        wasm,
        rounds: args.rounds as usize,
        seconds: args.seconds,
        quick: args.quick,
        machine: Machine::look(),
        notes: Vec::new(),
    };
    let named = !args.rows.is_empty();
    let rows = if named { &args.rows[..] } else { Row::value_variants() };
    println!("{}; {} rounds\n", context.machine.words(), args.rounds);
    println!("{}", table::HEAD);
    let (mut outcomes, mut notes) = (Vec::new(), Vec::new());
    for &row in rows {
        let lacks = match row {
            Row::T5 | Row::T6 if context.wasm.is_none() => Some("--wasm"),
            Row::T6 if args.peers.is_empty() => Some("--peers"),
            _ => None,
        };
        if let Some(option) = lacks {
            notes.push(format!("{row:?} was not measured: it needs {option}"));
            continue;
        }
        context.measure(row, &mut |outcome| {
            table::lines(outcome).iter().for_each(|line| println!("{line}"));
            notes.extend(outcome.notes.iter().cloned());
            outcomes.push(outcome.json());
        })?;
    }
    notes.append(&mut context.notes);
    notes.dedup();
    if args.quick {
        notes.push("--quick: tiny graphs; no figure means anything".into());
    }
    println!("\n{}", table::FOOT);
    notes.iter().for_each(|note| println!("- {note}"));
    if let Some(path) = &args.json {
        let whole = json!({
            "machine": context.machine.json(), "rounds": args.rounds, "seconds": args.seconds, "quick": args.quick,
            "outcomes": outcomes, "notes": notes,
        });
        files::write_whole(path, serde_json::to_string_pretty(&whole)?.as_bytes())?;
    }
    Ok(())
}
