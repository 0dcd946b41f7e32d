//! `lladr subgraph`: the part of a pack around some diseases or drugs.
//!
//! `find.rs` turns what was typed into rows; the core chooses (`core/src/graph/neighbourhood`) and cuts, rows of a model
//! and texts with the graph; `report.rs` tells what is left.

mod report;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use lladr_core::graph::{Around, KnowledgeGraph, Split};
use lladr_core::ids::{EntityId, RelationId, TypeId};
use lladr_core::pack::{Manifest, Pack};

use crate::output::Output;
use crate::{folder, import};

const HELP: &str = "\
Search goes along training triples only: what is held out must not choose what it is asked of. Held-out pairs stay held \
out where both ends stay, each with a training triple; other held-out pairs leave the part.

With --most-entities the farthest entities go first, then those with the fewest triples to what is nearer. Up to half of \
the room goes to the ends of held-out pairs first, the nearest pairs before others.

With --cap an entity has at most N triples under one relation: first those to ends of held-out pairs, then to what has \
the most triples with what is reached already, then to what has the fewest triples in all (the specific tells more than \
a hub), then by identifier. Treatments are never capped.

Example: lladr subgraph --pack hetionet --out alzheimer --around \"Alzheimer's disease\" --most-entities 5000";

/// Options of the command.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR")]
    pack: PathBuf,
    /// Folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Entity in the middle, such as a disease or a drug: its identifier, or its name if there is one of that name.
    /// Repeat it for more.
    #[arg(long, required = true, value_name = "ID")]
    around: Vec<String>,
    /// Hops from there at most.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=16))]
    hops: u32,
    /// Keep only what lies on a walk through entities of these types, from one of the entities in the middle or to it:
    /// for example Compound-Gene-Disease. Repeat it for more walks.
    #[arg(long, value_name = "TYPE-TYPE…", conflicts_with = "hops")]
    meta_path: Vec<String>,
    /// Types to keep, separated by commas; `*` stands for anything. The entities in the middle are kept anyway.
    #[arg(long, value_delimiter = ',', value_name = "TYPE")]
    types: Vec<String>,
    /// Types to leave out.
    #[arg(long, value_delimiter = ',', value_name = "TYPE")]
    without_types: Vec<String>,
    /// Relations to keep, separated by commas; `*` stands for anything, as in `GNBR::*`.
    #[arg(long, value_delimiter = ',', value_name = "RELATION")]
    relations: Vec<String>,
    /// Relations to leave out.
    #[arg(long, value_delimiter = ',', value_name = "RELATION")]
    without_relations: Vec<String>,
    /// Triples of an entity under one relation at most, treatments apart.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    cap: Option<u32>,
    /// Entities at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    most_entities: Option<u32>,
    /// Title of the new pack.
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    folder::check_place(&args.out)?;
    let pack = folder::read(&args.pack)?;
    let around = settings(args, &pack.graph)?;
    let part = pack.graph.around(&around)?;
    if part.selection.triples.train.is_empty() {
        bail!("no training triple leads anywhere from there under these filters");
    }
    let mut cut = pack.cut(&part.selection)?;
    let seeds = around.seeds.iter().filter_map(|row| pack.graph.vocabulary.entity(*row));
    // The first disease in the middle is the one to show first.
    let mut diseases = seeds.clone().filter_map(|seed| cut.graph.vocabulary.entity_row(&seed.id));
    let is_disease = |row: &EntityId| {
        let kind = cut.graph.vocabulary.entity(*row).map(|entity| entity.kind);
        kind.is_some() && kind == cut.graph.roles.as_ref().map(|roles| roles.disease)
    };
    if let Some(first) = diseases.find(is_disease) {
        cut.show_first(first);
    }
    let labels: Vec<_> = seeds.map(|seed| seed.label.clone()).collect();
    tell(args, &labels, &pack, &mut cut);
    folder::write(&args.out, cut.manifest.clone(), &cut.contents())
        .with_context(|| format!("cannot write {}", args.out.display()))?;

    let report = report::Report::new(&pack.graph, &cut.graph, &part);
    report.words().into_iter().for_each(|line| args.output.say(line));
    args.output.say(format!("written   {}", args.out.display()));
    args.output.write(&report.json())
}

/// What was typed, in rows of the graph.
fn settings(args: &Args, graph: &KnowledgeGraph) -> Result<Around> {
    let vocabulary = &graph.vocabulary;
    let types: Vec<&str> = vocabulary.types().iter().map(String::as_str).collect();
    let relations: Vec<&str> = vocabulary.relations().iter().map(|relation| relation.id.as_str()).collect();
    let mut meta_paths = Vec::new();
    for path in &args.meta_path {
        let kinds = path.split('-').map(|name| crate::find::kind(vocabulary, name));
        meta_paths.push(kinds.collect::<Result<Vec<_>>>().with_context(|| format!("--meta-path {path}"))?);
    }
    let seeds: BTreeSet<EntityId> =
        args.around.iter().map(|said| crate::find::entity(vocabulary, said)).collect::<Result<_>>()?;
    if args.most_entities.is_some_and(|most| (most as usize) < seeds.len()) {
        bail!("--most-entities leaves no room for the {} entities in the middle", seeds.len());
    }
    Ok(Around {
        seeds: seeds.into_iter().collect(),
        hops: args.hops,
        meta_paths,
        types: crate::find::filter("type", &types, &args.types, &args.without_types)?
            .map(|rows| rows.into_iter().map(TypeId).collect()),
        relations: crate::find::filter("relation", &relations, &args.relations, &args.without_relations)?
            .map(|rows| rows.into_iter().map(RelationId).collect()),
        cap: args.cap.map(|cap| cap as usize),
        most_entities: args.most_entities.map(|most| most as usize),
    })
}

/// Says in the manifest what the new pack is.
fn tell(args: &Args, labels: &[String], whole: &Pack, part: &mut Pack) {
    let around = match labels {
        [first, second, third, .., _] => format!("{first}, {second}, {third} and {} more", labels.len() - 3),
        few => few.join(", "),
    };
    let manifest = &mut part.manifest;
    manifest.title = args.title.clone().unwrap_or_else(|| format!("{}: around {around}", manifest.title));
    let [entities, of_entities] = [&part.graph, &whole.graph].map(KnowledgeGraph::entity_count);
    let [triples, of_triples] = [&part.graph, &whole.graph]
        .map(|graph| Split::ALL.map(|split| graph.triples(split).len()).iter().sum::<usize>());
    let how = if args.meta_path.is_empty() { format!("within {} hops", args.hops) } else { args.meta_path.join(", ") };
    manifest.description = format!(
        "The part around {around} ({how}): {entities} of {of_entities} entities and {triples} of {of_triples} triples. {}",
        manifest.description
    );
    manifest.made_by += "; lladr subgraph";
    manifest.split.rule += "; this is a part of that graph, where held-out pairs stay that keep both ends";
    recount(manifest, &whole.graph, &part.graph);
}

/// Sources that are told by relations: what is left of them, or nothing.
fn recount(manifest: &mut Manifest, whole: &KnowledgeGraph, part: &KnowledgeGraph) {
    let [before, after] = [whole, part]
        .map(|graph| import::sources_of_relations(&report::relations(graph).into_iter().collect::<Vec<_>>()));
    manifest.sources.retain_mut(|source| {
        if !before.contains(source) {
            return true;
        }
        let left = after.iter().find(|left| left.name == source.name);
        if let Some(left) = left {
            source.clone_from(left);
        }
        left.is_some()
    });
}
