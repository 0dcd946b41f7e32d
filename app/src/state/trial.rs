//! The experiment on the screen: what is asked, how far it is, what came out.

use lladr_core::experiment::{ExperimentEvent, Summary};

/// An experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Which question, by the value of its option.
    pub question: &'static str,
    /// Runs of each arm.
    pub seeds: u32,
    /// Epochs of each run.
    pub epochs: u32,
    /// Whether it runs.
    pub is_running: bool,
    /// Share of all runs that is done, 0 to 1.
    pub share: f32,
    /// What is trained now.
    pub arm: String,
    /// The result.
    pub summary: Option<Summary>,
}

impl Default for Trial {
    fn default() -> Self {
        Trial {
            question: "anchor",
            seeds: 3,
            epochs: 30,
            is_running: false,
            share: 0.0,
            arm: String::new(),
            summary: None,
        }
    }
}

impl Trial {
    /// Writes what the engine tells.
    pub fn apply(&mut self, event: ExperimentEvent) {
        match event {
            ExperimentEvent::Progress { arm, share, .. } => (self.arm, self.share) = (arm, share),
            ExperimentEvent::Measured { .. } => {}
            ExperimentEvent::Finished(summary) => (self.is_running, self.summary) = (false, Some(summary)),
        }
    }
}
