//! `cargo bench --bench evaluation`: full filtered ranking on one core, beside the matrix product it needs.
//!
//! The shape is FB15k's test set: 59,071 triples asked for heads and tails, 14,951 candidates, rows of 400.
//! `cargo bench --bench evaluation -- 10 distmult` asks a tenth of the triples, of one scoring function. Seconds are
//! CPU time, so that a shared machine does not blur them.

#[path = "work/ranking.rs"]
mod ranking;

use cpu_time::ProcessTime;
use lladr_core::model::Interaction;
use ranking::{FB15K, Ranking, RankingSize};

fn main() {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        println!("note: set RAYON_NUM_THREADS=1 for figures of one core");
    }
    let part = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1).max(1);
    let size = RankingSize { test: FB15K.test / part, ..FB15K };
    println!("{} queries, {} candidates, d {}", 2 * size.test, size.entities, size.dim);
    println!("{:<12} {:>10} {:>12} {:>16} {:>8}", "model", "seconds", "product s", "product GFLOP/s", "share");
    let named: Vec<_> = std::env::args().skip(1).filter_map(|name| Interaction::from_name(&name)).collect();
    let wanted = if named.is_empty() { vec![Interaction::DistMult, Interaction::TransEL2] } else { named };
    for interaction in wanted {
        let Some(work) = Ranking::new(interaction, &size) else { continue };
        let (flop, product) = timed(|| work.product());
        let (amri, secs) = timed(|| work.run());
        println!(
            "{:<12} {secs:>10.2} {product:>12.2} {:>16.1} {:>7.0}%",
            interaction.name(),
            flop / product / 1e9,
            100.0 * product / secs
        );
        // Random rows rank at random: the number shows that something was counted.
        println!("{:<12} AMRI {amri:.3}", "");
    }
}

/// A result, and the CPU seconds of all threads.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = ProcessTime::now();
    let result = work();
    (result, started.elapsed().as_secs_f64())
}
