//! Two sides of a comparison, turn and turn about, and what a series of turns says.

use std::time::Instant;

use anyhow::Result;
use cpu_time::ProcessTime;
use serde_json::{Value, json};

/// One stretch of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Triples, FLOP, rankings: what the side counts.
    pub work: f64,
    /// Seconds by the clock.
    pub wall: f64,
    /// CPU seconds of all threads, where they are known.
    pub cpu: Option<f64>,
}

/// What is compared: it works for a while and says how much it did.
pub trait Side {
    /// Name, with versions.
    fn name(&self) -> String;

    /// Works for a turn.
    ///
    /// # Errors
    /// When a program outside this one fails.
    fn turn(&mut self) -> Result<Turn>;
}

/// Measures work of this process, which returns how much it did.
pub fn measured(work: impl FnOnce() -> f64) -> Turn {
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
    let started = Instant::now();
    let on_processor = ProcessTime::try_now();
    let work = work();
    Turn {
        work,
        wall: started.elapsed().as_secs_f64(),
        cpu: on_processor.and_then(|before| before.try_elapsed()).ok().map(|time| time.as_secs_f64()),
    }
}

/// Which seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Of the processor.
    Cpu,
    /// Of the wall.
    Wall,
}

/// The turns of one side.
#[derive(Debug, Clone, Default)]
pub struct Series(pub Vec<Turn>);

impl Series {
    /// Whether CPU time is known throughout.
    pub fn has_cpu(&self) -> bool {
        self.0.iter().all(|turn| turn.cpu.is_some())
    }

    /// Work per second of each turn.
    pub fn rates(&self, clock: Clock) -> Vec<f64> {
        let seconds = |turn: &Turn| match clock {
            Clock::Cpu => turn.cpu.unwrap_or(turn.wall),
            Clock::Wall => turn.wall,
        };
        self.0.iter().map(|turn| turn.work / seconds(turn).max(1e-9)).collect()
    }

    /// Median of the ratios of this side's rate to the other's, round by round.
    pub fn ratio(&self, other: &Series, clock: Clock) -> f64 {
        let pairs = self.rates(clock).into_iter().zip(other.rates(clock));
        median(pairs.map(|(ours, theirs)| ours / theirs).collect())
    }

    /// Every turn as it was.
    pub fn json(&self) -> Value {
        let turns = self.0.iter().map(|turn| json!({ "work": turn.work, "wall_s": turn.wall, "cpu_s": turn.cpu }));
        turns.collect()
    }
}

/// The middle value, of two the mean.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    match (values.get(low), values.get(high)) {
        (Some(low), Some(high)) => (low + high) / 2.0,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_is_the_median_of_rounds_and_not_the_ratio_of_medians() {
        let series = |works: [f64; 3]| Series(works.map(|work| Turn { work, wall: 2.0, cpu: Some(1.0) }).to_vec());
        let (ours, theirs) = (series([10.0, 40.0, 30.0]), series([1.0, 2.0, 30.0]));
        assert_eq!(ours.ratio(&theirs, Clock::Cpu), 10.0);
        assert_eq!(ours.rates(Clock::Wall), [5.0, 20.0, 15.0]);
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn this_process_has_a_clock() {
        let turn = measured(|| (0..3_000_000u64).fold(0, |sum, x| std::hint::black_box(sum ^ x)) as f64 + 1.0);
        assert!(turn.wall > 0.0 && turn.cpu.is_some_and(|cpu| cpu > 0.0), "{turn:?}");
    }
}
