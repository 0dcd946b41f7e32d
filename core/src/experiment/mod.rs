//! Experiments: the same run several times, with one thing changed, over several seeds.
//!
//! | experiment | question |
//! |---|---|
//! | anchor ablation | what do blending, the anchor and concatenation add? (LLaDR's paper never sets `ζ_anchor = 0`) |
//! | robustness | what is lost when training triples are deleted, or false ones added? (LLaDR, §5) |
//! | prompt styles | name, original, good, masked: which text helps, and how much of it is the answer itself? |
//! | wrong descriptions | what is lost when a share of the entities have another one's text? |
//! | hidden edge | one known treatment is taken from training: is it found again? |
//!
//! An experiment is a list of [`Arm`]s; the first is what the others are compared with. Each arm runs once per seed,
//! and all arms share the seeds, so differences are paired. [`ExperimentRun::advance`] does a few training steps at a
//! time and tells what happened: a page stays responsive, a command line loops. Same experiment, same device: the
//! same numbers.

mod arms;
mod change;
mod run;
mod summary;

use serde::{Deserialize, Serialize};

use crate::ids::EntityId;
use crate::settings::Settings;

pub use arms::arms;
pub use change::{add_noise, delete_share, hide_pair, swap_texts};
pub use run::{Device, ExperimentRun, Text};
pub use summary::{Estimate, Summary, SummaryRow, estimate};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What do blending, the anchor and concatenation add?
    AnchorAblation,
    /// What is lost with triples deleted or false ones added?
    Robustness,
    /// Which template?
    PromptStyles,
    /// What is lost with wrong texts?
    WrongDescriptions,
    /// Is a treatment found again that training did not see?
    HiddenEdge {
        /// The drug.
        drug: EntityId,
        /// The disease.
        disease: EntityId,
    },
}

impl Question {
    /// Its name for people.
    pub fn words(self) -> &'static str {
        match self {
            Question::AnchorAblation => "Blending and anchor",
            Question::Robustness => "Missing and false triples",
            Question::PromptStyles => "Descriptions",
            Question::WrongDescriptions => "Wrong descriptions",
            Question::HiddenEdge { .. } => "A hidden treatment",
        }
    }
}

/// An experiment: the question, and how each run is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// What is asked.
    pub question: Question,
    /// Settings of every run, but for what an arm changes; seeds count up from `settings.seed`.
    pub settings: Settings,
    /// Epochs of every run.
    pub epochs: u32,
    /// Runs of each arm.
    pub seeds: u32,
}

/// What an arm does to the graph or to the texts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Nothing.
    None,
    /// This share of the training triples is deleted.
    Delete(f32),
    /// Training triples with a random tail are added, this share of their number.
    Noise(f32),
    /// This share of the entities get another one's text.
    SwapTexts(f32),
    /// All training triples of a drug and a disease are taken out.
    HidePair(EntityId, EntityId),
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// For people.
    pub name: String,
    /// Settings of its runs, but for the seed.
    pub settings: Settings,
    /// What is done to graph or texts.
    pub change: Change,
    /// The arm that it is compared with.
    pub baseline: usize,
}

/// News of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExperimentEvent {
    /// Some steps of a run are done.
    Progress {
        /// The arm's name.
        arm: String,
        /// Runs done, of all arms.
        runs_done: u32,
        /// Runs in all.
        runs: u32,
        /// Share of all runs that is done, 0 to 1.
        share: f32,
    },
    /// A run is measured.
    Measured {
        /// The arm's name.
        arm: String,
        /// Its seed.
        seed: u32,
        /// Name and value of each metric.
        metrics: Vec<(String, f64)>,
    },
    /// All runs are done.
    Finished(Summary),
}
