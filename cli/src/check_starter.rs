//! `lladr check-starter`: the starter pack's tables beside DRKG and Hetionet.
//!
//! Three questions, each with every exception named: does DRKG know the identifiers, do its users' names agree,
//! and does the pack state the treatments that Hetionet states where both ends are here? A difference is no error:
//! names follow usage, and a treatment of doubt is left out on purpose.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;
use std::path::PathBuf;

use anyhow::{Context, Result};
use lladr_core::ids::EntityId;

use crate::import::open;
use crate::starter::{Starter, Tables, build};

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the tables.
    #[arg(long, default_value = "packs/starter")]
    tables: PathBuf,
    /// DRKG's list of entities: name TAB id.
    #[arg(long, value_name = "FILE")]
    entities: PathBuf,
    /// Names: entity TAB name.
    #[arg(long, value_name = "FILE")]
    names: PathBuf,
    /// Hetionet in DRKG's naming: head TAB relation TAB tail.
    #[arg(long, value_name = "FILE")]
    hetionet: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let Starter { graph, notes } = build(&Tables::read(&args.tables)?)?;
    let entities = graph.vocabulary.entities();

    let known: HashSet<String> = rows(&args.entities)?.into_iter().filter_map(|row| row.into_iter().next()).collect();
    let strangers: Vec<_> = entities.iter().filter(|entity| !known.contains(&entity.id)).collect();
    println!("identifiers: {} of {} are in DRKG's list; not:", entities.len() - strangers.len(), entities.len());
    strangers.iter().for_each(|entity| println!("  {}  {}", entity.id, entity.label));

    let names: HashMap<String, String> =
        rows(&args.names)?.into_iter().filter_map(|row| Some((row.first()?.clone(), row.get(1)?.clone()))).collect();
    let named = entities.iter().filter_map(|entity| Some((entity, names.get(&entity.id)?)));
    let (same, other): (Vec<_>, Vec<_>) =
        named.partition(|(entity, name)| entity.label.to_lowercase() == name.to_lowercase());
    println!("names: {} of {} agree; not:", same.len(), same.len() + other.len());
    other.iter().for_each(|(entity, name)| println!("  {}  {} / {name}", entity.id, entity.label));

    let mut stated: Vec<(EntityId, EntityId)> = Vec::new();
    for row in rows(&args.hetionet)? {
        let [head, relation, tail] = row.as_slice() else { continue };
        if relation.starts_with("Hetionet::CtD::") || relation.starts_with("Hetionet::CpD::") {
            stated.extend(graph.vocabulary.entity_row(head).zip(graph.vocabulary.entity_row(tail)));
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lacking = Vec::new();
    for &(drug, disease) in &stated {
        let against = notes.cautions(drug).iter().any(|caution| caution.about == disease);
        match notes.grade(drug, disease) {
            Some(grade) => *counts.entry(grade.word()).or_default() += 1,
            None => lacking.push((drug, disease, against)),
        }
    }
    println!(
        "treatments: of {} that Hetionet states with both ends here, {} are stated here ({counts:?}); not:",
        stated.len(),
        stated.len() - lacking.len()
    );
    for (drug, disease, against) in lacking {
        let words = if against { "  (here: speaks against)" } else { "" };
        println!("  {} / {}{words}", entities[drug.index()].label, entities[disease.index()].label);
    }
    Ok(())
}

fn rows(path: &std::path::Path) -> Result<Vec<Vec<String>>> {
    let line = |line: std::io::Result<String>| Ok(line?.split('\t').map(str::to_owned).collect());
    open(path)?.lines().map(line).collect::<Result<_>>().with_context(|| format!("cannot read {}", path.display()))
}
