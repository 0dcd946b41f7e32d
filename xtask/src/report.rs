//! What the commands tell while they work: one line when a step starts, one with its time when it ends.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Do one step. `work` returns a few words on how it went ("in the cache", "built").
pub fn step(name: &str, work: impl FnOnce() -> Result<String>) -> Result<()> {
    println!("==> {name}");
    let watch = Stopwatch::start();
    let outcome = work()?;
    println!("    {outcome} ({watch})");
    Ok(())
}

/// Measures how long something takes.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Start measuring.
    #[allow(clippy::disallowed_methods, reason = "developer commands report wall time; only the core takes a clock")]
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

impl std::fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secs = self.elapsed().as_secs_f64();
        if secs < 60.0 {
            write!(f, "{secs:.1} s")
        } else {
            write!(f, "{} min {:02} s", secs as u64 / 60, secs as u64 % 60)
        }
    }
}
