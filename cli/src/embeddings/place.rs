//! Foreign rows in a pack: matched by name, reported where they do not match, measured with the warning that belongs.
//!
//! An entity without a row cannot be scored. By default the pack is cut to what has rows; it can be refused instead,
//! or be given a row of zeros. Rows of names that the pack does not have are left out and counted.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use lladr_core::backend::Parameters;
use lladr_core::graph::{KnowledgeGraph, Selection, Split};
use lladr_core::ids::{EntityId, RelationId, TypeId};
use lladr_core::model::{Arithmetic, Model};
use lladr_core::pack::{ModelCard, Pack};
use lladr_core::settings::Settings;
use lladr_core::train::{Checkpoint, run_data, run_spec};
use serde::Serialize;
use serde_json::json;

use super::foreign::{Foreign, Rows};
use crate::measure::measure_as;
use crate::options::named;
use crate::output::Output;
use crate::{files, folder};

/// Names shown of those that do not match.
const EXAMPLES: usize = 5;
/// Said in the protocol of every metric of rows that may have been trained on what they are asked.
const SEEN: &str = "the rows may have been trained on these very triples, so this is no test";

/// Where rows go.
#[derive(clap::Args)]
pub struct Into {
    /// Folder of the pack whose entities and relations get the rows.
    #[arg(long, value_name = "DIR")]
    pub pack: PathBuf,
    /// Folder to write; without it the pack itself is replaced.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What becomes of entities and relations of the pack that have no row: drop (the pack is cut to those that have),
    /// zero (a row of zeros), refuse.
    #[arg(long, default_value = "drop", value_parser = named(&Missing::ALL, Missing::name))]
    pub missing: Missing,
    /// The rows were trained without this pack's validation and test triples. Unless this is said, the pack's card
    /// warns that its metrics may be of triples the rows were trained on.
    #[arg(long)]
    pub test_unseen: bool,
    /// Where the rows come from, in a sentence, for the pack's card.
    #[arg(long, value_name = "TEXT")]
    pub origin: Option<String>,
    /// Also write the rows of a model as a checkpoint, to go on training from: lladr train --initial FILE, with the
    /// same --model, --dim and --gamma.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

impl Into {
    /// The folder to write.
    pub fn place(&self) -> &PathBuf {
        self.out.as_ref().unwrap_or(&self.pack)
    }
}

/// What becomes of an entity without a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It leaves the pack.
    Drop,
    /// It gets zeros.
    Zero,
    /// The pack is refused.
    Refuse,
}

impl Missing {
    /// All of them.
    pub const ALL: [Missing; 3] = [Missing::Drop, Missing::Zero, Missing::Refuse];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Missing::Drop => "drop",
            Missing::Zero => "zero",
            Missing::Refuse => "refuse",
        }
    }
}

/// Names on both sides, counted.
#[derive(Debug, Serialize)]
pub struct Matched {
    /// Names that have a row and stand in the pack.
    pub matched: usize,
    /// Names of the pack without a row.
    pub missing: usize,
    /// The first of them.
    pub missing_examples: Vec<String>,
    /// Rows whose name the pack does not have.
    pub unused: usize,
    /// The first of them.
    pub unused_examples: Vec<String>,
    /// Place of each name's row.
    #[serde(skip)]
    pub places: Vec<Option<usize>>,
}

impl Matched {
    /// Looks the names of a pack up among those of rows.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, rows: &Rows) -> Matched {
        let by_name: HashMap<&str, usize> = rows.names.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        let mut is_used = vec![false; rows.numbers.len() / rows.width.max(1)];
        let (mut places, mut missing) = (Vec::new(), Vec::new());
        for name in names {
            let place = by_name.get(name).copied();
            match place {
                Some(at) => is_used[at] = true,
                None => missing.push(name.to_owned()),
            }
            places.push(place);
        }
        let unused: Vec<String> =
            rows.names.iter().filter(|(_, at)| !is_used[*at]).map(|(name, _)| name.clone()).collect();
        let (missing_count, unused_count) = (missing.len(), unused.len());
        missing.truncate(EXAMPLES);
        Matched {
            matched: places.len() - missing_count,
            missing: missing_count,
            missing_examples: missing,
            unused: unused_count,
            unused_examples: unused.into_iter().take(EXAMPLES).collect(),
            places,
        }
    }

    /// In lines, for things called `what`.
    pub fn words(&self, what: &str) -> Vec<String> {
        let shown = |count: usize, examples: &[String]| {
            let more = if count > examples.len() { ", …" } else { "" };
            format!("{}{more}", examples.join(", "))
        };
        let mut lines = vec![format!("matched   {} {what}", self.matched)];
        if self.missing > 0 {
            let names = shown(self.missing, &self.missing_examples);
            lines.push(format!("missing   {} {what} of the pack have no row: {names}", self.missing));
        }
        if self.unused > 0 {
            let names = shown(self.unused, &self.unused_examples);
            lines.push(format!(
                "unused    {} rows of {what} have a name that the pack does not have: {names}",
                self.unused
            ));
        }
        lines
    }
}

/// Entities without a row, by type.
pub fn missing_by_type(graph: &KnowledgeGraph, places: &[Option<usize>]) -> Vec<(String, usize)> {
    let missing = |kind| graph.vocabulary.of_type(kind).iter().filter(|row| places[row.index()].is_none()).count();
    let types = (0..).map(TypeId).zip(graph.vocabulary.types());
    types.map(|(kind, name)| (name.clone(), missing(kind))).filter(|(_, count)| *count > 0).collect()
}

/// Reads rows, once it is sure that they can be placed, and writes the pack with them.
pub fn run(into: &Into, read: impl FnOnce() -> Result<Foreign>) -> Result<()> {
    folder::check_place(into.place())?;
    let say = |line: String| into.output.say(line);
    let mut pack = folder::read(&into.pack)?;
    let foreign = read()?;
    let settings = settings(&foreign)?;
    say(format!(
        "read      {} rows of entities and {} of relations, {} numbers each; {}{}",
        foreign.entities.names.len(),
        foreign.relations.names.len(),
        foreign.entities.width,
        foreign.interaction.label(),
        if settings.interaction.similarity() == lladr_core::model::Similarity::Dot {
            String::new()
        } else {
            format!(", gamma {}", foreign.gamma)
        }
    ));

    let graph = &pack.graph;
    let entities = Matched::new(graph.vocabulary.entities().iter().map(|it| it.id.as_str()), &foreign.entities);
    let relations = Matched::new(graph.vocabulary.relations().iter().map(|it| it.id.as_str()), &foreign.relations);
    let by_type = missing_by_type(graph, &entities.places);
    entities.words("entities").into_iter().for_each(say);
    by_type.iter().for_each(|(name, count)| say(format!("          {count} of {name}")));
    relations.words("relations").into_iter().for_each(say);
    if entities.matched == 0 || relations.matched == 0 {
        bail!("nothing of the pack has a row: are these the rows of another graph, or its names of another form?");
    }
    if entities.missing + relations.missing > 0 && into.missing == Missing::Refuse {
        bail!(
            "{} entities and {} relations have no row (--missing drop leaves them out, --missing zero gives them zeros)",
            entities.missing,
            relations.missing
        );
    }

    // What was measured on, or laid out by, another model goes.
    (pack.model, pack.manifest.model) = (None, None);
    (pack.layout, pack.manifest.layout) = (None, None);
    let before = triple_count(&pack.graph);
    let kept = |places: &[Option<usize>]| -> Vec<u32> {
        (0..)
            .zip(places)
            .filter(|(_, place)| place.is_some() || into.missing == Missing::Zero)
            .map(|(at, _)| at)
            .collect()
    };
    let (kept_entities, kept_relations) = (kept(&entities.places), kept(&relations.places));
    let rows = rows_of(&foreign, [(&entities, &kept_entities), (&relations, &kept_relations)]);
    if into.missing == Missing::Drop && entities.missing + relations.missing > 0 {
        pack = cut(&pack, &kept_entities, &kept_relations)?;
        say(format!("cut       to what has rows: {} of {before} triples stay", triple_count(&pack.graph)));
    }
    let model = Model::new(
        foreign.interaction,
        foreign.gamma,
        kept_entities.len(),
        kept_relations.len(),
        foreign.entities.width,
        rows,
    )?;

    let who = format!("imported rows of {}", foreign.interaction.label());
    let mut metrics = measure_as(&pack.graph, &model, &who, Arithmetic::Fast);
    let mut origin = foreign.origin.clone();
    if let Some(text) = &into.origin {
        origin = format!("{} {origin}", text.trim());
    }
    if !into.test_unseen {
        for line in metrics.iter_mut().filter(|line| line.protocol.starts_with(&who)) {
            line.protocol += &format!("; {SEEN}");
        }
        origin += " They may have been trained on every triple of this graph, held-out ones too: metrics on those are \
                   leaked, and no test.";
    }
    if into.missing == Missing::Zero && entities.missing + relations.missing > 0 {
        origin +=
            &format!(" {} entities and {} relations had no row and have zeros.", entities.missing, relations.missing);
    }
    origin += " Of its settings, scoring function, dimension and gamma are known.";
    for line in &metrics {
        say(format!("{:<20} {:>8}  {}", line.name, line.value, line.protocol));
    }
    if let Some(path) = &into.save {
        files::write_whole(path, &checkpoint(&pack.graph, &settings, &model, &origin)?.to_bytes()?)?;
    }
    pack.manifest.model = Some(ModelCard { settings, epochs: 0, metrics, origin });
    pack.model = Some(model);
    folder::write(into.place(), pack.manifest.clone(), &pack.contents())?;
    say(format!("written   {}", into.place().display()));
    into.output.write(&json!({
        "out": into.place(), "model": foreign.interaction.name(), "gamma": foreign.gamma, "dim": foreign.entities.width,
        "entities": entities, "relations": relations, "missing_by_type": by_type, "missing": into.missing.name(),
        "triples": { "before": before, "after": triple_count(&pack.graph) }, "card": pack.manifest.model,
    }))
}

/// The settings that training would go on with: refused where it could not.
fn settings(foreign: &Foreign) -> Result<Settings> {
    let usual = Settings::for_interaction(foreign.interaction);
    let settings = Settings { dim: foreign.entities.width as u32, gamma: foreign.gamma, ..usual };
    settings.check()?;
    Ok(settings)
}

/// A run that has not made a step yet, and starts from these rows, which come from `origin`.
fn checkpoint(graph: &KnowledgeGraph, settings: &Settings, model: &Model, origin: &str) -> Result<Checkpoint> {
    let spec = run_spec(graph, settings);
    let data = run_data(graph, &spec, None, None)?;
    let parameters = Parameters::from_rows(&spec, &data, model.rows().to_vec());
    Ok(Checkpoint { spec, step: 0, parameters, best: None, origin: origin.to_owned() })
}

fn triple_count(graph: &KnowledgeGraph) -> usize {
    Split::ALL.map(|split| graph.triples(split).len()).iter().sum()
}

/// The rows that stay, entities first; zeros where there is none.
fn rows_of(foreign: &Foreign, kept: [(&Matched, &Vec<u32>); 2]) -> Vec<f32> {
    let width = foreign.entities.width;
    let mut rows = Vec::with_capacity(kept.iter().map(|(_, kept)| kept.len()).sum::<usize>() * width);
    for ((matched, kept), table) in kept.into_iter().zip([&foreign.entities, &foreign.relations]) {
        for at in kept {
            match matched.places[*at as usize] {
                Some(place) => rows.extend_from_slice(table.row(place)),
                None => rows.resize(rows.len() + width, 0.0),
            }
        }
    }
    rows
}

/// The pack's part that has rows.
fn cut(pack: &Pack, entities: &[u32], relations: &[u32]) -> Result<Pack> {
    let kept: Vec<EntityId> = entities.iter().copied().map(EntityId).collect();
    let mut selection = Selection::of_entities(&pack.graph, &kept);
    selection.relations = relations.iter().copied().map(RelationId).collect();
    let splits = &mut selection.triples;
    for triples in [&mut splits.train, &mut splits.valid, &mut splits.test] {
        triples.retain(|triple| relations.binary_search(&triple.relation).is_ok());
    }
    Ok(pack.cut(&selection)?)
}
