//! `lladr`: the engine on a workstation.
//!
//! Parses the command line and hands over to one module per command. The core does the work; this crate adds files,
//! clocks and progress bars. It is a library so that fuzz targets and tests reach what reads foreign files; nothing
//! else in it is for others.

mod bench;
mod check_starter;
mod describe;
pub mod embeddings;
mod encode;
mod endpoint;
mod evaluate;
mod experiment;
mod explain;
mod export;
mod fetch;
mod files;
mod find;
mod folder;
pub mod import;
mod info;
mod interrupt;
mod layout;
mod measure;
mod names;
mod options;
mod output;
mod pack;
mod pack_starter;
mod progress;
mod rank;
mod rankings;
mod report;
mod source;
mod starter;
mod subgraph;
mod synthesize;
mod train;
mod watched;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Knowledge-graph embeddings for drug repurposing: build packs for LLaDR Explorer, train and measure.
///
/// For research and teaching. Not medical advice: predictions are hypotheses.
#[derive(Parser)]
#[command(name = "lladr", version, arg_required_else_help = true, after_help = output::EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the bundled starter pack from its source tables.
    ///
    /// The same tables give the same bytes on every machine.
    PackStarter(pack_starter::Args),
    /// Compare the starter pack's tables with DRKG's entities and names, and with Hetionet's treatments.
    CheckStarter(check_starter::Args),
    /// Give entities their descriptions, from a language model or a table, and mask what gives answers away.
    Describe(describe::Args),
    /// Turn names and descriptions into text vectors, with a sentence encoder from a folder or on a server.
    Encode(encode::Args),
    /// Make the folder that a page hosts: rounded rows, a map, rankings, licences; `lladr pack verify` checks one.
    Pack(pack::Args),
    /// Join human names and synonyms to a pack, from tables such as DrugBank's vocabulary or `doid.obo`.
    Names(names::Args),
    /// Cut out the part of a pack around some diseases or drugs.
    Subgraph(subgraph::Args),
    /// What a pack's folder holds: counts, sources with licences, model with metrics, texts, map.
    Info(info::Args),
    /// Download a graph as its authors publish it, checked and resumable.
    Fetch(fetch::Args),
    /// Read a graph from its published files into a pack's folder: DRKG, Hetionet, or any table of triples.
    Import(import::Args),
    /// Write a graph of DRKG's shape, of any size, for benchmarks and tests: nothing in it is a fact.
    Synthesize(synthesize::Args),
    /// Give a pack a model that another program trained: DGL-KE, PyKEEN, PyTorch-BigGraph, numpy, word2vec.
    ImportEmbeddings(embeddings::Args),
    /// Write a pack as other programs read it: PyKEEN, DGL-KE, PyTorch-BigGraph, tables, Embedding Projector.
    Export(export::Args),
    /// Train on a benchmark folder, a file of triples or a pack; evaluate; report metrics, time and memory.
    Train(train::Args),
    /// Rank drugs for a disease, or diseases for a drug, under a pack's model.
    Rank(rank::Args),
    /// What stands for and against a drug in a disease: paths, known examples, rivals, harms, degree.
    Explain(explain::Args),
    /// Measure a pack's model: ranks of held-out triples by a protocol, with the degree-only baseline beside it.
    Evaluate(evaluate::Args),
    /// Train a pack's model several times with one thing changed, and compare: mean and 95 % interval over seeds.
    Experiment(experiment::Args),
    /// Measure the speed of training, ranking and prediction on one thread, beside other implementations.
    Bench(bench::Args),
}

/// Reads the command line, does what it says, and tells how it ended.
pub fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::PackStarter(args) => pack_starter::run(&args),
        Command::CheckStarter(args) => check_starter::run(&args),
        Command::Describe(args) => describe::run(&args),
        Command::Encode(args) => encode::run(&args),
        Command::Pack(args) => pack::run(&args),
        Command::Names(args) => names::run(&args),
        Command::Subgraph(args) => subgraph::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Fetch(args) => fetch::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Synthesize(args) => synthesize::run(&args),
        Command::ImportEmbeddings(args) => embeddings::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Rank(args) => rank::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Experiment(args) => experiment::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    output::exit_code(result)
}
