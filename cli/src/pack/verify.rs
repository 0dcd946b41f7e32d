//! `lladr pack verify`: everything that the page checks, and what hosting asks for.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use lladr_core::pack::{
    self, MANIFEST_FILE, MOST_FILE_BYTES, MOST_IN_BROWSER, Manifest, NamedBytes, RANKING, ranking_name, sha256_hex,
};
use lladr_core::session::{Ranking, pack_ranking};
use serde::Serialize;

use super::licences;
use crate::folder;
use crate::output::Output;

/// The page takes no more files.
const MOST_FILES: usize = 1000;
/// A visitor sees an answer after no more than this.
const MOST_FIRST_BYTES: usize = 1_000_000;

/// Options of `lladr pack verify`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the pack.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Do not ask for licences.
    #[arg(long)]
    allow_unlicensed: bool,
    #[command(flatten)]
    output: Output,
}

/// What a pack holds.
#[derive(Debug, Serialize)]
pub struct Found {
    title: String,
    hash: String,
    entities: usize,
    relations: usize,
    triples: [u32; 3],
    has_model: bool,
    files: usize,
    bytes: usize,
    largest_file: usize,
    unpacked_bytes: u64,
    /// `pack.json` and the default disease's ranking: what a visitor waits for.
    first_answer_bytes: Option<usize>,
    rankings: usize,
}

impl Found {
    /// In a line.
    pub fn words(&self) -> String {
        let first = self.first_answer_bytes.map_or("no answer before all has arrived".into(), |bytes| {
            format!("an answer after {} KB", bytes.div_ceil(1000))
        });
        format!(
            "{} entities, {} relations, {} triples; {:.1} MB in {} files, the largest {:.1} MB; {first}; {} rankings; hash {}",
            self.entities,
            self.relations,
            self.triples.iter().sum::<u32>(),
            self.bytes as f64 / 1e6,
            self.files,
            self.largest_file as f64 / 1e6,
            self.rankings,
            self.hash,
        )
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let files = folder::files(&args.folder)?;
    folder::check_place(&args.folder)?;
    let found = self::files(&files)?;
    licences::check(&Manifest::parse(&files[0].1, MOST_IN_BROWSER)?, args.allow_unlicensed)?;
    args.output.say(format!("good      {}: {}", args.folder.display(), found.words()));
    args.output.write(&serde_json::to_value(&found)?)
}

/// Checks the files of a pack.
///
/// # Errors
/// The first thing that is wrong.
pub fn files(files: &[NamedBytes]) -> Result<Found> {
    ensure!(files.len() <= MOST_FILES, "{} files are more than the page takes ({MOST_FILES})", files.len());
    for (name, bytes) in files {
        if bytes.len() as u64 > MOST_FILE_BYTES {
            bail!("{name} is larger than {} MiB: hosts refuse it, and so does a slow line", MOST_FILE_BYTES >> 20);
        }
    }
    let pack = pack::read(files, MOST_IN_BROWSER)?;
    let mut rankings = 0;
    for entry in pack.manifest.files.iter().filter(|entry| entry.name.starts_with(RANKING)) {
        let name = &entry.name;
        let stored = files.iter().find(|(known, _)| known == name);
        let (_, bytes) = stored.with_context(|| format!("{name} is missing"))?;
        ensure!(
            bytes.len() as u64 == entry.bytes && sha256_hex(bytes) == entry.sha256,
            "{name} was altered or damaged"
        );
        let ranking: Ranking = serde_json::from_slice(bytes).with_context(|| format!("{name} is no ranking"))?;
        ensure!(*name == ranking_name(&ranking.disease.id), "{name} is the ranking of {}", ranking.disease.id);
        ensure!(
            ranking == pack_ranking(&pack, ranking.disease.entity, ranking.rows.len())?,
            "{name} is not what the pack's model gives"
        );
        rankings += 1;
    }
    let size = |wanted: &str| files.iter().find(|(name, _)| name == wanted).map(|(_, bytes)| bytes.len());
    let first = pack.manifest.roles.as_ref().and_then(|roles| size(&ranking_name(&roles.default_disease)));
    let first_answer_bytes = first.map(|bytes| bytes + size(MANIFEST_FILE).unwrap_or(0));
    if let Some(bytes) = first_answer_bytes.filter(|bytes| *bytes > MOST_FIRST_BYTES) {
        bail!("an answer would take {bytes} bytes: make fewer or shorter rankings (--top-lists, --rows)");
    }
    Ok(Found {
        title: pack.manifest.title.clone(),
        hash: pack.hash.clone(),
        entities: pack.graph.entity_count(),
        relations: pack.graph.relation_count(),
        triples: pack.manifest.split.triples,
        has_model: pack.model.is_some(),
        files: files.len(),
        bytes: files.iter().map(|(_, bytes)| bytes.len()).sum(),
        largest_file: files.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0),
        unpacked_bytes: pack.manifest.files.iter().map(|entry| entry.unpacked_bytes).sum(),
        first_answer_bytes,
        rankings,
    })
}
