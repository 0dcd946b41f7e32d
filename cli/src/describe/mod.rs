//! `lladr describe`: a text about each entity, from a language model or from a table.
//!
//! LLaDR (arXiv 2510.12181) anchors the rows of entities in vectors of such texts. A pack holds them by template; the
//! masked ones follow from the good ones, and the card says who wrote them, how many entities of each type have one,
//! and how many held-out answers each template gives away.

mod ask;
mod cache;
mod form;
mod judge;
mod mask;
mod prompt;
mod table;
mod texts;

use std::cmp::Reverse;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use lladr_core::ids::EntityId;
use lladr_core::pack::{Pack, Source};
use lladr_core::settings::Template;
use serde_json::json;

use crate::endpoint::{Endpoint, EndpointArgs};
use crate::output::{Incomplete, Output};
use crate::{folder, progress};
use ask::{Estimate, Item, Outcome};
pub use mask::HeldOut;
use prompt::Sampling;
use texts::{Written, put};
pub use texts::{column, described, present, put_nothing};

/// Prompts and missing texts that are shown.
const SHOWN: usize = 3;
const LISTED: usize = 20;

/// A template that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// Background and uses, as of an expert.
    Original,
    /// A structured record: what it is, background, key features, clinical relevance.
    Good,
}

impl Style {
    fn template(self) -> Template {
        match self {
            Style::Original => Template::Original,
            Style::Good => Template::Good,
        }
    }
}

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR")]
    pack: PathBuf,
    /// Folder to write; the pack itself is replaced where none is named.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Take the texts from this table instead of a language model (TSV, plain or .gz): columns entity, text, source,
    /// licence, via, or id, original, good. Nothing is sent anywhere.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "dry_run", "cache"])]
    from: Option<PathBuf>,
    /// Day on which the table's texts were written, as 2026-11-23.
    #[arg(long, value_name = "DAY", requires = "from")]
    date: Option<String>,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// Name of the language model, as the server calls it.
    #[arg(long, value_name = "NAME", required_unless_present = "from")]
    model: Option<String>,
    /// Template to write; may be given twice.
    #[arg(long = "template", value_name = "TEMPLATE", default_value = "good")]
    templates: Vec<Style>,
    /// Only entities of these types, such as Compound,Disease.
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// Only entities that the template has no text of.
    #[arg(long)]
    missing: bool,
    /// Only so many entities, those with the most training triples.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// File of answers, which a later run goes on from; beside the pack where none is named.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
    /// Answers per text before it is given up, those in the file of answers included.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    attempts: u32,
    /// Longest answer, in tokens.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: u32,
    /// Send the limit as max_completion_tokens, as OpenAI's newer models want it.
    #[arg(long)]
    completion_tokens: bool,
    /// Randomness of the answers, 0 to 2.
    #[arg(long, value_name = "T", default_value_t = 0.7)]
    temperature: f32,
    /// Price of a million tokens of prompts, for the estimate.
    #[arg(long, value_name = "PRICE", requires = "price_out")]
    price_in: Option<f64>,
    /// Price of a million tokens of answers, for the estimate.
    #[arg(long, value_name = "PRICE", requires = "price_in")]
    price_out: Option<f64>,
    /// Only tell what would be asked and what it may cost.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before it starts.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    ensure!((0.0..=2.0).contains(&args.temperature), "--temperature {} is not between 0 and 2", args.temperature);
    let out = args.out.as_ref().unwrap_or(&args.pack);
    folder::check_place(out)?;
    let pack = folder::read(&args.pack)?;
    for kind in &args.types {
        let types = pack.graph.vocabulary.types().join(", ");
        ensure!(pack.graph.vocabulary.type_row(kind).is_some(), "the pack has no type {kind:?}; it has {types}");
    }
    match &args.from {
        Some(path) => from_table(args, pack, path, out),
        None => from_model(args, pack, out),
    }
}

fn templates(args: &Args) -> Vec<Template> {
    let wanted = |template: &Template| args.templates.iter().any(|style| style.template() == *template);
    [Template::Original, Template::Good].into_iter().filter(wanted).collect()
}

/// Entities to describe by a template, those with the most triples first.
fn wanted(args: &Args, pack: &Pack, template: Template) -> Vec<EntityId> {
    let vocabulary = &pack.graph.vocabulary;
    let is_wanted = |row: &EntityId| {
        let kind = vocabulary.entity(*row).map(|entity| vocabulary.type_name(entity.kind));
        let is_of_type = args.types.is_empty() || args.types.iter().any(|wanted| Some(wanted.as_str()) == kind);
        is_of_type && !(args.missing && described(&pack.notes, *row, template).is_some())
    };
    let mut rows: Vec<EntityId> = (0..pack.graph.entity_count() as u32).map(EntityId).filter(is_wanted).collect();
    rows.sort_by_key(|row| (Reverse(pack.graph.degree(*row)), *row));
    rows.truncate(args.limit.unwrap_or(usize::MAX));
    rows
}

fn from_table(args: &Args, mut pack: Pack, path: &Path, out: &Path) -> Result<()> {
    let mut table = table::read(path, &pack.graph.vocabulary, &templates(args))?;
    for template in [Template::Original, Template::Good] {
        let mut is_wanted = vec![false; pack.graph.entity_count()];
        wanted(args, &pack, template).iter().for_each(|row| is_wanted[row.index()] = true);
        table.texts.retain(|(row, of, _)| *of != template || is_wanted[row.index()]);
    }
    let (say, file) = (&args.output, path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    for (way, count) in &table.matched {
        say.say(format_args!("{count:>7} rows found their entity {way}"));
    }
    say.say(format_args!(
        "{:>7} rows name what is not in the pack; {} are about an entity that had one, {} hold no text",
        table.strangers.len(),
        table.repeats,
        table.empty
    ));
    if table.texts.is_empty() {
        let some = table.strangers.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        bail!("{} describes no entity that is wanted; it names {some}", path.display());
    }
    let by = match table.sources.as_slice() {
        [] => format!("whoever wrote {file}"),
        sources => sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let from = format!("None: texts of {by}, in the form \"[entity] is …\".");
    let has = |template: &Template| table.texts.iter().any(|(_, of, _)| of == template);
    let written = [Template::Original, Template::Good].into_iter().filter(has);
    let prompts = written.map(|template| (template, from.clone())).collect();
    let counts = json!({
        "matched": table.matched, "not_in_the_pack": table.strangers.len(), "repeats": table.repeats,
        "empty": table.empty, "texts": table.texts.len(),
    });
    let date = args.date.clone().unwrap_or_default();
    put(&mut pack, Written { texts: table.texts, prompts, by, date, sources: table.sources });
    finish(args, pack, out, counts, &[])
}

fn from_model(args: &Args, mut pack: Pack, out: &Path) -> Result<()> {
    let model = args.model.as_deref().context("--model is missing")?;
    let endpoint = Endpoint::new(&args.endpoint, "chat/completions")?;
    let cache = args.cache.clone().unwrap_or_else(|| beside(out, "answers.jsonl"));
    let templates = templates(args);
    let items: Vec<Item> = (templates.iter())
        .flat_map(|template| wanted(args, &pack, *template).into_iter().map(move |row| (row, *template)))
        .filter_map(|(row, template)| Item::new(&pack.graph, row, template, model))
        .collect();
    let attempts = args.attempts as usize;
    let known = cache::Cache::look(&cache)?;
    let answers = |item: &Item| known.get(&item.key).map_or(&[][..], Vec::as_slice);
    let is_open = |item: &&Item| ask::outcome(&pack.graph, item, answers(item), attempts) == Outcome::Open;
    let estimate = Estimate::of(items.iter().filter(is_open), args.max_tokens);
    let say = &args.output;
    say.say(format_args!(
        "{} texts, {} of them asked already ({})",
        items.len(),
        items.len() - estimate.calls,
        cache.display()
    ));
    say.say(format_args!("{}: {}", endpoint.url(), estimate.words(args.price_in.zip(args.price_out))));
    if args.dry_run {
        for item in items.iter().filter(is_open).take(SHOWN) {
            say.say(format_args!("\n{}", item.prompt));
        }
        return say.write(&json!({
            "texts": items.len(), "requests": estimate.calls, "tokens_in": estimate.tokens_in.round(),
            "tokens_out": estimate.tokens_out.round(),
            "price": args.price_in.zip(args.price_out).map(|(a, b)| estimate.price(a, b)),
        }));
    }
    if estimate.calls > 0 && !args.yes && std::io::stdin().is_terminal() && !confirmed()? {
        bail!("nothing was asked");
    }
    let bar = progress::bar("asking", estimate.calls as u64, "texts");
    let sampling = Sampling {
        model: model.to_owned(),
        temperature: args.temperature,
        max_tokens: args.max_tokens,
        is_completion_limit: args.completion_tokens,
    };
    let threads = usize::from(args.endpoint.concurrency);
    let asked = ask::ask(&pack.graph, &items, (&endpoint, &sampling, threads), (&cache, attempts), &bar)
        .with_context(|| format!("answers so far are in {}; the same command goes on from there", cache.display()))?;
    bar.finish_and_clear();

    let id = |row: EntityId| pack.graph.vocabulary.entity(row).map_or("", |entity| &entity.id).to_owned();
    let (mut texts, mut missing, mut date) = (Vec::new(), Vec::new(), String::new());
    for (at, (item, outcome)) in items.iter().zip(asked.outcomes).enumerate() {
        let what = match outcome {
            Outcome::Text(text, day) => {
                date = date.max(day);
                texts.push((item.entity, item.template, text));
                continue;
            }
            Outcome::Refused(what, count) => format!("{what} ({count} answers)"),
            Outcome::Open => asked.unanswered.get(&at).cloned().unwrap_or_default(),
        };
        missing.push(format!("{}, {}: {what}", id(item.entity), item.template.name()));
    }
    say.say(format_args!(
        "{} requests were answered, with {} tokens of prompts and {} of answers by the server's count",
        asked.calls, asked.usage.prompt_tokens, asked.usage.completion_tokens
    ));
    let counts = json!({
        "texts": texts.len(), "requests": asked.calls, "missing": missing,
        "tokens_in": asked.usage.prompt_tokens, "tokens_out": asked.usage.completion_tokens,
    });
    ensure!(
        !texts.is_empty(),
        "no answer is a description; the first: {}",
        missing.first().map_or("none", String::as_str)
    );
    let written = Written {
        texts,
        prompts: templates.iter().map(|template| (*template, prompt::pattern(*template).to_owned())).collect(),
        by: format!("{model}, a language model"),
        date,
        sources: vec![Source {
            name: model.to_owned(),
            licence: "terms of the model's provider".to_owned(),
            used_for: format!("descriptions, written at temperature {}", args.temperature),
        }],
    };
    put(&mut pack, written);
    finish(args, pack, out, counts, &missing)
}

/// Writes the pack and tells what came of it.
fn finish(args: &Args, pack: Pack, out: &Path, mut counts: serde_json::Value, missing: &[String]) -> Result<()> {
    folder::write(out, pack.manifest.clone(), &pack.contents())?;
    let say = &args.output;
    if let Some(card) = &pack.manifest.texts {
        texts::tell(say, card);
        counts["card"] = texts::value(card);
    }
    say.say(format_args!("{}: the texts are in; `lladr encode` makes their vectors", out.display()));
    for line in missing.iter().take(LISTED) {
        say.say(format_args!("missing: {line}"));
    }
    say.write(&counts)?;
    if missing.is_empty() {
        return Ok(());
    }
    Err(Incomplete(format!("{} texts are missing; their entities stand under their names", missing.len())).into())
}

/// A file beside a folder, since a pack's folder holds nothing else.
pub fn beside(folder: &Path, ending: &str) -> PathBuf {
    // `.` has no name to put something beside.
    let mut place = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).into_os_string();
    place.push(".");
    place.push(ending);
    place.into()
}

fn confirmed() -> Result<bool> {
    eprint!("Go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
