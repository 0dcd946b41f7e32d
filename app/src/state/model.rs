//! The model: everything on the screen, as plain values.

use std::collections::BTreeMap;
use std::rc::Rc;

use lladr_core::ids::EntityId;
use lladr_core::scatter::Group;
use lladr_core::scatter::palette::{Theme, mark_of};
use lladr_core::session::{
    BackendReport, EntityCard, EntityMatch, EntityRef, Explanation, ModelSource, PackSummary, Progress, Ranking,
    RunState, Settings,
};

use super::{Losses, Topics, Trial};

/// Diseases that the search offers before anything is typed.
const OFFERED: usize = 100;

/// How far the page is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Files of a pack arrive: bytes so far and in all (0 while unknown).
    Fetching(String, f64, f64),
    /// The engine checks and opens the files of a pack.
    Opening(String),
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
    /// Share of the variance on the two axes, 0 to 1; `None` for the map that the pack brings.
    pub variance_share: Option<f32>,
}

/// The four tabs of a narrow screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Disease and ranking.
    List,
    /// The map.
    Map,
    /// The selected entity.
    Details,
    /// Training.
    Train,
}

/// Everything on the screen.
#[derive(Debug)]
pub struct Model {
    /// How far the page is.
    pub phase: Phase,
    /// Which backend runs, and why.
    pub backend: Option<BackendReport>,
    /// The open pack.
    pub pack: Option<Rc<PackSummary>>,
    /// One type row per entity.
    pub kinds: Vec<u8>,
    /// Packs that the page offers: folder and title.
    pub packs: Vec<(String, String)>,
    /// The chosen disease.
    pub disease: Option<EntityRef>,
    /// Its drugs.
    pub ranking: Option<Ranking>,
    /// Rows of the ranking that are shown.
    pub rows: u32,
    /// The row that Tab reaches.
    pub stop: usize,
    /// The selected entity.
    pub selected: Option<EntityId>,
    /// Its description.
    pub card: Option<EntityCard>,
    /// What stands for and against a drug in a disease.
    pub why: Option<Explanation>,
    /// What is typed into the search.
    pub typed: String,
    /// The answer to the last search: what had been typed, and matches.
    pub found: (String, Vec<EntityMatch>),
    /// Whether the list of matches is open.
    pub is_searching: bool,
    /// The match that Enter takes.
    pub active: usize,
    /// The disease a link asked for, until it is found.
    pub wanted: Option<String>,
    /// The mark under the pointer.
    pub hovered: Option<u32>,
    /// Names that were asked for, by row.
    pub names: BTreeMap<u32, String>,
    /// Settings that were sent and not yet answered.
    pub sent: Option<Settings>,
    /// The live run.
    pub run: Option<RunState>,
    /// Its last slice.
    pub progress: Option<Progress>,
    /// Its loss curve.
    pub losses: Losses,
    /// The map's layout.
    pub layout: Option<Layout>,
    /// Types that are not shown, by row.
    pub hidden: Vec<bool>,
    /// What went wrong last.
    pub problem: Option<Problem>,
    /// One short line on what happens, for eyes and screen readers.
    pub status: String,
    /// Tab of a narrow screen.
    pub tab: Tab,
    /// Whether the settings of the run are open.
    pub settings_open: bool,
    /// Whether the dialog with the cases is open.
    pub cases_open: bool,
    /// Whether the dialog with the experiments is open.
    pub experiments_open: bool,
    /// The experiment.
    pub trial: Trial,
    /// The open case, by its place in the pack.
    pub case: Option<usize>,
    /// Whether the dialog about the pack is open.
    pub about_open: bool,
    /// Whether the help is open.
    pub help_open: bool,
    /// Light or dark.
    pub theme: Theme,
}

impl Default for Model {
    /// The page before anything arrived.
    fn default() -> Self {
        Model {
            phase: Phase::Fetching(String::new(), 0.0, 0.0),
            backend: None,
            pack: None,
            kinds: Vec::new(),
            packs: Vec::new(),
            disease: None,
            ranking: None,
            rows: Model::ROWS,
            stop: 0,
            selected: None,
            card: None,
            why: None,
            typed: String::new(),
            found: (String::new(), Vec::new()),
            is_searching: false,
            active: 0,
            wanted: None,
            hovered: None,
            names: BTreeMap::new(),
            sent: None,
            run: None,
            progress: None,
            losses: Losses::default(),
            layout: None,
            hidden: Vec::new(),
            problem: None,
            status: "Starting".to_owned(),
            tab: Tab::List,
            settings_open: false,
            cases_open: false,
            experiments_open: false,
            trial: Trial::default(),
            case: None,
            about_open: false,
            help_open: false,
            theme: Theme::Light,
        }
    }
}

impl Model {
    /// Rows of the ranking that are shown at first: few enough to follow a training model without a stutter.
    pub const ROWS: u32 = 50;
    /// Rows that are shown in addition with every "more".
    pub const MORE_ROWS: u32 = 100;

    /// Settings in force: those of the run, else of the pack.
    pub fn settings(&self) -> Settings {
        let run = self.run.as_ref().map(|run| run.settings);
        run.or_else(|| self.pack.as_ref().map(|pack| pack.settings)).unwrap_or_default()
    }

    /// The selected drug and the chosen disease, where the explanation that is there is not of them and the model
    /// on the screen. A model that trains right now would change it before it is read.
    pub fn unexplained(&self) -> Option<(EntityId, EntityId)> {
        let (ranking, card) = (self.ranking.as_ref()?, self.card.as_ref()?);
        let pair = (card.entity.entity, ranking.disease.entity);
        let is_told = self.why.as_ref().is_some_and(|told| {
            let is_of_model = (told.source, told.epoch) == (ranking.source, ranking.epoch);
            (told.drug.entity, told.disease.entity) == pair && (is_of_model || self.is_running())
        });
        let is_drug = mark_of(&card.entity.kind).group == Group::Drug;
        (self.is_ready() && is_drug && !is_told).then_some(pair)
    }

    /// What the next change of a setting builds on.
    pub fn next_settings(&self) -> Settings {
        self.sent.unwrap_or_else(|| self.settings())
    }

    /// Show another disease. The drugs of the one before must not stand under its name.
    pub fn choose(&mut self, disease: EntityRef) -> Topics {
        self.wanted = None;
        if self.ranking.as_ref().is_some_and(|ranking| ranking.disease.entity != disease.entity) {
            (self.ranking, self.why) = (None, None);
        }
        // A case is about its own disease.
        let of_case = self.case.and_then(|case| self.pack.as_ref()?.cases.get(case));
        if of_case.is_some_and(|case| case.disease.entity != disease.entity) {
            self.case = None;
        }
        self.disease = Some(disease);
        (self.rows, self.stop) = (Model::ROWS, 0);
        Topics::DISEASE | Topics::STOP | Topics::RANKING | Topics::CASE | Topics::WHY
    }

    /// Whether a pack is open.
    pub fn is_ready(&self) -> bool {
        self.pack.is_some()
    }

    /// Whether it trains right now.
    pub fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.running)
    }

    /// Completed epochs of the live run.
    pub fn epoch(&self) -> u32 {
        let live = self.run.as_ref().filter(|run| run.source == ModelSource::Live);
        let slice = self.progress.map_or(0, |slice| slice.epoch as u32);
        live.map_or(0, |run| run.epoch.max(slice))
    }

    /// Matches to show: with nothing typed, the diseases that can be ranked.
    pub fn hits(&self) -> Vec<EntityMatch> {
        if !self.typed.trim().is_empty() {
            // The answer to what was typed before says nothing about what is typed now.
            let is_answered = self.found.0 == self.typed.trim();
            return if is_answered { self.found.1.clone() } else { Vec::new() };
        }
        let offer = |entity: &EntityRef| EntityMatch { entity: entity.clone(), matched: None, is_disease: true };
        self.pack.iter().flat_map(|pack| pack.diseases.iter().take(OFFERED).map(offer)).collect()
    }

    /// What is known about an entity's name.
    pub fn name(&self, entity: u32) -> Option<&str> {
        let row = |ranking: &'_ Ranking| ranking.rows.iter().position(|row| row.drug.entity.0 == entity);
        match (&self.ranking, self.ranking.as_ref().and_then(row)) {
            (Some(ranking), Some(row)) => Some(&ranking.rows[row].drug.label),
            _ => self.names.get(&entity).map(String::as_str),
        }
    }

    /// Show the ranking that a pack carries, until the engine has opened the pack.
    pub fn preview(&mut self, ranking: Ranking) -> Topics {
        self.status = "First drugs for ".to_owned() + &ranking.disease.label;
        self.disease = Some(ranking.disease.clone());
        self.ranking = Some(ranking);
        Topics::RANKING | Topics::DISEASE | Topics::STATUS
    }

    /// The pack of the preview could not be opened.
    pub fn forget_preview(&mut self) -> Topics {
        (self.disease, self.ranking, self.selected, self.card) = (None, None, None, None);
        Topics::RANKING | Topics::DISEASE | Topics::SELECTED | Topics::CARD
    }

    /// Note what went wrong.
    pub fn fail(&mut self, doing: &str, message: &str) -> Topics {
        self.problem = Some(Problem { doing: doing.to_owned(), message: message.to_owned() });
        Topics::PROBLEM
    }

    /// Note what happens.
    pub fn say(&mut self, status: String) -> Topics {
        self.status = status;
        Topics::STATUS
    }
}
