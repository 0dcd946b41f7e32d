//! `cargo bench -p lladr-core --bench projection`: seconds for the map of 10,000 × 64 rows, and how far maps may be
//! believed, principal components beside UMAP, on those rows and on the bundled starter model.
//!
//! `LLADR_BENCH_LARGE=yes` adds 45,000 × 128. The rows are a mixture of 40 clouds of unequal size, each spread along
//! six directions of its own, with a little noise in all.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

use std::time::Instant;

use lladr_core::backend::cpu::CpuUmap;
use lladr_core::backend::umap::MOST_EPOCHS;
use lladr_core::model::{Arithmetic, Metric, Model};
use lladr_core::pack;
use lladr_core::project::{Axes, UmapSettings, map_quality, nearest, umap_plan};
use lladr_core::rng::{Stream, hash, unit};
use ndarray::{Array2, ArrayView2};

const NEIGHBOURS: usize = 15;

fn main() {
    println!("rows                 what                       seconds  quality");
    maps("10,000 × 64", mixture(10_000, 64).view());
    match starter() {
        Ok(model) => maps("starter", model.entity_table()),
        Err(error) => println!("no starter pack: {error}"),
    }
    if std::env::var("LLADR_BENCH_LARGE").is_ok_and(|value| value == "yes") {
        maps("45,000 × 128", mixture(45_000, 128).view());
    }
}

fn maps(name: &str, rows: ArrayView2<'_, f32>) {
    let start = Instant::now();
    let first = Axes::new(rows.ncols()).project(rows, Arithmetic::Fast).positions;
    line(name, "principal components", start, Some((rows, &first)));
    let start = Instant::now();
    nearest(rows, NEIGHBOURS, Metric::Euclidean, Arithmetic::Fast);
    line(name, "of UMAP: neighbours", start, None);
    let start = Instant::now();
    let settings = UmapSettings::for_rows(rows.nrows());
    let plan = umap_plan(rows, &first, Metric::Euclidean, Arithmetic::Fast, &settings);
    line(name, "of UMAP: whole plan", start, None);
    let mut layout = CpuUmap::new(plan);
    layout.advance(MOST_EPOCHS);
    line(name, &format!("UMAP, {} epochs", settings.epochs), start, Some((rows, layout.positions())));
}

fn line(rows: &str, what: &str, start: Instant, map: Option<(ArrayView2<'_, f32>, &[f32])>) {
    let seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let quality = map
        .and_then(|(rows, positions)| map_quality(rows, positions, NEIGHBOURS, Metric::Euclidean, Arithmetic::Fast))
        .map_or(String::new(), |quality| format!("{quality}, found in {:.2} s", start.elapsed().as_secs_f64()));
    println!("{rows:<20} {what:<24} {seconds:>9.2}  {quality}");
}

fn mixture(rows: usize, dim: usize) -> Array2<f32> {
    // The sum of four uniform draws is near enough to a normal one.
    let normal = |a: u32, b: u32| (0..4).map(|part| unit(hash(part, Stream::Init, a, b)) - 0.5).sum::<f32>() * 1.732;
    Array2::from_shape_fn((rows, dim), |(row, k)| {
        let (row, k) = (row as u32, k as u32);
        let place = unit(hash(11, Stream::Split, row, 0));
        let cloud = (40.0 * place * place) as u32;
        let own: f32 = (0..6).map(|axis| normal(row, 1000 + axis) * normal(900_000 + 6 * cloud + axis, k)).sum();
        2.0 * normal(800_000 + cloud, k) + 0.4 * own + 0.1 * normal(row, k)
    })
}

fn starter() -> Result<Model, Box<dyn std::error::Error>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?));
    }
    pack::read(&files, pack::MOST_IN_BROWSER)?.model.ok_or_else(|| "it brings no model".into())
}
