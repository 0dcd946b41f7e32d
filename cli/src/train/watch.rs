//! What a run tells while it goes on: the bar, validations, and checkpoints to go on from.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;
use lladr_core::graph::KnowledgeGraph;
use lladr_core::model::Model;
use lladr_core::train::{FitEvent, State, Watch};

use crate::output::Output;
use crate::{files, interrupt, report};

/// How often a checkpoint is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Every {
    /// When so much time has passed.
    Time(Duration),
    /// After so many epochs.
    Epochs(f32),
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "say a time such as 90s, 10m or 1h, or a number of epochs such as 5".to_owned();
        let (number, seconds) = match text.char_indices().next_back() {
            Some((at, 's')) => (&text[..at], Some(1)),
            Some((at, 'm')) => (&text[..at], Some(60)),
            Some((at, 'h')) => (&text[..at], Some(3600)),
            _ => (text, None),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        match (number, seconds) {
            (0, _) => Err(wrong()),
            (number, Some(seconds)) => Ok(Every::Time(Duration::from_secs(u64::from(number) * seconds))),
            (number, None) => Ok(Every::Epochs(number as f32)),
        }
    }
}

/// Watches a run on behalf of a person.
pub struct Teller<'a> {
    graph: &'a KnowledgeGraph,
    output: &'a Output,
    bar: ProgressBar,
    checkpoint: Option<(PathBuf, Every)>,
    origin: &'a str,
    last: (Instant, f32),
    /// Why the last checkpoint could not be written.
    failure: Option<anyhow::Error>,
    /// Positives trained.
    pub trained: u64,
    /// Time that was spent on other things than training.
    pub aside: Duration,
}

#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
impl<'a> Teller<'a> {
    /// Nothing is kept yet; `bar` counts triples.
    pub fn new(graph: &'a KnowledgeGraph, output: &'a Output, bar: ProgressBar) -> Self {
        let last = (Instant::now(), 0.0);
        let aside = Duration::ZERO;
        Teller { graph, output, bar, checkpoint: None, origin: "", last, failure: None, trained: 0, aside }
    }

    /// Keeps the state of a run that starts at `epoch` and is of this origin.
    pub fn keeping(self, checkpoint: Option<(PathBuf, Every)>, epoch: f32, origin: &'a str) -> Self {
        Teller { checkpoint, origin, last: (self.last.0, epoch.floor()), ..self }
    }

    /// The run is over.
    ///
    /// # Errors
    /// When its last checkpoint could not be written.
    pub fn end(self) -> Result<()> {
        self.bar.finish_and_clear();
        self.failure.map_or(Ok(()), Err)
    }

    fn timed<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let started = Instant::now();
        let done = work(self);
        self.aside += started.elapsed();
        done
    }
}

#[allow(clippy::disallowed_methods, reason = "the command line measures wall time")]
impl Watch for Teller<'_> {
    fn validate(&mut self, model: &Model) -> f64 {
        self.timed(|own| report::validation_mrr(own.graph, model))
    }

    fn tell(&mut self, event: FitEvent) -> ControlFlow<()> {
        match event {
            FitEvent::Trained { epoch, positives, link, anchor } => {
                self.trained += u64::from(positives);
                self.bar.inc(u64::from(positives));
                self.bar.set_message(format!("epoch {epoch:.1}  link {link:.4}  anchor {anchor:.4}"));
            }
            FitEvent::Validated { epoch, score, is_best } => {
                let mark = if is_best { ", the best so far" } else { "" };
                let line = format!("epoch {epoch:<4} validation MRR {score:.4}{mark}");
                self.bar.suspend(|| self.output.say(line));
            }
        }
        if interrupt::is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn wants(&mut self, epoch: f32) -> bool {
        let (at, known) = self.last;
        match self.checkpoint {
            None => false,
            Some((_, Every::Time(time))) => at.elapsed() >= time,
            Some((_, Every::Epochs(epochs))) => epoch.floor() >= known + epochs,
        }
    }

    fn keep(&mut self, state: State<'_>) {
        let Some((path, _)) = self.checkpoint.clone() else { return };
        let epoch = (state.step / state.spec.shape.steps_per_epoch()) as f32;
        let origin = self.origin;
        self.failure = self.timed(|_| {
            let bytes = State { origin, ..state }.to_bytes().map_err(|error| anyhow!(error));
            bytes.and_then(|bytes| files::write_whole(&path, &bytes)).err()
        });
        // A long run goes on: there may be room again at the next checkpoint.
        if let Some(error) = &self.failure {
            self.bar.suspend(|| eprintln!("lladr: no checkpoint at step {}: {error:#}", state.step));
        }
        self.last = (Instant::now(), epoch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_epochs_are_told_apart() {
        let of = |text: &str| text.parse::<Every>().ok();
        assert_eq!(of("90s"), Some(Every::Time(Duration::from_secs(90))));
        assert_eq!(of("10m"), Some(Every::Time(Duration::from_secs(600))));
        assert_eq!(of("2h"), Some(Every::Time(Duration::from_secs(7200))));
        assert_eq!(of("5"), Some(Every::Epochs(5.0)));
        for wrong in ["", "0", "0s", "s", "-1", "1.5", "5 minutes", "ü"] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
