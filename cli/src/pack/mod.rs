//! `lladr pack`: from a working pack to the folder that a page hosts, and `lladr pack verify` to check such a folder.
//!
//! Drugs and diseases come first, so that the first shard has what a ranking needs; rows are rounded to the chosen
//! precision, and everything that is measured, ranked or laid out afterwards is of the rounded rows: what the card
//! says is what is shipped. What rounding costs stands in the card, too. In portable arithmetic: the same pack gives the
//! same bytes on every machine.

mod index;
mod licences;
mod loss;
mod order;
mod verify;

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use lladr_core::model::{Interaction, Model};
use lladr_core::pack::{self, Compression, Contents, Pack, Precision, Storage};
use serde_json::json;

use crate::layout::{Layout, lay_out};
use crate::options::named;
use crate::output::Output;
use crate::{folder, rankings};

/// Options of the command.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    check: Option<Check>,
    #[command(flatten)]
    make: Make,
}

#[derive(clap::Subcommand)]
enum Check {
    /// Check everything that the page would, and what a host needs: sizes, hashes, shapes, licences, rankings.
    Verify(verify::Args),
}

#[derive(clap::Args)]
struct Make {
    /// Folder of the pack to take, such as `lladr train --out` or `lladr import-embeddings` wrote.
    #[arg(long, value_name = "DIR", required = true)]
    pack: Option<PathBuf>,
    /// Folder to write; a pack that is there is replaced.
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    /// Numbers of the model's rows: f32 (exact), f16 (half the size), int8 (a quarter; one scale a row).
    #[arg(long, default_value = "f16", value_parser = named(&Precision::ALL, Precision::name))]
    quantize: Precision,
    /// The map: umap, pca, or none (the page then shows principal components of its own).
    #[arg(long, default_value = "umap", value_parser = named(&Layout::ALL, Layout::name))]
    layout: Layout,
    /// Diseases whose ranking is made beforehand, the default one and then those with the most treatments.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=500))]
    top_lists: u16,
    /// Drugs in each of these rankings.
    #[arg(long, default_value_t = rankings::ROWS as u16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rows: u16,
    /// Leave the text vectors out: they serve training with the anchor, not a ranking.
    #[arg(long)]
    without_vectors: bool,
    /// Title, shown where packs are chosen.
    #[arg(long)]
    title: Option<String>,
    /// What the pack is, in a paragraph.
    #[arg(long)]
    description: Option<String>,
    /// Licence of the whole; without it the pack's own.
    #[arg(long)]
    licence: Option<String>,
    /// Identifier of the disease to show first.
    #[arg(long, value_name = "ID")]
    default_disease: Option<String>,
    /// Write the pack although a source has no licence entry. Check first whether you may publish it.
    #[arg(long)]
    allow_unlicensed: bool,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    match &args.check {
        Some(Check::Verify(args)) => verify::run(args),
        None => make(&args.make),
    }
}

fn make(args: &Make) -> Result<()> {
    let (Some(from), Some(out)) = (&args.pack, &args.out) else { bail!("say --pack and --out") };
    folder::check_place(out)?;
    let mut pack = folder::read(from)?;
    rename(&mut pack, args)?;
    licences::check(&pack.manifest, args.allow_unlicensed)?;

    let mut pack = order::drugs_and_diseases_first(pack)?;
    if args.without_vectors {
        pack.text = None;
    }
    pack.layout = None;
    pack.manifest.layout = None;
    let mut losses = Vec::new();
    if let Some(exact) = pack.model.take() {
        let rounded = rounded(&exact, args.quantize)?;
        if args.quantize != Precision::F32 {
            losses = loss::measure(&pack.graph, &exact, &rounded, args.quantize)?;
        }
        drop(exact);
        for line in &losses {
            args.output.say(format!("{:<28} {:>8}  {}", line.name, line.value, line.protocol));
        }
        if let Some(card) = &mut pack.manifest.model {
            card.metrics.extend(losses.iter().cloned());
        }
        if args.layout != Layout::None {
            args.output.say("map       being laid out …");
            let (positions, card) = lay_out(&pack.graph, &rounded, args.layout)?;
            args.output.say(format!("map       {}", card.words()));
            (pack.layout, pack.manifest.layout) = (Some(positions), Some(card));
        }
        pack.model = Some(rounded);
    }
    let chosen = order::first_diseases(&pack, usize::from(args.top_lists));
    let rankings =
        if pack.model.is_some() { rankings::of(&pack, &chosen, usize::from(args.rows))? } else { Vec::new() };
    let storage = Storage { rows: args.quantize, compression: Compression::Best };
    let contents = Contents { rankings: &rankings, ..pack.contents() };
    let files = pack::write(pack.manifest.clone(), &contents, storage)?;
    let found = verify::files(&files)?;
    folder::write_files(out, &files)?;
    let listed = index::add(out, &pack.manifest.title)?;

    args.output.say(format!("written   {}: {}", out.display(), found.words()));
    if let Some(index) = &listed {
        args.output.say(format!("listed    in {}", index.display()));
    }
    args.output.write(&json!({
        "out": out, "listed_in": listed, "quantize": args.quantize.name(), "loss": losses, "pack": found,
    }))
}

/// The rows as they will be read back.
fn rounded(model: &Model, precision: Precision) -> Result<Model> {
    let relations = model.rows().len() / model.dim() - model.entity_count();
    let rows = precision.rounded(model.rows(), model.dim());
    Ok(Model::new(model.interaction, model.gamma, model.entity_count(), relations, model.dim(), rows)?)
}

/// Takes title, description, licence and first disease from the command line.
fn rename(pack: &mut Pack, args: &Make) -> Result<()> {
    let texts = [
        (&args.title, &mut pack.manifest.title),
        (&args.description, &mut pack.manifest.description),
        (&args.licence, &mut pack.manifest.licence),
    ];
    for (given, own) in texts {
        if let Some(given) = given {
            own.clone_from(given);
        }
    }
    let Some(id) = &args.default_disease else { return Ok(()) };
    let roles = pack.manifest.roles.as_mut().context("the pack does not say which entities are diseases")?;
    let row = pack.graph.vocabulary.entity_row(id).ok_or_else(|| anyhow!("the pack has no entity {id}"))?;
    let kind = pack.graph.vocabulary.entity(row).map(|entity| entity.kind);
    if kind != pack.graph.roles.as_ref().map(|roles| roles.disease) {
        bail!("{id} is no disease");
    }
    roles.default_disease.clone_from(id);
    pack.default_disease = Some(row);
    Ok(())
}

/// Name of the model for a protocol.
fn model_words(interaction: Interaction, precision: Precision) -> String {
    format!("{}, {} against f32", interaction.label(), precision.name())
}
