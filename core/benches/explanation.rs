//! `cargo bench --bench explanation`: a click on "why", on the starter pack and on Hetionet.
//!
//! The starter pack has its own model; Hetionet (read where `LLADR_DATA` names a folder with
//! `hetionet-drkg/hetionet_drkg.tsv.gz`) has random rows of 128 numbers, which cost the same. Pairs are those
//! of the drugs and diseases with the most edges, and some in the middle. Milliseconds are the least of some
//! rounds: the machine may be shared.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use lladr_core::explain::{
    CautionNote, EdgeWeights, PathOptions, View, case_against, harm_relations, nearest_known, paths,
};
use lladr_core::graph::{Adjacency, KnowledgeGraph, Roles, Split, SplitRule, Triple, Vocabulary, split_by_pair};
use lladr_core::ids::{EntityId, TypeId};
use lladr_core::model::{Interaction, Metric, Model};
use lladr_core::pack;
use lladr_core::rng::{Stream, hash, unit};

const ROUNDS: usize = 5;

fn main() {
    match starter() {
        Some((graph, model)) => bench("starter", &graph, &model),
        None => println!("the starter pack could not be read"),
    }
    match std::env::var_os("LLADR_DATA").and_then(|folder| hetionet(Path::new(&folder))) {
        Some((graph, model)) => bench("Hetionet", &graph, &model),
        None => println!("set LLADR_DATA to a folder with hetionet-drkg/ to time Hetionet"),
    }
}

fn starter() -> Option<(KnowledgeGraph, Model)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    let names = std::fs::read_dir(&folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let files: Vec<_> =
        names.filter_map(|name| std::fs::read(folder.join(&name)).ok().map(|bytes| (name, bytes))).collect();
    let pack = pack::read(&files, pack::MOST_IN_BROWSER).ok()?;
    Some((pack.graph, pack.model?))
}

fn hetionet(folder: &Path) -> Option<(KnowledgeGraph, Model)> {
    let file = std::fs::File::open(folder.join("hetionet-drkg/hetionet_drkg.tsv.gz")).ok()?;
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).ok()?;
    let (mut vocabulary, mut triples) = (Vocabulary::default(), Vec::new());
    for line in text.lines() {
        let mut cells = line.split('\t');
        let (head, relation, tail) = (cells.next()?, cells.next()?, cells.next()?);
        triples.push(Triple::new(
            vocabulary.entity_or_add(head),
            vocabulary.relation_or_add(relation),
            vocabulary.entity_or_add(tail),
        ));
    }
    let treatments = ["CtD", "CpD"].map(|code| vocabulary.relation_row(&format!("Hetionet::{code}::Compound:Disease")));
    let treatments: Vec<_> = treatments.into_iter().flatten().collect();
    let rule = SplitRule { relations: treatments.clone(), share: 0.1, first: Vec::new(), seed: 1 };
    let splits = split_by_pair(&vocabulary, &triples, &rule);
    let roles = Roles { drug: vocabulary.type_row("Compound")?, disease: vocabulary.type_row("Disease")?, treatments };
    let graph = KnowledgeGraph::new(vocabulary, splits, Some(roles)).ok()?;
    let (entities, relations) = (graph.entity_count(), graph.relation_count());
    let rows = (0..(entities + relations) as u32 * 128).map(|at| unit(hash(1, Stream::Init, at, 0)) - 0.5).collect();
    let model = Model::new(Interaction::TransEL2, 12.0, entities, relations, 128, rows).ok()?;
    Some((graph, model))
}

fn bench(name: &str, graph: &KnowledgeGraph, model: &Model) {
    let Some(roles) = &graph.roles else { return };
    let triples = graph.triples(Split::Train);
    println!("\n{name}: {} entities, {} training triples, d {}", graph.entity_count(), triples.len(), model.dim());
    let (adjacency, index) = timed(|| Adjacency::new(graph.entity_count(), triples));
    let (weights, scale) = timed(|| EdgeWeights::new(graph, model));
    let Ok(weights) = weights else { return };
    println!("adjacency {index:.1} ms, scales of the relations {scale:.1} ms");
    let view = View { graph, adjacency: &adjacency, model, weights: &weights };
    let harmful = harm_relations(&graph.vocabulary);

    println!(
        "{:>8} {:>8} {:>9} {:>9} {:>12} {:>9} {:>14} {:>6} {:>8} {:>8}",
        "degrees", "", "≤ 2, ms", "≤ 3, ms", "paths", "≤ 4, ms", "paths", "caps", "nearest", "against"
    );
    let (drugs, diseases) = (by_degree(&adjacency, graph, roles.drug), by_degree(&adjacency, graph, roles.disease));
    for (drug, disease) in [(0, 0), (1, 1), (0, 2), (2, 0), (10, 10), (50, 20), (100, 50), (200, 60)] {
        let (drug, disease) = (drugs[drug.min(drugs.len() - 1)], diseases[disease.min(diseases.len() - 1)]);
        let search = |longest| {
            timed(|| paths(view, drug, disease, &harmful, &PathOptions { longest, ..PathOptions::default() }))
        };
        let [(_, two), (three, three_ms), (four, four_ms)] = [2, 3, 4].map(search);
        let (Ok(three), Ok(four)) = (three, four) else { continue };
        let (_, near) = timed(|| nearest_known(view, drug, disease, Metric::Cosine, 5));
        let notes: [CautionNote<u8>; 0] = [];
        let (_, against) = timed(|| case_against(view, drug, disease, &notes, &harmful, 5));
        println!(
            "{:>8} {:>8} {two:>9.2} {three_ms:>9.2} {:>12} {four_ms:>9.2} {:>14} {:>6} {near:>8.2} {against:>8.2}",
            adjacency.degree(drug),
            adjacency.degree(disease),
            three.count,
            four.count,
            four.caps.len(),
        );
    }
}

/// Entities of a type, those with the most edges first.
fn by_degree(adjacency: &Adjacency, graph: &KnowledgeGraph, kind: TypeId) -> Vec<EntityId> {
    let mut rows = graph.vocabulary.of_type(kind).to_vec();
    rows.sort_by_key(|&row| (std::cmp::Reverse(adjacency.degree(row)), row));
    rows
}

/// A result and the least milliseconds of some rounds.
fn timed<T>(mut work: impl FnMut() -> T) -> (T, f64) {
    let mut round = || {
        let started = Instant::now();
        let result = work();
        (result, started.elapsed().as_secs_f64() * 1e3)
    };
    let mut best = round();
    for _ in 1..ROUNDS {
        let next = round();
        if next.1 < best.1 {
            best = next;
        }
    }
    best
}
