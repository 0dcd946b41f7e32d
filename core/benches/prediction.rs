//! `cargo bench --bench prediction`: one disease against all drugs, at the size of DRKG.
//!
//! 24,313 drugs, rows of 400 numbers, one treatment relation, the whole list ranked; rows are synthetic.
//! The time of one core, after loading; the machine may be shared, so the least of many rounds by the clock
//! is printed beside the mean time on the processor, and beside both what merely reading the drugs' rows takes.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]

#[path = "work/drugs.rs"]
mod drugs;

use std::time::Instant;

use drugs::{DRKG, Drugs};
use lladr_core::model::Interaction;
use lladr_core::predict::{rank_diseases, rank_drugs};

const ROUNDS: usize = 101;

fn main() {
    println!(
        "{} drugs, {} diseases, d {}; {ROUNDS} rounds; least ms by the clock, mean ms on the processor",
        DRKG.drugs, DRKG.diseases, DRKG.dim
    );
    println!("{:<12} {:>18} {:>18} {:>18}", "model", "read drugs' rows", "drugs", "diseases");
    let [drug, disease] = Drugs::pair(&DRKG);
    for interaction in Interaction::ALL {
        let Some(Drugs { graph, model }) = Drugs::new(interaction, &DRKG) else { continue };
        let of_drugs = &model.rows()[..(DRKG.drugs * DRKG.dim) as usize];
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
