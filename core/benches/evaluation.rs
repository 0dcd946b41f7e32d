//! `cargo bench --bench evaluation`: full filtered ranking on one core, beside the matrix product it needs.
//!
//! The shape is FB15k's test set: 59,071 triples asked for heads and tails, 14,951 candidates, rows of 400.
//! `cargo bench --bench evaluation -- 10 distmult` asks a tenth of the triples, of one scoring function. All
//! queries are different (on real data many are the same, and their scores are computed once). Seconds are CPU
//! time where the system tells it (Linux), so that a shared machine does not blur them; wall time elsewhere.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

use std::time::Instant;

use lladr_core::evaluate::{ModelScorer, Protocol, evaluate};
use lladr_core::graph::{KnowledgeGraph, Split, SplitTriples, Triple, Vocabulary};
use lladr_core::model::{Arithmetic, Interaction, Model};
use lladr_core::rng::{Stream, below, hash, unit};
use ndarray::Array2;
use ndarray::linalg::general_mat_mul;

const ENTITIES: u32 = 14_951;
const RELATIONS: u32 = 1_345;
const TRAIN: u32 = 483_142;
const TEST: u32 = 59_071;
const DIM: usize = 400;

fn main() {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        println!("note: set RAYON_NUM_THREADS=1 for figures of one core");
    }
    let part = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1).max(1);
    let test = TEST / part;
    let graph = graph(test);
    println!("{} queries, {ENTITIES} candidates, d {DIM}", 2 * test);
    println!("{:<12} {:>10} {:>12} {:>16} {:>8}", "model", "seconds", "product s", "product GFLOP/s", "share");
    let named: Vec<_> = std::env::args().skip(1).filter_map(|name| Interaction::from_name(&name)).collect();
    let wanted = if named.is_empty() { vec![Interaction::DistMult, Interaction::TransEL2] } else { named };
    for interaction in wanted {
        let (entities, relations) = (ENTITIES as usize, RELATIONS as usize);
        let rows = (0..((entities + relations) * DIM) as u32).map(|at| 0.1 * unit(hash(1, Stream::Init, at, 0)) - 0.05);
        let Ok(model) = Model::new(interaction, 12.0, entities, relations, DIM, rows.collect()) else { continue };
        let product = product_secs(&model, 2 * test as usize);
        let scorer = ModelScorer::new(&model, Arithmetic::Fast);
        let clock = Clock::start();
        let evaluation = evaluate(&graph, &scorer, graph.triples(Split::Test), &Protocol::filtered(Split::Test));
        let secs = clock.secs();
        let flop = 2.0 * f64::from(2 * test) * f64::from(ENTITIES) * DIM as f64;
        println!(
            "{:<12} {secs:>10.2} {product:>12.2} {:>16.1} {:>7.0}%",
            interaction.name(),
            flop / product / 1e9,
            100.0 * product / secs
        );
        // Random rows rank at random: the number shows that something was counted.
        println!("{:<12} AMRI {:.3}", "", evaluation.metrics().amri);
    }
}

/// Random triples; the test triples differ in both of their queries almost surely.
fn graph(test: u32) -> KnowledgeGraph {
    let mut vocabulary = Vocabulary::default();
    (0..ENTITIES).for_each(|at| _ = vocabulary.entity_or_add(&format!("Entity::{at}")));
    (0..RELATIONS).for_each(|at| _ = vocabulary.relation_or_add(&format!("relation {at}")));
    let draw = |at: u32, slot: u32, n: u32| below(hash(78, Stream::Init, at, slot), n);
    let triples = |from: u32, to: u32| -> Vec<Triple> {
        (from..to)
            .map(|at| Triple {
                head: draw(at, 0, ENTITIES),
                relation: draw(at, 1, RELATIONS),
                tail: draw(at, 2, ENTITIES),
            })
            .collect()
    };
    let splits = SplitTriples { train: triples(0, TRAIN), valid: Vec::new(), test: triples(TRAIN, TRAIN + test) };
    KnowledgeGraph::new(vocabulary, splits, None).expect("all rows exist")
}

/// Seconds of the product of as many rows with the entity table, in blocks of 512 by 512, and nothing else.
fn product_secs(model: &Model, queries: usize) -> f64 {
    let table = model.entity_table();
    let clock = Clock::start();
    let mut scores = Array2::zeros((512, 512));
    for first in (0..queries).step_by(512) {
        let rows = table.slice(ndarray::s![..512.min(queries - first), ..]);
        for from in (0..table.nrows()).step_by(512) {
            let candidates = table.slice(ndarray::s![from..(from + 512).min(table.nrows()), ..]);
            let mut tile = scores.slice_mut(ndarray::s![..rows.nrows(), ..candidates.nrows()]);
            general_mat_mul(1.0, &rows, &candidates.t(), 0.0, &mut tile);
            std::hint::black_box(&tile);
        }
    }
    clock.secs()
}

/// CPU seconds of this process since a moment, on Linux; wall seconds elsewhere.
struct Clock(Instant, Option<f64>);

impl Clock {
    fn start() -> Self {
        Clock(Instant::now(), Clock::cpu())
    }

    fn secs(&self) -> f64 {
        match (self.1, Clock::cpu()) {
            (Some(before), Some(now)) => now - before,
            _ => self.0.elapsed().as_secs_f64(),
        }
    }

    /// User and system time of all threads, in ticks of 10 ms: fields 14 and 15 of proc(5)'s stat.
    fn cpu() -> Option<f64> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let fields = stat.rsplit_once(") ")?.1.split(' ').skip(11).take(2);
        fields.map(|ticks| ticks.parse::<f64>().ok()).sum::<Option<f64>>().map(|ticks| ticks / 100.0)
    }
}
