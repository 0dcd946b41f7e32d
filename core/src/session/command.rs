//! What a person can ask for: page → worker, command line → session.

use serde::{Deserialize, Serialize};

use crate::experiment::Experiment;
use crate::ids::EntityId;
use crate::settings::Settings;

/// A request to the session. One enum, closed: everything the page can do is listed here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Choose the backend; must come first. Answered by [`Event::BackendChosen`](super::Event::BackendChosen).
    Start {
        /// What the person asked for (`?backend=cpu|webgpu`), or automatic.
        backend: BackendChoice,
    },
    /// Load a pack. The attachments are its files as stored, in the order of `files`;
    /// the first is always `pack.json`. On failure the last good pack stays loaded.
    OpenPack {
        /// Folder name, for messages.
        name: String,
        /// File names, one per attachment.
        files: Vec<String>,
        /// Settings of a live run, where a link carried some; otherwise the pack's own.
        settings: Option<Settings>,
    },
    /// Rank all drugs for a disease under the model on the screen, now and again while it trains.
    RankDrugs {
        /// The disease that is the tail of the query.
        disease: EntityId,
        /// How many rows to return.
        limit: u32,
    },
    /// Find entities by name, synonym or identifier.
    Search {
        /// What was typed.
        text: String,
        /// How many matches to return.
        limit: u32,
    },
    /// Everything the pack knows about one entity.
    Describe {
        /// The entity.
        entity: EntityId,
    },
    /// What stands for and against a drug in a disease, under the model on the screen.
    Explain {
        /// The drug.
        drug: EntityId,
        /// The disease.
        disease: EntityId,
    },
    /// The entity with this identifier, for example the disease that a link names.
    Locate {
        /// Identifier, for example `Disease::DOID:9352`.
        id: String,
    },
    /// Name of one entity, for a hover label.
    Name {
        /// The entity.
        entity: EntityId,
    },
    /// Use these settings. A new learning rate applies at once; any other change
    /// restarts a live run from its first epoch.
    Configure {
        /// All settings, not only the changed ones.
        settings: Settings,
    },
    /// Train until paused. Starts a live run from random rows where there is none yet.
    Play,
    /// Stop after the current slice.
    Pause,
    /// Train to the end of the current epoch (a whole one, from a boundary), then pause.
    Step,
    /// Run an experiment on the open pack, in place of the live run, which pauses. Answered by
    /// [`Event::Experiment`](super::Event::Experiment) until it is finished.
    Experiment {
        /// What is asked, and how each run is trained.
        experiment: Experiment,
    },
    /// Give the experiment up.
    StopExperiment,
    /// Drop the live run and show the pack's own model again (or random rows, where the pack has none).
    Reset,
}

/// Which backend a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendChoice {
    /// WebGPU (natively: any GPU adapter) where there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU, even where there is a GPU.
    Cpu,
    /// The GPU; the CPU with a stated reason where there is none.
    #[serde(rename = "webgpu")]
    WebGpu,
}
