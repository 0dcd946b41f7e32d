//! `lladr encode`: names and descriptions → text vectors.
//!
//! Texts are encoded apart, by a sentence-BERT model from a folder (feature `encode`) or by a server, and brought to
//! length one. Then they are centred and reduced, with one basis for names and one for descriptions of all templates:
//! encoders such as MiniLM were not trained for slicing, and principal components put what distinguishes the texts
//! first. A common factor brings the mean squared length to one.
//!
//! A pack holds one tensor per template, `[entities, dims]`. An entity without a description stands under its bare name
//! in all of them; those names are centred by their own mean, so that the axes tell what is described, not whether.

#[cfg(feature = "encode")]
mod bert;
mod cache;
mod encoder;
mod reduce;
#[cfg(feature = "encode")]
mod starter;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Pack, TextVectors};
use lladr_core::settings::Template;
use serde_json::json;

use crate::describe::{beside, column, described, present, put_nothing};
use crate::endpoint::EndpointArgs;
use crate::output::Output;
use crate::{folder, progress};
use cache::{Cache, hash};
use encoder::{Encoder, Pooling};
use reduce::{Kind, Reduction};

/// Options of the command.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  lladr encode --pack mine --model all-MiniLM-L6-v2
      An encoder from a folder, on all cores; mine then holds 32 numbers per text.
  lladr encode --pack mine --base-url http://localhost:11434/v1 --model-name nomic-embed-text --dims 64
      An encoder on a server. The same command goes on where a run was stopped.")]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR", required_unless_present = "tables")]
    pack: Option<PathBuf>,
    /// Folder with the tables of the starter pack, instead of a pack.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["pack", "reduce", "templates", "cache"])]
    tables: Option<PathBuf>,
    /// Folder to write, the pack itself where none is named. With --tables: file to write, text.safetensors among
    /// the tables where none is named.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Folder of an encoder: model.safetensors, tokenizer.json, config.json (all-MiniLM-L6-v2, SapBERT, BGE or another
    /// BERT), as a download from Hugging Face holds them. Without it a server is asked, see --base-url.
    #[cfg_attr(
        not(feature = "encode"),
        doc = "",
        doc = "This lladr was built without it: build with `cargo build --release -p lladr-cli --features encode`."
    )]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// How the vectors of a text's tokens become one. The folder's 1_Pooling/config.json says it where it is there;
    /// otherwise it is the mean. SapBERT's folder says nothing, and its authors take the first token: cls.
    #[arg(long, value_enum)]
    pooling: Option<Pooling>,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// Name of the encoder, as the server calls it.
    #[arg(long, value_name = "NAME", required_unless_present = "model", conflicts_with = "model")]
    model_name: Option<String>,
    /// How vectors become shorter.
    #[arg(long, value_enum, default_value = "pca")]
    reduce: Kind,
    /// Numbers per text after the reduction. Best the model's own dimension; training fits any other to it.
    #[arg(long, value_name = "N", default_value_t = 32)]
    dims: usize,
    /// Texts per step of the encoder, or per request.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=2048))]
    batch: u16,
    /// Only these templates: name, original, good, masked. All that the pack has where none is named.
    #[arg(long, value_name = "TEMPLATE", value_delimiter = ',', value_parser = template)]
    templates: Vec<Template>,
    /// File of vectors, which a later run goes on from; beside the pack where none is named.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

fn template(name: &str) -> Result<Template, String> {
    let names = || Template::ALL.map(Template::name).join(", ");
    Template::from_name(name).ok_or_else(|| format!("{name:?} is none of {}", names()))
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    ensure!(args.dims > 0, "--dims must be at least 1");
    match (&args.tables, &args.pack) {
        #[cfg(feature = "encode")]
        (Some(tables), _) => starter::run(args, tables),
        #[cfg(not(feature = "encode"))]
        (Some(_), _) => bail!("{}", encoder::BUILD),
        (None, Some(pack)) => of_pack(args, pack),
        (None, None) => bail!("--pack is missing"),
    }
}

fn of_pack(args: &Args, place: &Path) -> Result<()> {
    let out = args.out.as_deref().unwrap_or(place);
    folder::check_place(out)?;
    let mut pack = folder::read(place)?;
    let there = present(&pack.notes);
    if let Some(missing) = args.templates.iter().find(|template| !there.contains(template)) {
        bail!("the pack has no text by the template {}; `lladr describe` writes some", missing.name());
    }
    let is_wanted = |template: &Template| args.templates.is_empty() || args.templates.contains(template);
    let templates: Vec<Template> = there.into_iter().filter(is_wanted).collect();
    let columns: Vec<Vec<&str>> =
        templates.iter().map(|template| column(&pack.graph, &pack.notes, *template)).collect();
    // Many texts are equal: the masked one often is the good one. Those of one length fill a batch without padding.
    let mut distinct: Vec<&str> = columns.iter().flatten().copied().collect();
    distinct.sort_unstable_by_key(|text| (text.len(), *text));
    distinct.dedup();

    let encoder = Encoder::open(args)?;
    if let Some(width) = encoder.width() {
        check_dims(args, width)?;
    }
    let cache = args.cache.clone().unwrap_or_else(|| beside(out, "vectors.bin"));
    let cache = encoded(args, &distinct, &encoder, Cache::open(&cache, &encoder.identity())?)?;
    let width = cache.width();
    let dims = if args.reduce == Kind::None { width } else { args.dims };

    let rows = |at: usize| -> Result<Vec<(&[f32], usize)>> {
        // The masked text is there where the good one is.
        let group = |row: usize| usize::from(described(&pack.notes, EntityId(row as u32), templates[at]).is_none());
        columns[at].iter().enumerate().map(|(row, text)| Ok((cache.vector(&hash(text))?, group(row)))).collect()
    };
    let (mut vectors, mut held) = (TextVectors { dims, templates: Vec::new() }, Vec::new());
    let is_name = |at: &usize| templates[*at] == Template::Name;
    for (what, of) in [("names", true), ("descriptions", false)] {
        let own: Vec<usize> = (0..templates.len()).filter(|at| is_name(at) == of).collect();
        // Masked texts are nearly the good ones: they would only count twice.
        let fitted: Vec<usize> =
            own.iter().copied().filter(|at| own.len() == 1 || templates[*at] != Template::Masked).collect();
        let mut all = Vec::new();
        for at in &fitted {
            all.extend(rows(*at)?);
        }
        if all.is_empty() {
            continue;
        }
        let basis = Reduction::fit(args.reduce, &all, dims);
        if let Some(share) = basis.share {
            held.push(format!("{:.0} % of the variance of {what}", share * 100.0));
        }
        for at in own {
            vectors.templates.push((templates[at].name().to_owned(), basis.apply_all(&rows(at)?)));
        }
    }
    let words = format!("{}; {}", encoder.words(), args.reduce.words(width, dims, &held));
    args.output.say(format_args!("{} distinct texts; {words}", distinct.len()));
    let result = json!({
        "out": out, "texts": distinct.len(), "entities": pack.graph.entity_count(),
        "templates": templates.iter().map(|template| template.name()).collect::<Vec<_>>(),
        "width": width, "dims": dims, "vectors": words,
    });
    write(&mut pack, vectors, words, out)?;
    args.output.say(format_args!("{}: {} × {dims} vectors per template", out.display(), pack.graph.entity_count()));
    args.output.write(&result)
}

/// Known before the first text is encoded, or with the first vector.
fn check_dims(args: &Args, width: usize) -> Result<()> {
    if args.reduce != Kind::None && args.dims > width {
        bail!("--dims {} is more than the encoder's {width} numbers per text: choose at most those", args.dims);
    }
    Ok(())
}

fn write(pack: &mut Pack, vectors: TextVectors, words: String, out: &Path) -> Result<()> {
    if pack.manifest.texts.is_none() {
        put_nothing(pack);
    }
    if let Some(card) = &mut pack.manifest.texts {
        card.vectors = words;
    }
    pack.text = Some(vectors);
    folder::write(out, pack.manifest.clone(), &pack.contents())
}

/// The cache with a vector for each text.
#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
fn encoded(args: &Args, texts: &[&str], encoder: &Encoder, mut cache: Cache) -> Result<Cache> {
    let is_open = |text: &&str| !cache.has(&hash(text));
    let open = texts.iter().copied().filter(|text| is_open(text)).collect::<Vec<_>>();
    let count = open.len();
    args.output.say(format_args!("{} distinct texts, {} of them encoded already", texts.len(), texts.len() - count));
    let batch = usize::from(args.batch);
    // A vector's last bits can depend on its batch: batches are the same whether a run goes on or starts. A server is
    // asked for nothing twice.
    let batches: Vec<Vec<&str>> = match encoder.is_server() {
        true => open.chunks(batch).map(<[&str]>::to_vec).collect(),
        false => texts.chunks(batch).filter(|batch| batch.iter().any(is_open)).map(<[&str]>::to_vec).collect(),
    };
    let to_do: usize = batches.iter().map(Vec::len).sum();
    let (started, bar) = (Instant::now(), progress::bar("encoding", to_do as u64, "texts"));
    let check = |width| check_dims(args, width);
    if count < texts.len() {
        check(cache.width())?;
    }
    let done = encoder.encode_all(&batches, &bar, &mut cache, &check);
    bar.finish_and_clear();
    done?;
    let secs = started.elapsed().as_secs_f64();
    if to_do > 0 {
        args.output.say(format_args!("encoded in {secs:.1} s, {:.0} texts a second", to_do as f64 / secs.max(1e-9)));
    }
    Ok(cache)
}
