//! What a person can do: the intents that components send. Nothing here waits for an answer; answers
//! arrive as events and are written by `State::apply`.

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::session::{BackendChoice, Command, EntityRef, Settings};
use web_sys::AbortController;

use crate::engine::Engine;
use crate::services::pack;
use crate::state::{FollowUp, Phase, State};
use crate::url::{Link, STARTER, is_pack_name};

/// Rows of the ranking that are asked for at first, and with every "more".
pub const ROWS: u32 = 100;
/// Search hits that are asked for.
const HITS: u32 = 24;

/// State and intents; cheap to copy, found by [`use_app`].
#[derive(Clone, Copy)]
pub struct App {
    /// What the page knows.
    pub state: State,
    /// What the address asked for.
    pub link: StoredValue<Link>,
    /// Rows of the ranking that are shown.
    pub rows: RwSignal<u32>,
    engine: StoredValue<Option<Engine>, LocalStorage>,
    loading: StoredValue<Option<AbortController>, LocalStorage>,
}

/// The app of this page.
pub fn use_app() -> App {
    expect_context()
}

impl App {
    /// Start the worker and fetch the pack that the address names.
    pub fn start() -> Self {
        let (link, refused) = Link::parse(&window().location().search().unwrap_or_default());
        let state = State::new();
        let backend = link.backend.unwrap_or_default();
        let name = link.pack.clone().unwrap_or_else(|| STARTER.into());
        let app = App {
            state,
            link: StoredValue::new(link),
            rows: RwSignal::new(ROWS),
            engine: StoredValue::new_local(None),
            loading: StoredValue::new_local(None),
        };
        if !refused.is_empty() {
            let parts = refused.join(", ");
            state.fail("reading the link", format!("These parts make no sense and were left out: {parts}."));
        }
        let engine = Engine::start(
            move |event| {
                if let Some(next) = state.apply(event) {
                    app.follow(next);
                }
            },
            move |why| state.fail("running the engine", why),
        );
        engine.send(&Command::Start { backend });
        app.engine.set_value(Some(engine));
        app.open_pack(&name);
        app.list_packs();
        app
    }

    /// Fetch and open a pack; the open one stays until the new one is.
    pub fn open_pack(self, name: &str) {
        if !is_pack_name(name) {
            return self.state.fail("opening a pack", "A pack’s name has small letters, digits and hyphens only.");
        }
        let Ok(abort) = AbortController::new() else { return };
        let signal = abort.signal();
        self.loading.update_value(|loading| {
            if let Some(earlier) = loading.replace(abort) {
                earlier.abort();
            }
        });
        let (state, name) = (self.state, name.to_owned());
        state.phase.set(Phase::Fetching { pack: name.clone(), received: 0.0, total: 0.0 });
        state.status.set(format!("Loading {name}"));
        leptos::task::spawn_local(async move {
            let progress = |received, total| {
                state.phase.set(Phase::Fetching { pack: name.clone(), received, total });
            };
            let files = pack::fetch(&name, &signal, progress).await;
            if signal.aborted() {
                return;
            }
            match files {
                Ok(files) => {
                    state.phase.set(Phase::Opening { pack: name.clone() });
                    let command = Command::OpenPack { name: name.clone(), files: files.names, settings: None };
                    self.send_with(&command, files.buffers);
                }
                Err(why) => {
                    state.fail(format!("opening the pack {name}"), why);
                    self.refuse(&name);
                }
            }
        });
    }

    /// Rank the drugs of a disease.
    pub fn choose_disease(self, disease: EntityRef) {
        let entity = disease.entity;
        self.state.disease.set(Some(disease));
        self.rows.set(ROWS);
        self.rank(entity);
    }

    /// Show more rows of the ranking.
    pub fn more_rows(self) {
        self.rows.update(|rows| *rows += ROWS);
        if let Some(disease) = self.state.disease.get_untracked() {
            self.rank(disease.entity);
        }
    }

    /// Open an entity's description.
    pub fn select(self, entity: EntityId) {
        self.state.selected.set(Some(entity));
        self.send(&Command::Describe { entity });
    }

    /// Close it.
    pub fn clear_selection(self) {
        self.state.selected.set(None);
        self.state.card.set(None);
    }

    /// Look for entities.
    pub fn search(self, text: &str) {
        self.send(&Command::Search { text: text.to_owned(), limit: HITS });
    }

    /// Ask for a name, unless it is known.
    pub fn ask_name(self, entity: EntityId) {
        if !self.state.names.with_untracked(|names| names.contains_key(&entity.0)) {
            self.send(&Command::Name { entity });
        }
    }

    /// Train until paused.
    pub fn play(self) {
        self.state.status.set("Starting to train".into());
        self.send(&Command::Play);
    }

    /// Stop training.
    pub fn pause(self) {
        self.send(&Command::Pause);
    }

    /// One epoch.
    pub fn step(self) {
        self.send(&Command::Step);
    }

    /// Back to the pack's own model.
    pub fn reset(self) {
        self.send(&Command::Reset);
    }

    /// Other settings for the live run.
    pub fn configure(self, settings: Settings) {
        match settings.check() {
            Ok(()) => self.send(&Command::Configure { settings }),
            Err(why) => self.state.fail("changing the settings", why.to_string()),
        }
    }

    /// The link to what is on the screen.
    pub fn current_link(self) -> Option<Link> {
        let pack = self.state.pack.get()?;
        let disease = self.state.disease.get().map(|disease| disease.id);
        let backend = self.link.with_value(|link| link.backend).unwrap_or(BackendChoice::Auto);
        Some(Link::to(&pack.name, &pack.hash, disease.as_deref(), self.state.settings(), backend))
    }

    fn follow(self, next: FollowUp) {
        match next {
            FollowUp::Opened => self.greet(),
            FollowUp::Rank(entity) => self.rank(entity),
            FollowUp::Ranked => mark_first_ranking(),
            FollowUp::Refused => {
                let name = self.link.with_value(|link| link.pack.clone()).unwrap_or_default();
                self.refuse(&name);
            }
        }
    }

    /// A pack is open: apply the link once, and rank.
    fn greet(self) {
        let Some(pack) = self.state.pack.get_untracked() else { return };
        let link = self.link.get_value();
        // The link speaks for the first pack only; later ones open as they are.
        self.link.set_value(Link { backend: link.backend, ..Link::default() });
        if link.data.as_ref().is_some_and(|data| *data != pack.hash) {
            self.state.fail(
                "reading the link",
                "The link was made with another version of this pack: numbers may differ from what its sender saw.",
            );
        }
        if let Some(settings) = link.settings(pack.settings) {
            self.configure(settings);
        }
        let first = |wanted: EntityId| pack.diseases.iter().find(|disease| disease.entity == wanted).cloned();
        let own = pack.default_disease.and_then(first).or_else(|| pack.diseases.first().cloned());
        match link.disease {
            None => own.into_iter().for_each(|disease| self.choose_disease(disease)),
            Some(id) => match pack.diseases.iter().find(|disease| disease.id == id) {
                Some(disease) => self.choose_disease(disease.clone()),
                None => {
                    // A disease without known treatments is not listed, but can be found.
                    own.into_iter().for_each(|disease| self.choose_disease(disease));
                    self.state.wanted.set(Some(id.clone()));
                    self.search(&id);
                }
            },
        }
    }

    /// A pack could not be opened: the open one stays; with none open, the starter is.
    fn refuse(self, name: &str) {
        if self.state.is_ready() {
            self.state.phase.set(Phase::Ready);
        } else if name != STARTER && !name.is_empty() {
            self.link.update_value(|link| *link = Link { backend: link.backend, ..Link::default() });
            self.open_pack(STARTER);
        } else {
            self.state.phase.set(Phase::Empty);
            self.state.status.set("No pack is open".into());
        }
    }

    fn list_packs(self) {
        leptos::task::spawn_local(async move {
            if let Ok(abort) = AbortController::new() {
                self.state.packs.set(pack::index(&abort.signal()).await);
            }
        });
    }

    fn rank(self, disease: EntityId) {
        self.send(&Command::RankDrugs { disease, limit: self.rows.get_untracked() });
    }

    fn send(self, command: &Command) {
        self.send_with(command, js_sys::Array::new());
    }

    fn send_with(self, command: &Command, buffers: js_sys::Array) {
        self.engine.with_value(|engine| {
            if let Some(engine) = engine {
                engine.send_with(command, buffers);
            }
        });
    }
}

/// Leaves a mark on the page's time line when the first ranking is there.
fn mark_first_ranking() {
    thread_local! {
        static MARKED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    if !MARKED.replace(true) {
        if let Some(performance) = window().performance() {
            let _ = performance.mark("first-ranking");
        }
    }
}
