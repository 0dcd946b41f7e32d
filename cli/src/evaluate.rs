//! `lladr evaluate`: what a pack's model is worth, by a protocol that is said beside every number.
//!
//! Without any choice the questions are those that `lladr train` ends with, and the numbers on treatments are those of
//! the pack's card. Any choice of sides, candidates, filter, ties or relations asks one question of its own instead.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use lladr_core::evaluate::{By, CandidateSet, Filter, Protocol, TieRule};
use lladr_core::graph::{KnowledgeGraph, Side, Split, Triple};
use lladr_core::model::Model;
use lladr_core::pack::Pack;
use lladr_core::train::{Checkpoint, model_of};
use serde_json::json;

use crate::options::named;
use crate::output::Output;
use crate::report::{self, Question};
use crate::{find, folder};

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR", default_value = "public/packs/starter")]
    pack: PathBuf,
    /// Evaluate this checkpoint of `lladr train --save` or `--checkpoint` in place of the pack's own model.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Whose triples are asked: valid or test. Without it the test split, where it holds anything.
    #[arg(long, value_parser = named(&SPLITS, Split::name))]
    split: Option<Split>,
    /// Which end of each triple is asked for, given the other: head, tail, both.
    #[arg(long, value_parser = named(&Ends::ALL, Ends::name))]
    side: Option<Ends>,
    /// Who stands against the true answer: all entities, those of its type, or so many of its type drawn at random
    /// (a number that counts the true answer, such as LLaDR's 50).
    #[arg(long, value_name = "all|type|NUMBER")]
    candidates: Option<Candidates>,
    /// Seed of the candidates that are drawn.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Let other answers that are known to be true stand against the true one; usually they are no candidates.
    #[arg(long)]
    unfiltered: bool,
    /// Where the true answer stands among candidates of the same score: realistic (in the middle), optimistic, pessimistic.
    #[arg(long, value_parser = named(&TIES, TieRule::name))]
    ties: Option<TieRule>,
    /// Only triples of this relation, by identifier or pattern such as 'GNBR::*'; `treatments` for those of the pack.
    #[arg(long, value_name = "ID|PATTERN")]
    relation: Vec<String>,
    /// Break the numbers down, too, by one or several of side, relation, category (1-N …), degree (of the true answer), disease.
    #[arg(long, value_delimiter = ',', value_parser = named(&GROUPS, |by: By| group_name(by)))]
    by: Vec<By>,
    #[command(flatten)]
    output: Output,
}

const SPLITS: [Split; 2] = [Split::Valid, Split::Test];
const TIES: [TieRule; 3] = [TieRule::Realistic, TieRule::Optimistic, TieRule::Pessimistic];
const GROUPS: [By; 5] = [By::Side, By::Relation, By::RelationCategory, By::Degree, By::Disease];

fn group_name(by: By) -> &'static str {
    match by {
        By::Side => "side",
        By::Relation => "relation",
        By::RelationCategory => "category",
        By::Degree => "degree",
        By::Disease => "disease",
    }
}

#[derive(Clone, Copy)]
enum Ends {
    Head,
    Tail,
    Both,
}

impl Ends {
    const ALL: [Ends; 3] = [Ends::Head, Ends::Tail, Ends::Both];

    fn name(self) -> &'static str {
        match self {
            Ends::Head => "head",
            Ends::Tail => "tail",
            Ends::Both => "both",
        }
    }
}

#[derive(Clone, Copy)]
enum Candidates {
    All,
    Type,
    Drawn(u32),
}

impl FromStr for Candidates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Candidates::All),
            "type" => Ok(Candidates::Type),
            _ => match text.parse() {
                Ok(count) if count >= 2 => Ok(Candidates::Drawn(count)),
                _ => Err("choose all, type, or a number of candidates from 2 on".to_owned()),
            },
        }
    }
}

/// Runs the command.
#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
pub fn run(args: &Args) -> Result<()> {
    let pack = folder::read(&args.pack)?;
    let graph = &pack.graph;
    let read;
    let model = match (&args.checkpoint, &pack.model) {
        (Some(path), _) => {
            read = of_checkpoint(path, graph)?;
            &read
        }
        (None, Some(model)) => model,
        (None, None) => bail!(
            "this pack brings no model: `lladr train --pack --out` or `lladr import-embeddings` gives it one; --checkpoint \
             evaluates one that is not in a pack"
        ),
    };
    let split = args.split.unwrap_or(match graph.triples(Split::Test) {
        [] => Split::Valid,
        _ => Split::Test,
    });
    let questions = questions(args, graph, split)?;
    let [what, origin] = described(args, &pack);
    args.output.say(format!("model     {what}: {}, {} numbers a row{origin}", model.interaction.label(), model.dim()));
    let started = Instant::now();
    let lines = report::answers(graph, model, &questions);
    let seconds = started.elapsed().as_secs_f64();
    for line in &lines {
        args.output.say(format!("{}\n          {}", line.words(), line.protocol()));
        for &by in &args.by {
            args.output.say(format!("          by {}:", group_name(by)));
            line.groups(graph, by).iter().for_each(|group| args.output.say(group));
        }
    }
    args.output.say(format!("measured  in {seconds:.1} s"));
    args.output.write(&json!({
        "program": concat!("lladr ", env!("CARGO_PKG_VERSION")),
        "pack": { "title": pack.manifest.title, "hash": pack.hash },
        "model": { "from": what, "interaction": model.interaction.name(), "dim": model.dim(), "gamma": model.gamma },
        "split": split.name(),
        "seconds": seconds,
        "evaluations": lines.iter().map(|line| line.json(graph)).collect::<Vec<_>>(),
    }))
}

/// Which model it is, and where it comes from.
fn described(args: &Args, pack: &Pack) -> [String; 2] {
    match (&args.checkpoint, &pack.manifest.model) {
        (Some(path), _) => [path.display().to_string(), String::new()],
        (None, Some(card)) if card.origin.is_empty() => {
            [pack.manifest.title.clone(), format!(", {} epochs", card.epochs)]
        }
        (None, Some(card)) => [pack.manifest.title.clone(), format!("; {}", card.origin)],
        (None, None) => [pack.manifest.title.clone(), String::new()],
    }
}

/// The usual questions, or the one that was chosen.
fn questions(args: &Args, graph: &KnowledgeGraph, split: Split) -> Result<Vec<Question>> {
    let usual = Protocol::filtered(split);
    let triples = triples(args, graph, split)?;
    if triples.is_empty() {
        bail!("the {} split holds no such triple: choose another --split or --relation", split.name());
    }
    let is_usual = args.side.is_none()
        && args.candidates.is_none()
        && !args.unfiltered
        && args.ties.is_none()
        && args.relation.is_empty();
    if is_usual {
        return Ok(report::questions(graph, split));
    }
    let protocol = Protocol {
        side: match args.side.unwrap_or(Ends::Both) {
            Ends::Head => Some(Side::Head),
            Ends::Tail => Some(Side::Tail),
            Ends::Both => None,
        },
        candidates: match args.candidates.unwrap_or(Candidates::All) {
            Candidates::All => CandidateSet::All,
            Candidates::Type => CandidateSet::SameType,
            Candidates::Drawn(count) => CandidateSet::Sampled { count, seed: args.seed },
        },
        filter: if args.unfiltered { Filter::Unfiltered } else { Filter::Filtered },
        ties: args.ties.unwrap_or_default(),
        ..usual
    };
    let words = match args.relation.as_slice() {
        [] => "all triples".to_owned(),
        [one] => one.clone(),
        several => format!("{} relations", several.len()),
    };
    Ok(vec![Question { words, protocol, triples }])
}

fn triples(args: &Args, graph: &KnowledgeGraph, split: Split) -> Result<Vec<Triple>> {
    let mut patterns = Vec::new();
    for said in &args.relation {
        if said == "treatments" {
            let roles = graph.roles.as_ref().ok_or_else(|| anyhow!("the pack does not say what its treatments are"))?;
            let of = roles.treatments.iter().filter_map(|row| graph.vocabulary.relation(*row));
            patterns.extend(of.map(|relation| relation.id.clone()));
        } else {
            patterns.push(said.clone());
        }
    }
    let ids: Vec<&str> = graph.vocabulary.relations().iter().map(|relation| relation.id.as_str()).collect();
    let chosen = find::filter("relation", &ids, &patterns, &[])?;
    let is_chosen = |triple: &&Triple| chosen.as_ref().is_none_or(|rows| rows.contains(&triple.relation));
    Ok(graph.triples(split).iter().filter(is_chosen).copied().collect())
}

/// The model in a checkpoint of a run on this graph.
fn of_checkpoint(path: &Path, graph: &KnowledgeGraph) -> Result<Model> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let Checkpoint { spec, parameters, .. } =
        Checkpoint::parse(&bytes).with_context(|| format!("reading {}", path.display()))?;
    let own = [graph.entity_count(), graph.relation_count()];
    let its = [spec.shape.entities as usize, spec.shape.relations as usize];
    if own != its {
        bail!(
            "{} is of a graph with {} entities and {} relations; the pack has {} and {}",
            path.display(),
            its[0],
            its[1],
            own[0],
            own[1]
        );
    }
    Ok(model_of(&spec, &parameters.rows)?)
}
