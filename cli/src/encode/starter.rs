//! The text vectors of the starter pack, among its tables.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use half::f16;
use safetensors::tensor::{Dtype, TensorView};

use super::Args;
use super::bert::Encoder;
use super::reduce::Reduction;
use crate::files;
use crate::starter::{Tables, Texts, build, texts_hash};

/// Encodes the texts of `tables`.
pub fn run(args: &Args, tables: &Path) -> Result<()> {
    let out = args.out.clone().unwrap_or_else(|| tables.join("text.safetensors"));
    let tables = Tables::read(tables)?;
    let starter = build(&tables)?;
    let texts = Texts::of(&starter, &tables)?;
    let folder = args.model.as_ref().context("--model must name the folder of an encoder")?;
    let encoder = Encoder::open(folder, args.pooling)?;
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

    let rows = |column: &[String]| -> Vec<(&[f32], usize)> {
        column.iter().map(|text| (vectors[text.as_str()].as_slice(), 0)).collect()
    };
    let columns = texts.columns();
    let names = Reduction::pca(&rows(columns[0].1), args.dims);
    let described: Vec<(&[f32], usize)> = columns[1..].iter().flat_map(|(_, column)| rows(column)).collect();
    let descriptions = Reduction::pca(&described, args.dims);
    println!(
        "{} texts; {} of {} components hold {:.0} % of the names' variance, {:.0} % of the descriptions'",
        distinct.len(),
        args.dims,
        encoder.width(),
        names.share.unwrap_or_default() * 100.0,
        descriptions.share.unwrap_or_default() * 100.0
    );

    let mut stored: Vec<(&str, Vec<u8>)> = Vec::new();
    for (at, (name, column)) in columns.iter().enumerate() {
        let basis = if at == 0 { &names } else { &descriptions };
        let numbers = rows(column).into_iter().flat_map(|(row, group)| basis.apply(row, group));
        stored.push((name, numbers.flat_map(|x| f16::from_f32(x).to_le_bytes()).collect()));
    }
    let shape = vec![columns[0].1.len(), args.dims];
    let views = stored
        .iter()
        .map(|(name, bytes)| Ok((*name, TensorView::new(Dtype::F16, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    let about = HashMap::from([
        ("texts_sha256".to_owned(), texts_hash(&texts)),
        ("encoder".to_owned(), encoder.kind().to_owned()),
    ]);
    let bytes = safetensors::serialize(views, Some(about))?;
    files::write_whole(&out, &bytes)?;
    println!("{}: {} bytes", out.display(), bytes.len());
    Ok(())
}
