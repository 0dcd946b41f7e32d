//! `lladr encode`: names and descriptions → text vectors, with a sentence-BERT model from a local folder.
//!
//! Texts are encoded apart (384 numbers each from MiniLM), centred, and reduced by principal components,
//! one basis for names and one for descriptions of all templates. The encoder was not trained for
//! slicing; principal components put what distinguishes the texts first. A common factor brings
//! the mean squared length to one.

mod bert;
mod pca;

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use half::f16;
use safetensors::tensor::{Dtype, TensorView};

use crate::starter::{Tables, Texts, build, texts_hash};
use bert::Encoder;
use pca::Reduction;

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the encoder: model.safetensors, tokenizer.json, config.json (all-MiniLM-L6-v2 or another BERT).
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Folder with the tables of the starter pack.
    #[arg(long, default_value = "packs/starter")]
    tables: PathBuf,
    /// File to write.
    #[arg(long, default_value = "packs/starter/text.safetensors")]
    out: PathBuf,
    /// Numbers per text after the reduction: half of the largest model dimension that is to be anchored.
    #[arg(long, default_value_t = 32)]
    dims: usize,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let tables = Tables::read(&args.tables)?;
    let starter = build(&tables)?;
    let texts = Texts::of(&starter, &tables)?;
    let encoder = Encoder::open(&args.model)?;
    ensure!(
        (1..=encoder.width()).contains(&args.dims),
        "--dims {} is not between 1 and the encoder's {}",
        args.dims,
        encoder.width()
    );

    // Many texts are equal: the masked one often is the good one.
    let mut distinct: Vec<&str> =
        texts.columns().iter().flat_map(|(_, column)| column.iter().map(String::as_str)).collect();
    distinct.sort_unstable_by_key(|text| (text.len(), *text));
    distinct.dedup();
    let bar = indicatif::ProgressBar::new(distinct.len() as u64);
    bar.set_style(indicatif::ProgressStyle::with_template(
        "encoding {bar:30} {pos}/{len} texts  {per_sec}  {eta} left",
    )?);
    let mut vectors: HashMap<&str, Vec<f32>> = HashMap::new();
    for batch in distinct.chunks(32) {
        for (text, vector) in batch.iter().zip(encoder.encode(batch)?) {
            vectors.insert(text, vector);
        }
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();

    let rows =
        |column: &[String]| -> Vec<&[f32]> { column.iter().map(|text| vectors[text.as_str()].as_slice()).collect() };
    let columns = texts.columns();
    let names = Reduction::fit(&rows(columns[0].1), args.dims);
    let described: Vec<&[f32]> = columns[1..].iter().flat_map(|(_, column)| rows(column)).collect();
    let descriptions = Reduction::fit(&described, args.dims);
    println!(
        "{} texts; {} of {} components hold {:.0} % of the names' variance, {:.0} % of the descriptions'",
        distinct.len(),
        args.dims,
        encoder.width(),
        names.share * 100.0,
        descriptions.share * 100.0
    );

    let mut stored: Vec<(&str, Vec<u8>)> = Vec::new();
    for (at, (name, column)) in columns.iter().enumerate() {
        let basis = if at == 0 { &names } else { &descriptions };
        let numbers = rows(column).into_iter().flat_map(|row| basis.apply(row));
        stored.push((name, numbers.flat_map(|x| f16::from_f32(x).to_le_bytes()).collect()));
    }
    let shape = vec![columns[0].1.len(), args.dims];
    let views = stored
        .iter()
        .map(|(name, bytes)| Ok((*name, TensorView::new(Dtype::F16, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    let about = HashMap::from([
        ("texts_sha256".to_owned(), texts_hash(&texts)),
        ("encoder".to_owned(), encoder.name().to_owned()),
    ]);
    let bytes = safetensors::serialize(views, Some(about))?;
    std::fs::write(&args.out, &bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    println!("{}: {} bytes", args.out.display(), bytes.len());
    Ok(())
}
