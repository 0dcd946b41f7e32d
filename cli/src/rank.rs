//! `lladr rank`: drugs for a disease, or diseases for a drug, under a pack's model.
//!
//! The same question as on the page, and wider ones: several diseases at once, chosen relations, chosen candidates, the
//! best score of each counting, as DRKG's COVID-19 notebook asks (github.com/gnn4dr/DRKG).

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use lladr_core::graph::{Side, Vocabulary};
use lladr_core::ids::{EntityId, RelationId};
use lladr_core::pack::Pack;
use lladr_core::predict::{LinkStatus, Question, Ranked, rank};
use serde_json::{Value, json};

use crate::output::Output;
use crate::{files, find, folder, import};

/// Candidates that are listed where one is not in the pack.
const SHOWN: usize = 5;

/// Options of the command.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("asked").required(true))]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR", default_value = "public/packs/starter")]
    pack: PathBuf,
    /// Rank drugs for this disease, said by identifier or name; given several times, each drug's best score counts.
    #[arg(long, value_name = "ID|NAME", group = "asked")]
    disease: Vec<String>,
    /// Rank diseases for this drug, said by identifier or name; given several times, each disease's best score counts.
    #[arg(long, value_name = "ID|NAME", group = "asked")]
    drug: Vec<String>,
    /// Score this relation, such as Hetionet::CtD::Compound:Disease, in place of the pack's treatments; several times for
    /// the best of several.
    #[arg(long, value_name = "ID")]
    relation: Vec<String>,
    /// Rank only what this file lists: one identifier a line, in its first column.
    #[arg(long, value_name = "FILE", alias = "drugs")]
    candidates: Option<PathBuf>,
    /// Show predictions only: what the graph states, or holds out, keeps its rank and is left out of the list.
    #[arg(long)]
    predictions: bool,
    /// How many to list; 0 for all.
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// Write the list as a table, with a header.
    #[arg(long, value_name = "FILE")]
    tsv: Option<PathBuf>,
    /// Ask so many times, to measure: the median time is told.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    repeat: u32,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
pub fn run(args: &Args) -> Result<()> {
    let pack = folder::read(&args.pack)?;
    let vocabulary = &pack.graph.vocabulary;
    let roles = pack.graph.roles.as_ref().context("this pack does not say which entities are drugs and diseases")?;
    let none = "this pack brings no model: `lladr train --pack --out` gives it one, or `lladr import-embeddings`";
    let model = pack.model.as_ref().context(none)?;
    let (side, asked, given_kind, kind, noun) = if args.drug.is_empty() {
        (Side::Head, &args.disease, roles.disease, roles.drug, "drug")
    } else {
        (Side::Tail, &args.drug, roles.drug, roles.disease, "disease")
    };
    let given = asked.iter().map(|said| {
        let row = find::entity(vocabulary, said)?;
        let own = vocabulary.entity(row).map(|entity| entity.kind);
        ensure!(own == Some(given_kind), "{said:?} is no {}", vocabulary.type_name(given_kind));
        Ok(row)
    });
    let given = given.collect::<Result<Vec<EntityId>>>()?;
    let relations = relations(vocabulary, &args.relation, &roles.treatments)?;
    let candidates = match &args.candidates {
        None => vocabulary.of_type(kind).to_vec(),
        Some(file) => candidates(vocabulary, file)?,
    };
    let question = Question { side, given: &given, relations: &relations, candidates: &candidates };
    let mut ranked = Vec::new();
    let mut times = Vec::new();
    for _ in 0..args.repeat {
        let started = Instant::now();
        ranked = rank(&pack.graph, model, &question)?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let millis = times[times.len() / 2];

    let protocol = protocol(&pack, &question, noun);
    let is_shown = |row: &&Ranked| !args.predictions || row.status == LinkStatus::Predicted;
    let most = if args.top == 0 { usize::MAX } else { args.top };
    let shown: Vec<&Ranked> = ranked.iter().filter(is_shown).take(most).collect();
    let rows: Vec<[String; 7]> = shown.iter().map(|row| cells(vocabulary, row)).collect();
    let header = ["rank", noun, "name", "status", "percentile", "score", "best with"];
    for line in table(&header, &rows) {
        args.output.say(line);
    }
    args.output.say(format!("\n{protocol}"));
    args.output
        .say("Scores are not probabilities. Predictions are hypotheses for research and teaching, not medical advice.");
    args.output.say(format!(
        "ranked    {} in {millis:.2} ms on one thread{}",
        candidates.len(),
        asked_often(args.repeat)
    ));
    if let Some(path) = &args.tsv {
        let lines = rows.iter().map(|cells| cells.join("\t"));
        let text: String = std::iter::once(header.join("\t")).chain(lines).map(|line| line + "\n").collect();
        files::write_whole(path, text.as_bytes())?;
        args.output.say(format!("written   {}", path.display()));
    }
    args.output.write(&json!({
        "pack": { "title": pack.manifest.title, "hash": pack.hash },
        "model": pack.manifest.model.as_ref().map(|card| json!({ "interaction": model.interaction.name(), "epochs": card.epochs, "origin": card.origin })),
        "given": given.iter().map(|row| id(vocabulary, *row)).collect::<Vec<_>>(),
        "relations": relations.iter().filter_map(|row| vocabulary.relation(*row)).map(|it| &it.id).collect::<Vec<_>>(),
        "protocol": protocol,
        "milliseconds": millis,
        "rows": shown.iter().map(|row| json_row(vocabulary, noun, row)).collect::<Vec<_>>(),
    }))
}

fn asked_often(repeat: u32) -> String {
    if repeat == 1 { String::new() } else { format!(", median of {repeat} times") }
}

fn relations(vocabulary: &Vocabulary, said: &[String], usual: &[RelationId]) -> Result<Vec<RelationId>> {
    if said.is_empty() {
        return Ok(usual.to_vec());
    }
    let row = |id: &String| {
        vocabulary.relation_row(id).ok_or_else(|| {
            let treatments = usual.iter().filter_map(|row| vocabulary.relation(*row)).map(|it| it.id.as_str());
            anyhow!("the pack has no relation {id:?}; its treatments are {}", treatments.collect::<Vec<_>>().join(", "))
        })
    };
    said.iter().map(row).collect()
}

/// Entities that a file lists; those that the pack does not have are told and left out.
fn candidates(vocabulary: &Vocabulary, file: &Path) -> Result<Vec<EntityId>> {
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    import::each_line(file, |line| {
        let Some(id) = line.and_then(|line| line.split('\t').next()).map(str::trim).filter(|id| !id.is_empty()) else {
            return;
        };
        match vocabulary.entity_row(id) {
            Some(row) => rows.push(row),
            None => missing.push(id.to_owned()),
        }
    })?;
    if rows.is_empty() {
        bail!("{} lists no entity of the pack; it begins with {:?}", file.display(), missing.first());
    }
    if !missing.is_empty() {
        let first = missing.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        eprintln!("lladr: {} candidates of {} are not in the pack: {first} …", missing.len(), file.display());
    }
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

/// How the list was made.
fn protocol(pack: &Pack, question: &Question<'_>, noun: &str) -> String {
    let vocabulary = &pack.graph.vocabulary;
    let given: Vec<String> = question.given.iter().map(|row| name(vocabulary, *row)).collect();
    let of = if given.len() == 1 { given[0].clone() } else { format!("{} entities at once", given.len()) };
    let origin = pack.manifest.model.as_ref().map_or(String::new(), |card| match card.origin.as_str() {
        "" => format!(", {} epochs", card.epochs),
        origin => format!("; {origin}"),
    });
    let interaction = pack.model.as_ref().map_or("", |model| model.interaction.label());
    format!(
        "For {of}: {} candidates ({noun}s), each by its best score over {} relations{}; nothing is filtered, known \
         treatments stay in the ranks; equal scores share their mean rank. Model: {interaction}{origin}.",
        question.candidates.len(),
        question.relations.len(),
        if given.len() == 1 { "" } else { " and over the entities" },
    )
}

fn id(vocabulary: &Vocabulary, row: EntityId) -> String {
    vocabulary.entity(row).map_or(String::new(), |entity| entity.id.clone())
}

fn name(vocabulary: &Vocabulary, row: EntityId) -> String {
    vocabulary.entity(row).map_or(String::new(), |entity| entity.label.clone())
}

/// What the graph says, in words.
pub fn status_words(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Known => "known treatment",
        LinkStatus::HeldOut => "held out",
        LinkStatus::Predicted => "predicted",
    }
}

fn cells(vocabulary: &Vocabulary, row: &Ranked) -> [String; 7] {
    [
        row.rank.to_string(),
        id(vocabulary, row.entity),
        name(vocabulary, row.entity),
        status_words(row.status).to_owned(),
        format!("{:.2}", row.percentile),
        row.score.to_string(),
        id(vocabulary, row.best_with),
    ]
}

fn json_row(vocabulary: &Vocabulary, noun: &str, row: &Ranked) -> Value {
    json!({
        "rank": row.rank, noun: id(vocabulary, row.entity), "name": name(vocabulary, row.entity),
        "status": status_words(row.status), "percentile": row.percentile, "score": row.score,
        "best_with": id(vocabulary, row.best_with),
    })
}

/// Columns of even width.
pub fn table<const N: usize>(header: &[&str; N], rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            // Writing into a string does not fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        line.trim_end().to_owned()
    };
    let rows = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(*header)).chain(rows).collect()
}
