//! What a person can do: the intents that components send. Nothing here waits for an answer; answers
//! arrive as events and are written by `state::apply`.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::session::{BackendChoice, Command, EntityRef, PackSummary, Settings};
use web_sys::{AbortController, AbortSignal};

use crate::engine;
use crate::hooks::{address, shortcuts};
use crate::services::pack;
use crate::state::{self, FollowUp, Model, Phase, Tab, Topics, change, fail, peek};
use crate::ui::live::is_narrow;
use crate::url::{Link, STARTER, is_pack_name};

/// Rows of the ranking that are asked for, so that the place of most drugs is known.
const ASKED: u32 = 200;
/// How often the engine is started again.
const MOST_RESTARTS: u32 = 2;
/// Parts of a link that were not understood, as many as are told.
const TOLD: usize = 5;
/// Search hits that are asked for.
const HITS: u32 = 24;

thread_local! {
    /// What the address asked for; spoken for the first pack only.
    static LINK: RefCell<Link> = RefCell::default();
    /// Stops the download that runs.
    static LOADING: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Fetch the pack that the address names. The engine starts once its first ranking is on the screen.
pub fn start() {
    let (link, refused) = Link::parse(&window().location().search().unwrap_or_default());
    if !refused.is_empty() {
        let more = if refused.len() > TOLD { " and more" } else { "" };
        let parts = refused[..refused.len().min(TOLD)].join(", ") + more;
        fail("reading the link", &("These parts make no sense and were left out: ".to_owned() + &parts + "."));
    }
    let name = link.pack.clone().unwrap_or_else(|| STARTER.to_owned());
    LINK.set(link);
    open_pack(&name);
}

/// The backend that the address asks for.
pub fn backend_choice() -> Option<BackendChoice> {
    LINK.with_borrow(|link| link.backend)
}

/// Fetch and open a pack; the open one stays until the new one is.
pub fn open_pack(name: &str) {
    if !is_pack_name(name) {
        return fail("opening a pack", "A pack’s name has small letters, digits and hyphens only.");
    }
    let Ok(abort) = AbortController::new() else { return };
    let signal = abort.signal();
    if let Some(earlier) = LOADING.replace(Some(abort)) {
        earlier.abort();
    }
    let name = name.to_owned();
    set_phase(Phase::Fetching(name.clone(), 0.0, 0.0));
    state::say("Loading ".to_owned() + &name);
    leptos::task::spawn_local(async move {
        let opened = fetch_and_send(&name, &signal).await;
        if signal.aborted() {
            return;
        }
        if let Err(why) = opened {
            fail(&("opening the pack ".to_owned() + &name), &why);
            refuse(&name);
        }
        // What else there is can wait until the first pack has arrived.
        if peek(|model| model.packs.is_empty()) {
            let packs = pack::index(&signal).await;
            change(|model| {
                model.packs = packs;
                Topics::PACKS
            });
        }
    });
}

/// The ranking that the pack carries comes first, then the engine, then the rest of the pack.
async fn fetch_and_send(name: &str, signal: &AbortSignal) -> Result<(), String> {
    let card = pack::card(name, signal).await;
    if let Ok(card) = &card
        && !peek(Model::is_ready)
        && let Some(asked) = LINK.with_borrow(|link| link.disease.clone()).or(card.default_disease.clone())
        && let Some(ranking) = pack::ranking(card, &asked, signal).await
    {
        change(|model| model.preview(ranking));
        mark_first_ranking();
    }
    start_engine();
    let progress = |received, total| set_phase(Phase::Fetching(name.to_owned(), received, total));
    let files = pack::rest(card?, signal, &progress).await?;
    if !signal.aborted() {
        set_phase(Phase::Opening(name.to_owned()));
        let command = Command::OpenPack { name: name.to_owned(), files: files.names, settings: None };
        engine::send_with(&command, files.buffers);
    }
    Ok(())
}

/// Start the worker, the first time.
fn start_engine() {
    thread_local! {
        static STARTED: Cell<bool> = const { Cell::new(false) };
    }
    if !STARTED.replace(true) {
        launch();
    }
}

fn launch() {
    let hear = |event| {
        if let Some(next) = state::apply(event) {
            follow_up(next);
        }
    };
    engine::start(hear, engine_stopped);
    engine::send(&Command::Start { backend: backend_choice().unwrap_or_default() });
}

/// The engine ran out of memory, or met a fault: start it again and open the last good pack, as it was shown.
fn engine_stopped() {
    thread_local! {
        static RESTARTS: Cell<u32> = const { Cell::new(0) };
    }
    let doing = "running the engine";
    if RESTARTS.replace(RESTARTS.get() + 1) >= MOST_RESTARTS {
        let why = "It stopped, or could not be loaded. Reload the page in a current Firefox, Chrome, Edge or Safari; \
                   what is on the screen stays readable.";
        return fail(doing, why);
    }
    fail(doing, "It stopped, perhaps for want of memory, and was started again.");
    launch();
    if let Some(link) = peek(address::current_link) {
        let name = link.pack.clone();
        LINK.set(link);
        open_pack(&name.unwrap_or_default());
    } else if let Phase::Opening(name) = peek(|model| model.phase.clone()) {
        refuse(&name);
    }
}

/// Rank the drugs of a disease.
fn choose_disease(disease: EntityRef) {
    let entity = disease.entity;
    change(|model| model.choose(disease));
    rank(entity);
}

/// The same, because a person asked for it: where panels are tabs, go to the list.
pub fn go_to_disease(disease: EntityRef) {
    change(|model| {
        model.tab = Tab::List;
        Topics::PANELS
    });
    choose_disease(disease);
}

/// The disease with this identifier, from an address that the person went back to.
pub fn go_back_to(id: String) {
    if peek(Model::is_ready) {
        change(|model| {
            model.wanted = Some(id.clone());
            Topics::NONE
        });
        engine::send(&Command::Locate { id });
    }
}

/// Show more rows of the ranking.
pub fn more_rows() {
    change(|model| {
        model.rows += Model::MORE_ROWS;
        Topics::RANKING
    });
    if let Some(disease) = peek(|model| model.disease.as_ref().map(|disease| disease.entity)) {
        rank(disease);
    }
}

/// Open an entity's description; where panels are tabs, go there.
pub fn select(entity: EntityId) {
    let narrow = is_narrow();
    change(|model| {
        model.selected = Some(entity);
        if narrow {
            model.tab = Tab::Details;
        }
        Topics::SELECTED | Topics::PANELS
    });
    // Before the pack is open nothing can be described; it is asked for once it is.
    if peek(Model::is_ready) {
        engine::send(&Command::Describe { entity });
    }
}

/// Close it.
pub fn clear_selection() {
    // The focus goes back to the list if it was in what closes.
    let focused = document().active_element().and_then(|focused| focused.closest(".panel-detail").ok().flatten());
    if focused.is_some() {
        request_animation_frame(shortcuts::focus_ranking);
    }
    change(|model| {
        (model.selected, model.card) = (None, None);
        if model.tab == Tab::Details {
            model.tab = Tab::List;
        }
        Topics::SELECTED | Topics::CARD | Topics::PANELS
    });
}

/// Look for entities.
pub fn search(text: String) {
    // Before the pack is open nothing can be found; it is looked for once it is.
    if !text.is_empty() && peek(Model::is_ready) {
        engine::send(&Command::Search { text, limit: HITS });
    }
}

/// What is under the pointer; its name is asked for unless it is known.
pub fn hover(entity: Option<u32>) {
    if peek(|model| model.hovered == entity) {
        return;
    }
    change(|model| {
        model.hovered = entity;
        Topics::HOVER
    });
    if let Some(row) = entity.filter(|row| peek(|model| model.name(*row).is_none())) {
        engine::send(&Command::Name { entity: EntityId(row) });
    }
}

/// Train until paused, or pause.
pub fn toggle_training() {
    if peek(Model::is_running) {
        engine::send(&Command::Pause);
    } else if peek(Model::is_ready) {
        state::say("Starting to train".to_owned());
        engine::send(&Command::Play);
    }
}

/// One epoch.
pub fn step() {
    if peek(|model| model.is_ready() && !model.is_running()) {
        engine::send(&Command::Step);
    }
}

/// Back to the pack's own model.
pub fn reset() {
    engine::send(&Command::Reset);
}

/// Other settings for the live run; the engine refuses what makes no sense.
pub fn configure(settings: Settings) {
    if settings != peek(Model::next_settings) {
        change(|model| {
            model.sent = Some(settings);
            Topics::NONE
        });
        engine::send(&Command::Configure { settings });
    }
}

fn follow_up(next: FollowUp) {
    match next {
        FollowUp::Opened => {
            if let Some(pack) = peek(|model| model.pack.clone()) {
                greet(&pack);
            }
        }
        FollowUp::Rank(entity) => rank(entity),
        FollowUp::Ranked => {
            mark_first_ranking();
            explain();
        }
        FollowUp::Described => explain(),
        FollowUp::Refused(name) => refuse(&name),
    }
}

/// Ask what stands for and against the selected drug, unless that is on the screen.
fn explain() {
    if let Some((drug, disease)) = peek(Model::unexplained) {
        engine::send(&Command::Explain { drug, disease });
    }
}

/// A pack is open: apply the link once, and rank.
fn greet(pack: &PackSummary) {
    let link = forget_link();
    if link.data.as_ref().is_some_and(|data| *data != pack.hash) {
        fail(
            "reading the link",
            "The link was made with another version of this pack: numbers may differ from what its sender saw.",
        );
    }
    if let Some(settings) = link.settings(pack.settings) {
        engine::send(&Command::Configure { settings });
        state::say("The link brings settings: press play to train with them".to_owned());
    }
    let listed = |wanted: &dyn Fn(&EntityRef) -> bool| pack.diseases.iter().find(|disease| wanted(disease)).cloned();
    let asked = link.disease.as_ref().and_then(|id| listed(&|disease| disease.id == *id));
    let own = || listed(&|disease| Some(disease.entity) == pack.default_disease).or(pack.diseases.first().cloned());
    if let (None, Some(id)) = (&asked, link.disease) {
        // A disease without known treatments is not listed, but can be found.
        if let Some(disease) = own() {
            choose_disease(disease);
        }
        change(|model| {
            model.wanted = Some(id.clone());
            Topics::NONE
        });
        engine::send(&Command::Locate { id });
    } else if let Some(disease) = asked.or_else(own) {
        choose_disease(disease);
    }
    search(peek(|model| model.typed.trim().to_owned()));
    if let Some(entity) = peek(|model| model.selected) {
        select(entity);
    }
}

/// The link, which has been spoken; only the choice of the backend stays.
fn forget_link() -> Link {
    LINK.with_borrow_mut(|link| {
        let spoken = link.clone();
        *link = Link { backend: spoken.backend, ..Link::default() };
        spoken
    })
}

/// A pack could not be opened: the open one stays; with none open, the starter is.
fn refuse(name: &str) {
    if peek(Model::is_ready) {
        set_phase(Phase::Ready);
        return;
    }
    change(Model::forget_preview);
    if name != STARTER {
        forget_link();
        open_pack(STARTER);
    } else {
        set_phase(Phase::Empty);
        state::say("No pack is open".to_owned());
    }
}

fn set_phase(phase: Phase) {
    change(|model| {
        model.phase = phase;
        Topics::PHASE
    });
}

fn rank(disease: EntityId) {
    engine::send(&Command::RankDrugs { disease, limit: peek(|model| model.rows).max(ASKED) });
}

/// Leaves a mark on the page's time line when the first ranking is there.
fn mark_first_ranking() {
    thread_local! {
        static MARKED: Cell<bool> = const { Cell::new(false) };
    }
    if !MARKED.replace(true)
        && let Some(performance) = window().performance()
    {
        let _ = performance.mark("first-ranking");
    }
}
