//! `lladr synthesize`: a graph of DRKG's shape, of any size, for benchmarks and tests.
//!
//! Types, relations and their counts are DRKG's own, scaled. Within a type, entity `i` of `n` is drawn by `⌊n u²⌋`, `u`
//! uniform: a density that falls as `1/√i`, so that hubs have degrees in the ten thousands, as DRKG's have. In half of
//! the triples the tail is moved into the block of its type that head's block and relation lead to: there is something
//! to learn besides degrees. Triples of a relation are told apart; each entity occurs; the oddities of DRKG (self-loops,
//! repeats, empty identifiers, identifiers that list several) are there in its numbers. The same seed gives the same
//! bytes everywhere. Nothing in it is a fact about a drug.

mod draw;
mod shape;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use crate::output::Output;
use crate::progress;

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// File to write: drkg.tsv, drkg.tsv.gz, or drkg.tar.gz with drkg.tsv inside, as DRKG is published.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How many entities; DRKG has 97,238. Types keep their shares.
    #[arg(long, default_value_t = 97_238)]
    entities: u32,
    /// How many triples; left out, as many for each entity as DRKG has: 60.
    #[arg(long)]
    triples: Option<u32>,
    /// Seed of all draws.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Leave out DRKG's oddities: only rows that an import keeps.
    #[arg(long)]
    clean: bool,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let whole: u32 = shape::RELATIONS.iter().map(|(_, count)| count).sum();
    let entities: u32 = shape::KINDS.iter().map(|kind| kind.count).sum();
    ensure!((200..=20_000_000).contains(&args.entities), "--entities must lie between 200 and 20,000,000");
    let default = f64::from(whole) * f64::from(args.entities) / f64::from(entities);
    let triples = args.triples.map_or(default, f64::from);
    ensure!((1e3..=2e9).contains(&triples), "--triples must lie between 1,000 and 2,000,000,000");
    let scale =
        draw::Scale { entities: f64::from(args.entities) / f64::from(entities), triples: triples / f64::from(whole) };

    let name = args.out.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let parent = args.out.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    ensure!(
        [".tsv", ".tsv.gz", ".tar.gz"].iter().any(|end| name.ends_with(end)),
        "--out must end in .tsv, .tsv.gz or .tar.gz, not {name:?}"
    );
    std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let failed = || format!("cannot write {}", args.out.display());
    let part = args.out.with_file_name(format!("{name}.part"));
    let file = File::create(&part).with_context(failed)?;
    let rows = match () {
        () if name.ends_with(".tar.gz") => packed(file, parent, args, scale)?,
        () if name.ends_with(".gz") => {
            let mut gzip = GzEncoder::new(BufWriter::new(file), Compression::fast());
            let rows = write(&mut gzip, args, scale)?;
            gzip.finish().and_then(|mut file| file.flush()).with_context(failed)?;
            rows
        }
        () => write(file, args, scale)?,
    };
    let bytes = part.metadata().with_context(failed)?.len();
    std::fs::rename(&part, &args.out).with_context(failed)?;
    args.output.say(format!("written   {}: {rows} rows, {:.1} MB", args.out.display(), bytes as f64 / 1e6));
    args.output.write(&json!({ "out": args.out, "rows": rows, "bytes": bytes, "seed": args.seed }))
}

/// A tar archive's entry begins with its size: the table is written beside it first.
fn packed(file: File, beside: &Path, args: &Args, scale: draw::Scale) -> Result<u64> {
    let mut table = tempfile::tempfile_in(beside).context("cannot write beside the archive")?;
    let rows = write(table.try_clone()?, args, scale)?;
    let gzip = GzEncoder::new(BufWriter::new(file), Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    let mut header = tar::Header::new_gnu();
    header.set_size(table.metadata()?.len());
    header.set_mode(0o644);
    std::io::Seek::rewind(&mut table)?;
    archive.append_data(&mut header, "./drkg.tsv", &mut table).context("cannot write the archive")?;
    archive.into_inner()?.finish()?.flush()?;
    Ok(rows)
}

/// Writes head TAB relation TAB tail, no header; gives the number of rows.
fn write(to: impl Write, args: &Args, scale: draw::Scale) -> Result<u64> {
    let mut to = BufWriter::with_capacity(1 << 20, to);
    let plan = draw::Plan::new(scale, args.seed, args.clean);
    let bar = progress::bar("drawing", plan.rows(), "rows");
    let mut rows = 0u64;
    for relation in 0..shape::RELATIONS.len() {
        let count = plan.each(relation, |head, relation, tail| writeln!(to, "{head}\t{relation}\t{tail}"))?;
        rows += count;
        bar.inc(count);
    }
    bar.finish_and_clear();
    to.flush()?;
    Ok(rows)
}
