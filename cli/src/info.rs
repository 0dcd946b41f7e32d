//! `lladr info`: what a pack's folder holds.

use std::path::PathBuf;

use anyhow::Result;
use lladr_core::graph::Split;
use lladr_core::ids::TypeId;
use lladr_core::pack::LayoutCard;
use serde_json::json;

use crate::folder;
use crate::output::Output;

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the pack.
    #[arg(value_name = "DIR", default_value = "public/packs/starter")]
    folder: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let pack = folder::read(&args.folder)?;
    let (manifest, graph, vocabulary) = (&pack.manifest, &pack.graph, &pack.graph.vocabulary);
    let out = &args.output;
    out.say(format!("title      {} ({})", manifest.title, pack.hash));
    out.say(format!("           {}", manifest.description));
    out.say(format!("made by    {}", manifest.made_by));
    out.say(format!("licence    {}", manifest.licence));
    for source in &manifest.sources {
        out.say(format!("source     {}: {} ({})", source.name, source.used_for, source.licence));
    }
    let counts = Split::ALL.map(|split| graph.triples(split).len());
    out.say(format!(
        "triples    {} + {} + {} (train, valid, test); {}, seed {}",
        counts[0], counts[1], counts[2], manifest.split.rule, manifest.split.seed
    ));
    let types: Vec<(&str, usize)> = (0..)
        .zip(vocabulary.types())
        .map(|(row, name)| (name.as_str(), vocabulary.of_type(TypeId(row)).len()))
        .collect();
    let named = |kind: usize| {
        let rows = vocabulary.of_type(TypeId(kind as u32));
        rows.iter().filter(|row| vocabulary.entity(**row).is_some_and(|it| !it.id.ends_with(&it.label))).count()
    };
    for (kind, (name, count)) in types.iter().enumerate() {
        out.say(format!("type       {count:>8} {name}, {} with a name", named(kind)));
    }
    let mut by_relation = vec![0u64; graph.relation_count()];
    for triple in Split::ALL.into_iter().flat_map(|split| graph.triples(split)) {
        by_relation[triple.relation as usize] += 1;
    }
    for (relation, count) in vocabulary.relations().iter().zip(&by_relation) {
        out.say(format!("relation   {count:>8} {}", relation.id));
    }
    match &manifest.model {
        None => out.say("model      none"),
        Some(card) => {
            let settings = &card.settings;
            let how = if card.origin.is_empty() { format!("{} epochs", card.epochs) } else { card.origin.clone() };
            out.say(format!("model      {}, dim {}, {how}", settings.interaction.label(), settings.dim));
            for metric in &card.metrics {
                out.say(format!("           {} {:.4} ({})", metric.name, metric.value, metric.protocol));
            }
        }
    }
    if let Some(text) = &pack.text {
        let names: Vec<&str> = text.templates.iter().map(|(name, _)| name.as_str()).collect();
        out.say(format!("texts      vectors of {} numbers for {}", text.dims, names.join(", ")));
    }
    if let Some(card) = &manifest.texts {
        out.say(format!("           written by {}; {}", card.written_by, card.vectors));
        for leak in &card.leaks {
            out.say(format!(
                "           {}: {} of {} held-out pairs are named in the text of one end",
                leak.template, leak.named, leak.pairs
            ));
        }
    }
    if let Some(layout) = &manifest.layout {
        out.say(format!("map        {}", LayoutCard::words(layout)));
    }
    let bytes: u64 = manifest.files.iter().map(|entry| entry.bytes).sum();
    out.say(format!("files      {} with {:.1} MB", manifest.files.len() + 1, bytes as f64 / 1e6));
    out.write(&json!({
        "hash": pack.hash,
        "manifest": manifest,
        "types": types.iter().map(|(name, count)| json!({ "name": name, "count": count })).collect::<Vec<_>>(),
        "relations": vocabulary.relations().iter().zip(&by_relation)
            .map(|(relation, count)| json!({ "id": relation.id, "triples": count })).collect::<Vec<_>>(),
    }))
}
