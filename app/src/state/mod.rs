//! What the page knows. Signals, written only by [`State::apply`] and by the intents in [`crate::app`].

mod apply;
mod losses;

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::session::{
    BackendReport, EntityCard, EntityMatch, EntityRef, ModelSource, PackSummary, Progress, Ranking, RunState, Settings,
};

pub use apply::FollowUp;
pub use losses::Losses;

/// How far the page is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Files arrive: name of the pack, bytes so far and in all.
    Fetching {
        /// Folder of the pack.
        pack: String,
        /// Bytes that arrived.
        received: f64,
        /// Bytes in all; 0 while unknown.
        total: f64,
    },
    /// The engine checks and opens the files.
    Opening {
        /// Folder of the pack.
        pack: String,
    },
    /// A pack is open.
    Ready,
    /// Nothing could be opened.
    Empty,
}

/// Something that went wrong, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was being done.
    pub doing: String,
    /// What went wrong and what to do.
    pub message: String,
}

/// A layout of the map.
#[derive(Debug, PartialEq)]
pub struct Layout {
    /// x, y per entity.
    pub positions: Vec<f32>,
    /// Epoch of the model behind it; `None` for the pack's own.
    pub epoch: Option<u32>,
    /// Share of the variance on the two axes, 0 to 1.
    pub variance_share: f32,
}

/// Everything on the screen.
#[derive(Clone, Copy)]
pub struct State {
    /// How far the page is.
    pub phase: RwSignal<Phase>,
    /// Which backend runs, and why.
    pub backend: RwSignal<Option<BackendReport>>,
    /// The open pack.
    pub pack: RwSignal<Option<Arc<PackSummary>>>,
    /// One type row per entity.
    pub kinds: RwSignal<Arc<Vec<u8>>>,
    /// Packs that the page offers: folder and title.
    pub packs: RwSignal<Vec<(String, String)>>,
    /// The chosen disease.
    pub disease: RwSignal<Option<EntityRef>>,
    /// Its drugs.
    pub ranking: RwSignal<Option<Arc<Ranking>>>,
    /// The selected entity.
    pub selected: RwSignal<Option<EntityId>>,
    /// Its description.
    pub card: RwSignal<Option<Arc<EntityCard>>>,
    /// Answer to the last search: what was typed, and matches.
    pub found: RwSignal<(String, Arc<Vec<EntityMatch>>)>,
    /// Names that were asked for, by row.
    pub names: RwSignal<BTreeMap<u32, EntityRef>>,
    /// The live run.
    pub run: RwSignal<Option<RunState>>,
    /// Its last slice.
    pub progress: RwSignal<Option<Progress>>,
    /// Its loss curve.
    pub losses: RwSignal<Losses>,
    /// The map's layout.
    pub layout: RwSignal<Option<Arc<Layout>>>,
    /// Types that are not shown, by row.
    pub hidden: RwSignal<Vec<bool>>,
    /// What went wrong last.
    pub problem: RwSignal<Option<Problem>>,
    /// One short line on what happens, for eyes and screen readers.
    pub status: RwSignal<String>,
    /// The disease a link asked for, until it is found.
    pub wanted: RwSignal<Option<String>>,
}

impl State {
    /// The page before anything arrived.
    pub fn new() -> Self {
        State {
            phase: RwSignal::new(Phase::Fetching { pack: String::new(), received: 0.0, total: 0.0 }),
            backend: RwSignal::new(None),
            pack: RwSignal::new(None),
            kinds: RwSignal::new(Arc::default()),
            packs: RwSignal::new(Vec::new()),
            disease: RwSignal::new(None),
            ranking: RwSignal::new(None),
            selected: RwSignal::new(None),
            card: RwSignal::new(None),
            found: RwSignal::new((String::new(), Arc::default())),
            names: RwSignal::new(BTreeMap::new()),
            run: RwSignal::new(None),
            progress: RwSignal::new(None),
            losses: RwSignal::new(Losses::default()),
            layout: RwSignal::new(None),
            hidden: RwSignal::new(Vec::new()),
            problem: RwSignal::new(None),
            status: RwSignal::new("Starting".into()),
            wanted: RwSignal::new(None),
        }
    }

    /// Settings in force: those of the run, else of the pack.
    pub fn settings(&self) -> Settings {
        self.run
            .with(|run| run.as_ref().map(|run| run.settings))
            .or_else(|| self.pack.with(|pack| pack.as_ref().map(|pack| pack.settings)))
            .unwrap_or_default()
    }

    /// Whether it trains right now.
    pub fn is_running(&self) -> bool {
        self.run.with(|run| run.as_ref().is_some_and(|run| run.running))
    }

    /// Whether the model on the screen is being trained here.
    pub fn is_live(&self) -> bool {
        self.run.with(|run| run.as_ref().is_some_and(|run| run.source == ModelSource::Live))
    }

    /// Completed epochs of the live run.
    pub fn epoch(&self) -> u32 {
        let run = self.run.with(|run| run.as_ref().map_or(0, |run| run.epoch));
        let slice = self.progress.with(|slice| slice.map_or(0, |slice| slice.epoch as u32));
        if self.is_live() { run.max(slice) } else { 0 }
    }

    /// Whether a pack is open.
    pub fn is_ready(&self) -> bool {
        self.pack.with(Option::is_some)
    }

    /// Tell that something went wrong.
    pub fn fail(&self, doing: impl Into<String>, message: impl Into<String>) {
        self.problem.set(Some(Problem { doing: doing.into(), message: message.into() }));
    }
}

impl Default for State {
    fn default() -> Self {
        State::new()
    }
}
