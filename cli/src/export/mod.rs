//! `lladr export`: a pack as other programs read it: triples, rows, text vectors, settings, and scripts to load them.
//!
//! Rows are written as the pack has them: of a model that was trained with text, the blended rows, which are all that
//! scores need. Everything is text or numpy's format; scripts are shown, not run.

mod dglke;
mod pbg;
mod place;
mod projector;
mod pykeen;

use std::path::PathBuf;

use anyhow::{Context, Result};
use lladr_core::model::Model;
use lladr_core::pack::Pack;
use serde_json::{Value, json};

use crate::folder;
use crate::output::Output;
use place::{Place, ids};

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    to: To,
}

#[derive(clap::Subcommand)]
enum To {
    /// PyKEEN: triples, rows, names, and a Python script that loads the rows into PyKEEN's model of the same scoring
    /// function and compares its scores with ours.
    Pykeen {
        /// Triples whose scores are written for the comparison.
        #[arg(long, default_value_t = 1000)]
        scores: usize,
        #[command(flatten)]
        from: Common,
    },
    /// DGL-KE: triples, tables of names, rows and config.json, named as DGL-KE names them.
    Dglke(Common),
    /// PyTorch-BigGraph: lists of edges and its configuration, to train there; `lladr import-embeddings pbg` reads the
    /// result.
    Pbg {
        /// Parts that the entities of a type are cut into; PyTorch-BigGraph holds two at a time in memory.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
        partitions: u16,
        /// Scoring function, where the pack has no model or another is wanted: transe_l2 (translation and l2),
        /// distmult (diagonal and dot), complex (complex_diagonal and dot).
        #[arg(long, value_parser = crate::options::named(&pbg::SCORERS, lladr_core::model::Interaction::name))]
        model: Option<lladr_core::model::Interaction>,
        /// Numbers in a row, where the pack has no model or another length is wanted.
        #[arg(long)]
        dim: Option<u32>,
        /// Epochs to train.
        #[arg(long, default_value_t = 30)]
        epochs: u32,
        #[command(flatten)]
        from: Common,
    },
    /// Plain tables: triples, names, rows and text vectors.
    Tsv(Common),
    /// TensorFlow's Embedding Projector (projector.tensorflow.org): vectors.tsv and metadata.tsv.
    Projector {
        /// Only entities of this type; can be given several times.
        #[arg(long = "type", value_name = "TYPE")]
        types: Vec<String>,
        #[command(flatten)]
        from: Common,
    },
}

#[derive(clap::Args)]
struct Common {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR")]
    pack: PathBuf,
    /// Folder to write; an earlier export there is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    match &args.to {
        To::Pykeen { scores, from } => export(from, "pykeen", |pack, place| pykeen::write(pack, place, *scores)),
        To::Dglke(from) => export(from, "dglke", dglke::write),
        To::Pbg { partitions, model, dim, epochs, from } => export(from, "pbg", |pack, place| {
            let run = pbg::Run { partitions: *partitions, model: *model, dim: *dim, epochs: *epochs };
            pbg::write(pack, place, &run)
        }),
        To::Tsv(from) => export(from, "tsv", tsv),
        To::Projector { types, from } => export(from, "projector", |pack, place| projector::write(pack, place, types)),
    }
}

fn export(from: &Common, to: &str, write: impl FnOnce(&Pack, &mut Place) -> Result<Vec<String>>) -> Result<()> {
    place::check(&from.out)?;
    let pack = folder::read(&from.pack)?;
    let mut place = Place::new(&from.out)?;
    let next = write(&pack, &mut place)?;
    let about = json!({
        "format": to,
        "made_by": concat!("lladr ", env!("CARGO_PKG_VERSION"), " export"),
        "pack": { "title": pack.manifest.title, "hash": pack.hash, "licence": pack.manifest.licence },
        "sources": pack.manifest.sources,
        "model": pack.manifest.model,
    });
    place.write(place::MARK, (serde_json::to_string_pretty(&about)? + "\n").as_bytes())?;
    let files = place.finish()?;
    from.output.say(format!("written   {}: {}", from.out.display(), files.join(", ")));
    next.iter().for_each(|line| from.output.say(format!("next      {line}")));
    from.output.write(&json!({ "out": from.out, "format": to, "files": files, "next": next }))
}

fn model_of(pack: &Pack) -> Result<&Model> {
    pack.model.as_ref().context("the pack has no model: train one with `lladr train --pack DIR --out DIR`")
}

/// Rows of entities and rows of relations.
fn tables(model: &Model) -> (&[f32], &[f32]) {
    model.rows().split_at(model.entity_count() * model.dim())
}

/// Text vectors, one matrix a template.
fn text(pack: &Pack, place: &mut Place) -> Result<()> {
    if let Some(text) = &pack.text {
        for (name, rows) in &text.templates {
            place.rows(&format!("text_{name}.npy"), rows, text.dims)?;
        }
    }
    Ok(())
}

/// A model in words that a script reads.
fn model_json(pack: &Pack, model: &Model) -> Value {
    json!({
        "model": model.interaction.name(),
        "gamma": model.gamma,
        "dim": model.dim(),
        "entities": model.entity_count(),
        "relations": pack.graph.relation_count(),
        "layout": "complex rows: all real parts, then all imaginary parts; relations of rotate: phases in radians, then zeros",
    })
}

fn tsv(pack: &Pack, place: &mut Place) -> Result<Vec<String>> {
    let graph = &pack.graph;
    place.splits(graph, ".tsv", |triple| ids(graph, triple).join("\t"))?;
    let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let entities = graph.vocabulary.entities().iter().enumerate().map(|(row, entity)| {
        format!("{row}\t{}\t{}\t{}", entity.id, graph.vocabulary.type_name(entity.kind), clean(&entity.label))
    });
    place.lines("entities.tsv", std::iter::once("row\tid\ttype\tname".to_owned()).chain(entities))?;
    let relations = graph.vocabulary.relations().iter().enumerate();
    let relations = relations.map(|(row, relation)| format!("{row}\t{}\t{}", relation.id, clean(&relation.words)));
    place.lines("relations.tsv", std::iter::once("row\tid\twords".to_owned()).chain(relations))?;
    if let Some(model) = &pack.model {
        let (entities, relations) = tables(model);
        place.rows("entity_embeddings.npy", entities, model.dim())?;
        place.rows("relation_embeddings.npy", relations, model.dim())?;
        place.write("model.json", serde_json::to_string_pretty(&model_json(pack, model))?.as_bytes())?;
    }
    text(pack, place)?;
    Ok(Vec::new())
}
