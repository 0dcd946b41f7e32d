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
    /// The engine's number of the experiment that runs; 0 where none does.
    pub number: u32,
    /// Share of all runs that is done, 0 to 1.
    pub share: f32,
    /// What is trained now.
    pub arm: String,
    /// The result.
    pub summary: Option<Summary>,
}

impl Default for Trial {
    fn default() -> Self {
        Trial { question: "anchor", seeds: 5, epochs: 30, number: 0, share: 0.0, arm: String::new(), summary: None }
    }
}

impl Trial {
    /// Whether one runs.
    pub fn is_running(&self) -> bool {
        self.number != 0
    }

    /// The engine runs this experiment, or none.
    pub fn runs(&mut self, number: u32) {
        if number != 0 && number != self.number {
            (self.share, self.arm, self.summary) = (0.0, String::new(), None);
        }
        self.number = number;
    }

    /// Writes what the engine tells of the experiment that runs; what it tells of another comes too late.
    pub fn apply(&mut self, number: u32, news: ExperimentEvent) {
        match news {
            _ if number != self.number => {}
            ExperimentEvent::Progress { arm, share, .. } => (self.arm, self.share) = (arm, share),
            ExperimentEvent::Measured { .. } => {}
            ExperimentEvent::Finished(summary) => self.summary = Some(summary),
        }
    }
}
