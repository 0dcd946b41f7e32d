//! Training: play, pause, step, reset; epoch, loss, speed; backend; the model's settings.

use leptos::prelude::*;
use lladr_core::session::BackendKind;
use web_sys::MouseEvent;

use crate::app;
use crate::components::settings::settings;
use crate::components::sparkline::sparkline;
use crate::format;
use crate::panels;
use crate::state::{Model, Topics, change, look, peek};
use crate::ui::icon::{CHEVRON, PAUSE, PLAY, RESET, STEP, icon};
use crate::ui::live::{click, flag, focus_soon, follow, part, text, truth};

/// Identifiers of the two buttons of which one is shown.
const PLAY_ID: &str = "play";
const PAUSE_ID: &str = "pause";
/// Identifier of the button that opens the settings.
pub const SETTINGS_ID: &str = "settings-button";

/// The bottom line.
pub fn transport() -> impl IntoView + use<> {
    view! {
        <section class="transport" aria-label="Training">
            {controls()}
            <p class="status" role="status" data-testid="status">
                {text(|| look(Topics::STATUS, |model| model.status.clone()))}
            </p>
            {numbers()}
            {backend()}
            {model_button()}
        </section>
    }
}

fn is_running() -> bool {
    look(Topics::RUN, Model::is_running)
}

fn is_closed() -> bool {
    look(Topics::PACK, |model| !model.is_ready())
}

fn controls() -> impl IntoView + use<> {
    follow(move_focus);
    view! {
        <div class="controls">
            <button
                id=PLAY_ID
                class="button-round button-main"
                data-testid="train-play"
                hidden=flag(is_running)
                disabled=flag(is_closed)
                aria-label="Play: train on this device"
                title="Train on this device (space)"
                on:click=click(press)
            >
                {icon(PLAY)}
            </button>
            <button
                id=PAUSE_ID
                class="button-round button-main"
                data-testid="train-pause"
                hidden=flag(|| !is_running())
                aria-label="Pause training"
                title="Pause (space)"
                on:click=click(press)
            >
                {icon(PAUSE)}
            </button>
            <button
                class="button-round"
                data-testid="train-step"
                disabled=flag(is_closed)
                aria-disabled=text(|| truth(is_running()).to_owned())
                aria-label="Step: train one epoch"
                title="Train one epoch (.)"
                on:click=click(|_| app::step())
            >
                {icon(STEP)}
            </button>
            <button
                class="button-round"
                data-testid="train-reset"
                disabled=flag(is_closed)
                aria-label="Reset: back to the pack’s own model"
                title="Back to the pack’s own model"
                on:click=click(|_| app::reset())
            >
                {icon(RESET)}
            </button>
        </div>
    }
}

fn press(_: MouseEvent) {
    app::toggle_training();
}

/// Of play and pause one is shown; the focus moves along.
fn move_focus() {
    let (shown, hidden) = if is_running() { (PAUSE_ID, PLAY_ID) } else { (PLAY_ID, PAUSE_ID) };
    if document().active_element().is_some_and(|focused| focused.id() == hidden) {
        focus_soon(shown);
    }
}

fn numbers() -> impl IntoView + use<> {
    view! {
        <dl class="numbers">
            <div>
                <dt title="Passes over all training triples">"epoch"</dt>
                <dd data-testid="epoch-value">
                    {text(|| format::count(look(Topics::RUN | Topics::PROGRESS, Model::epoch)))}
                </dd>
            </div>
            <div>
                <dt title="Mean link loss per positive, over the last slice: how well true triples stand out from made-up ones">
                    "link loss"
                </dt>
                <dd data-testid="loss-value">{text(|| look(Topics::PROGRESS, loss))}</dd>
            </div>
            <div hidden=flag(|| !is_anchored())>
                <dt title="Mean anchor loss, with its weight, over the last slice: how far rows are from the vectors of their texts">
                    "anchor loss"
                </dt>
                <dd data-testid="anchor-loss-value">{text(|| look(Topics::PROGRESS, anchor_loss))}</dd>
            </div>
            <div class="numbers-curve">
                <dt class="visually-hidden">"loss curve"</dt>
                <dd>{sparkline()}</dd>
            </div>
            <div>
                <dt title="Positive triples trained per second">"triples/s"</dt>
                <dd data-testid="throughput-value">{text(|| look(Topics::PROGRESS, speed))}</dd>
            </div>
        </dl>
    }
}

fn loss(model: &Model) -> String {
    model.progress.map_or("–".to_owned(), |slice| format::sig3(slice.loss))
}

fn anchor_loss(model: &Model) -> String {
    model.progress.map_or("–".to_owned(), |slice| format::sig3(slice.anchor_loss))
}

/// Whether the live run is, or would be, anchored in text.
fn is_anchored() -> bool {
    look(Topics::RUN | Topics::PACK, |model| model.settings().text.is_used())
}

fn speed(model: &Model) -> String {
    let slice = model.progress.filter(|slice| slice.triples_per_sec > 0.0);
    slice.map_or("–".to_owned(), |slice| format::rate(slice.triples_per_sec))
}

fn backend() -> impl IntoView + use<> {
    view! {
        <div class="backend">
            {part(chip)}
            <span class="backend-why" data-testid="backend-reason">{text(|| look(Topics::BACKEND, backend_reason))}</span>
        </div>
    }
}

/// The backend's name, there once it is known: who scripts the page waits for this element.
fn chip() -> AnyView {
    let kind = look(Topics::BACKEND, |model| model.backend.as_ref().map(|report| report.kind));
    let name = match kind {
        None => return ().into_any(),
        Some(BackendKind::Cpu) => "cpu",
        Some(BackendKind::WebGpu) => "webgpu",
    };
    view! {
        <button
            class="chip"
            title=look(Topics::BACKEND, device)
            on:click=click(|_| panels::show_about(true))
        >
            <span data-testid="backend">{name}</span>
        </button>
    }
    .into_any()
}

fn backend_reason(model: &Model) -> String {
    model.backend.as_ref().map_or("Looking for a GPU".to_owned(), |report| report.reason.clone())
}

/// The reason, which a narrow page has no room for, and the device. A press on the name opens the page that tells it.
fn device(model: &Model) -> Option<String> {
    let report = model.backend.as_ref()?;
    Some(report.reason.clone() + " " + &report.device)
}

fn model_button() -> impl IntoView + use<> {
    view! {
        <div class="model">
            <button
                id=SETTINGS_ID
                class="button-quiet model-button"
                data-testid="settings-open"
                aria-controls="settings"
                aria-expanded=text(|| truth(look(Topics::PANELS, |model| model.settings_open)).to_owned())
                disabled=flag(is_closed)
                on:click=click(toggle_settings)
            >
                <span class="model-words">
                    <span class="model-label">"Settings of the live run"</span>
                    {text(|| look(Topics::RUN | Topics::PACK, model_words))}
                </span>
                {icon(CHEVRON)}
            </button>
            {settings(toggle_settings)}
        </div>
    }
}

fn toggle_settings(_: MouseEvent) {
    change(|model| {
        model.settings_open = !model.settings_open;
        Topics::PANELS
    });
    focus_soon(if peek(|model| model.settings_open) { "model-select" } else { SETTINGS_ID });
}

fn model_words(model: &Model) -> String {
    let settings = model.settings();
    let dim = settings.dim.to_string();
    let text = if settings.text.is_used() { " + text" } else { "" };
    settings.interaction.label().to_owned() + text + " · dim " + &dim + " · seed " + &settings.seed.to_string()
}
