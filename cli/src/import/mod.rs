//! `lladr import`: a graph from its published files into a pack's folder, to be named, cut, described and trained.
//!
//! Everything is read line by line; memory holds the graph and no more. What a file has that a graph should not have is
//! left out or kept by a stated rule, and counted in the report.

mod hetionet;
mod kind;
pub mod lines;
mod open;
mod report;
mod sources;
mod triples;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use lladr_core::graph::{KnowledgeGraph, SplitRule, SplitTriples, Triple, Vocabulary, split_by_pair};
use lladr_core::pack::{self, Contents, Manifest, Notes, RoleNames, Source, SplitCard};
use serde_json::json;

pub use open::{each_line, open};
pub use sources::of_relations as sources_of_relations;
pub use triples::{Import, triples_from, triples_into};

use crate::folder;
use crate::output::Output;
use crate::source::roles;

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    from: From,
}

#[derive(clap::Subcommand)]
enum From {
    /// DRKG: the archive drkg.tar.gz as published, or drkg.tsv from it.
    Drkg {
        /// drkg.tar.gz or drkg.tsv.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        into: Into,
    },
    /// Hetionet: its tables of nodes and edges, with names, in DRKG's naming.
    Hetionet {
        /// hetionet-v1.0-nodes.tsv: id, name, kind.
        #[arg(long, value_name = "FILE")]
        nodes: PathBuf,
        /// hetionet-v1.0-edges.sif.gz: source, metaedge, target.
        #[arg(long, value_name = "FILE")]
        edges: PathBuf,
        #[command(flatten)]
        into: Into,
    },
    /// Any table of triples: head TAB relation TAB tail, plain or gzip'd. Identifiers are best of the form Type::id.
    Tsv {
        /// The table.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where the triples come from.
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
        /// Its licence; without it `lladr pack` will refuse to make a pack of it.
        #[arg(long, default_value = "")]
        licence: String,
        #[command(flatten)]
        into: Into,
    },
}

#[derive(clap::Args)]
struct Into {
    /// Folder to write; a pack that is there is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Share of the drug–disease pairs with a treatment held out for the test, and the same again for validation. A pair
    /// is held out under all its relations at once.
    #[arg(long, default_value_t = 0.1)]
    hold_out: f32,
    /// Seed of the choice of held-out pairs.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Title of the pack.
    #[arg(long)]
    title: Option<String>,
    /// Keep triples of an entity with itself.
    #[arg(long)]
    keep_self_loops: bool,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    match &args.from {
        From::Drkg { file, into } => {
            let read = |vocabulary: &mut Vocabulary| triples_into(file, vocabulary);
            import(into, "DRKG", "lladr import drkg", read, sources::of_relations)
        }
        From::Hetionet { nodes, edges, into } => {
            let read = |vocabulary: &mut Vocabulary| hetionet::read(nodes, edges, vocabulary);
            import(into, "Hetionet", "lladr import hetionet", read, sources::of_relations)
        }
        From::Tsv { file, source, licence, into } => {
            let name = file.file_name().map_or("a table".into(), |name| name.to_string_lossy().into_owned());
            let name = source.clone().unwrap_or(name);
            let own = |_: &[(String, u64)]| {
                vec![Source { name: name.clone(), licence: licence.clone(), used_for: "all triples".into() }]
            };
            let read = |vocabulary: &mut Vocabulary| triples_into(file, vocabulary);
            import(into, &name, "lladr import tsv", read, own)
        }
    }
}

fn import(
    into: &Into,
    title: &str,
    made_by: &str,
    read: impl FnOnce(&mut Vocabulary) -> Result<triples::Import>,
    sources: impl FnOnce(&[(String, u64)]) -> Vec<Source>,
) -> Result<()> {
    if !(0.0..0.5).contains(&into.hold_out) {
        bail!("--hold-out must lie between 0 and 0.5, not {}", into.hold_out);
    }
    folder::check_place(&into.out)?;
    let mut vocabulary = Vocabulary::default();
    let triples::Import { mut triples, mut report } = read(&mut vocabulary)?;
    // By relation: so they compress, and repeats stand beside one another.
    triples.sort_unstable_by_key(|t| (t.relation, t.head, t.tail));
    let read_rows = triples.len();
    triples.dedup();
    report.duplicates = (read_rows - triples.len()) as u64;
    if !into.keep_self_loops {
        let all = triples.len();
        triples.retain(|triple| triple.head != triple.tail);
        report.self_loops = (all - triples.len()) as u64;
    }
    report.look_over(&vocabulary, &triples);
    let sources = sources(&report.relations);
    let manifest = manifest(into, title, made_by, sources, &vocabulary, &triples);
    let graph = split(into, vocabulary, triples)?;
    let counts = lladr_core::graph::Split::ALL.map(|split| graph.triples(split).len());
    let contents =
        Contents { graph: &graph, model: None, notes: &Notes::default(), layout: None, text: None, rankings: &[] };
    folder::write(&into.out, manifest, &contents)?;

    let say = |line: String| into.output.say(line);
    say(format!("read      {} rows", report.rows));
    report.words().into_iter().for_each(say);
    say(format!(
        "kept      {} triples, {} entities of {} types, {} relations; {} + {} + {} for train, valid, test",
        report.triples,
        graph.entity_count(),
        report.types.len(),
        report.relations.len(),
        counts[0],
        counts[1],
        counts[2],
    ));
    say(format!("written   {}", into.out.display()));
    into.output.write(&json!({ "out": into.out, "report": report, "split": counts }))
}

fn split(into: &Into, vocabulary: Vocabulary, triples: Vec<Triple>) -> Result<KnowledgeGraph> {
    let roles = roles(&vocabulary);
    let splits = match &roles {
        Some(roles) if into.hold_out > 0.0 => {
            let rule = SplitRule {
                relations: roles.treatments.clone(),
                share: into.hold_out,
                first: Vec::new(),
                seed: into.seed,
            };
            split_by_pair(&vocabulary, &triples, &rule)
        }
        _ => SplitTriples { train: triples, ..SplitTriples::default() },
    };
    KnowledgeGraph::new(vocabulary, splits, roles).context("nothing is left to train on")
}

fn manifest(
    into: &Into,
    title: &str,
    made_by: &str,
    sources: Vec<Source>,
    vocabulary: &Vocabulary,
    triples: &[Triple],
) -> Manifest {
    let title = into.title.clone().unwrap_or_else(|| title.to_owned());
    let licences: Vec<&str> = sources.iter().map(|source| source.licence.as_str()).collect();
    let licence = match licences.as_slice() {
        [one] => (*one).to_owned(),
        _ => "by source, see there; non-commercial where one of them is".to_owned(),
    };
    Manifest {
        format: "lladr-pack".into(),
        version: pack::VERSION,
        description: format!("A graph of {} triples about {} entities.", triples.len(), vocabulary.entities().len()),
        title,
        licence,
        sources,
        made_by: made_by.to_owned(),
        roles: role_names(vocabulary, triples),
        split: SplitCard { rule: rule_words(into), seed: into.seed, triples: [0; 3] },
        model: None,
        layout: None,
        texts: None,
        files: Vec::new(),
    }
}

fn rule_words(into: &Into) -> String {
    if into.hold_out == 0.0 {
        return "nothing is held out".into();
    }
    format!(
        "{} % of the drug–disease pairs with a treatment to test and as many to valid, a pair under all its relations at \
         once; both ends keep a training triple",
        (f64::from(into.hold_out) * 1e4).round() / 1e2
    )
}

/// Drugs, diseases and treatments by DRKG's names; the disease to show first is the one with the most treatments.
fn role_names(vocabulary: &Vocabulary, triples: &[Triple]) -> Option<RoleNames> {
    let roles = roles(vocabulary)?;
    let mut treated = vec![0u32; vocabulary.entities().len()];
    for triple in triples.iter().filter(|triple| roles.treatments.contains(&triple.relation())) {
        treated[triple.tail as usize] += 1;
    }
    let diseases = vocabulary.of_type(roles.disease).iter();
    let first = diseases.max_by_key(|row| (treated[row.index()], std::cmp::Reverse(row.0)))?;
    Some(RoleNames {
        drug_type: vocabulary.type_name(roles.drug).to_owned(),
        disease_type: vocabulary.type_name(roles.disease).to_owned(),
        treatments: roles
            .treatments
            .iter()
            .filter_map(|row| vocabulary.relation(*row))
            .map(|it| it.id.clone())
            .collect(),
        default_disease: vocabulary.entity(*first)?.id.clone(),
    })
}
