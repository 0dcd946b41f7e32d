//! `cargo bench --bench prediction`: one disease against all drugs, at the size of DRKG.
//!
//! 24,313 drugs, rows of 400 numbers, one treatment relation, the whole list ranked; rows are synthetic.
//! The time of one core, after loading; the machine may be shared, so the least of many rounds by the clock
//! is printed beside the mean time on the processor, and beside both what merely reading the drugs' rows takes.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

use std::time::Instant;

use lladr_core::graph::{KnowledgeGraph, Roles, SplitTriples, Triple, Vocabulary};
use lladr_core::ids::EntityId;
use lladr_core::model::{Interaction, Model};
use lladr_core::predict::{rank_diseases, rank_drugs};
use lladr_core::rng::{Stream, below, hash, unit};

const DRUGS: u32 = 24_313;
const DISEASES: u32 = 5_103;
const DIM: u32 = 400;
const ROUNDS: usize = 101;

fn main() {
    let mut vocabulary = Vocabulary::default();
    for (kind, count) in [("Compound", DRUGS), ("Disease", DISEASES)] {
        for row in 0..count {
            vocabulary.entity_or_add(&format!("{kind}::{row}"));
        }
    }
    let treats = vocabulary.relation_or_add("Hetionet::CtD::Compound:Disease");
    let (drug, disease) = (EntityId(7), EntityId(DRUGS + 7));
    let kind = |row: EntityId| vocabulary.entities()[row.index()].kind;
    let roles = Roles { drug: kind(drug), disease: kind(disease), treatments: vec![treats] };
    let draw = |at, slot, n| below(hash(1, Stream::Negative, at, slot), n);
    let train =
        (0..60_000).map(|at| Triple { head: draw(at, 0, DRUGS), relation: 0, tail: DRUGS + draw(at, 1, DISEASES) });
    let splits = SplitTriples { train: train.collect(), ..SplitTriples::default() };
    let Ok(graph) = KnowledgeGraph::new(vocabulary, splits, Some(roles)) else { return };
    let entities = DRUGS + DISEASES;
    let rows: Vec<f32> = (0..entities + 1)
        .flat_map(|row| (0..DIM).map(move |column| unit(hash(2, Stream::Init, row, column)) - 0.5))
        .collect();

    println!(
        "{DRUGS} drugs, {DISEASES} diseases, d {DIM}; {ROUNDS} rounds; least ms by the clock, mean ms on the processor"
    );
    println!("{:<12} {:>18} {:>18} {:>18}", "model", "read drugs' rows", "drugs", "diseases");
    for interaction in Interaction::ALL {
        let Ok(model) = Model::new(interaction, 12.0, entities as usize, 1, DIM as usize, rows.clone()) else {
            continue;
        };
        let of_drugs = &model.rows()[..(DRUGS * DIM) as usize];
        let read = times(|| of_drugs.iter().fold(0, |bits, x| bits ^ x.to_bits()) as usize);
        let drugs = times(|| rank_drugs(&graph, &model, disease).map_or(0, |ranked| ranked.len()));
        let diseases = times(|| rank_diseases(&graph, &model, drug).map_or(0, |ranked| ranked.len()));
        println!("{:<12} {read:>18} {drugs:>18} {diseases:>18}", interaction.name());
    }
}

/// Milliseconds a round: least by the clock, and mean on the processor where the system tells it.
fn times(mut work: impl FnMut() -> usize) -> String {
    let on_processor = processor_millis();
    let least = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        std::hint::black_box(work());
        started.elapsed().as_secs_f64() * 1e3
    });
    let least = least.fold(f64::MAX, f64::min);
    match (on_processor, processor_millis()) {
        (Some(before), Some(after)) => format!("{least:.2} {:.2}", (after - before) / ROUNDS as f64),
        _ => format!("{least:.2}"),
    }
}

/// Time this thread has been on a processor, as Linux counts it: waiting for others that share it is not in it.
fn processor_millis() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e6)
}
