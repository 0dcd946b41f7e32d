//! Training: play, pause, step, reset; epoch, loss, speed; backend; the model's settings.

use leptos::html;
use leptos::prelude::*;
use lladr_core::session::BackendKind;

use crate::app::use_app;
use crate::components::settings::SettingsPanel;
use crate::components::sparkline::Sparkline;
use crate::format;
use crate::ui::icon::{CHEVRON, Icon, PAUSE, PLAY, RESET, STEP};
use crate::ui::panels::use_panels;

/// The bottom line.
#[component]
pub fn Transport() -> impl IntoView {
    let state = use_app().state;
    view! {
        <section class="transport" aria-label="Training">
            <Controls />
            <p class="status" role="status" data-testid="status">{move || state.status.get()}</p>
            <Numbers />
            <Backend />
            <ModelButton />
        </section>
    }
}

#[component]
fn Controls() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let (play, pause) = (NodeRef::<html::Button>::new(), NodeRef::<html::Button>::new());
    let is_running = Memo::new(move |_| state.is_running());
    let is_closed = move || !state.is_ready();
    // Of the two buttons one is shown; the focus moves along.
    let follows = StoredValue::new(false);
    Effect::new(move || {
        let shown = if is_running.get() { pause } else { play };
        if follows.get_value() {
            follows.set_value(false);
            request_animation_frame(move || {
                if let Some(button) = shown.get_untracked() {
                    let _ = button.focus();
                }
            });
        }
    });
    view! {
        <div class="controls">
            <button
                node_ref=play
                class="button-round button-main"
                data-testid="train-play"
                hidden=move || is_running.get()
                disabled=is_closed
                aria-label="Play: train on this device"
                title="Train on this device (space)"
                on:click=move |_| {
                    follows.set_value(true);
                    app.play();
                }
            >
                <Icon path=PLAY />
            </button>
            <button
                node_ref=pause
                class="button-round button-main"
                data-testid="train-pause"
                hidden=move || !is_running.get()
                aria-label="Pause training"
                title="Pause (space)"
                on:click=move |_| {
                    follows.set_value(true);
                    app.pause();
                }
            >
                <Icon path=PAUSE />
            </button>
            <button
                class="button-round"
                data-testid="train-step"
                disabled=move || is_closed() || is_running.get()
                aria-label="Step: train one epoch"
                title="Train one epoch (.)"
                on:click=move |_| app.step()
            >
                <Icon path=STEP />
            </button>
            <button
                class="button-round"
                data-testid="train-reset"
                disabled=is_closed
                aria-label="Reset: back to the pack’s own model"
                title="Back to the pack’s own model"
                on:click=move |_| app.reset()
            >
                <Icon path=RESET />
            </button>
        </div>
    }
}

#[component]
fn Numbers() -> impl IntoView {
    let state = use_app().state;
    let loss = move || state.progress.get().map_or("–".into(), |slice| format::sig3(slice.loss));
    let speed = move || {
        state
            .progress
            .get()
            .filter(|slice| slice.triples_per_sec > 0.0)
            .map_or("–".into(), |slice| format::rate(slice.triples_per_sec))
    };
    view! {
        <dl class="numbers">
            <div>
                <dt title="Passes over all training triples">"epoch"</dt>
                <dd data-testid="epoch-value">{move || format::count(state.epoch())}</dd>
            </div>
            <div>
                <dt title="Mean link loss per positive, over the last slice">"loss"</dt>
                <dd data-testid="loss-value">{loss}</dd>
            </div>
            <Sparkline />
            <div>
                <dt title="Positive triples trained per second">"triples/s"</dt>
                <dd data-testid="throughput-value">{speed}</dd>
            </div>
        </dl>
    }
}

#[component]
fn Backend() -> impl IntoView {
    let state = use_app().state;
    let name = move || {
        state.backend.get().map_or("…", |report| match report.kind {
            BackendKind::Cpu => "cpu",
            BackendKind::WebGpu => "webgpu",
        })
    };
    let why = move || state.backend.get().map(|report| report.reason).unwrap_or_else(|| "Looking for a GPU".into());
    let device = move || state.backend.get().map(|report| report.device).filter(|device| !device.is_empty());
    view! {
        <div class="backend" title=move || device().map(|device| format!("Device: {device}"))>
            <span class="chip" data-testid="backend">{name}</span>
            <span class="backend-why" data-testid="backend-reason">{why}</span>
        </div>
    }
}

#[component]
fn ModelButton() -> impl IntoView {
    let state = use_app().state;
    let open = use_panels().settings;
    let summary = Memo::new(move |_| {
        let settings = state.settings();
        format!("{} · dim {} · seed {}", settings.interaction.label(), settings.dim, settings.seed)
    });
    view! {
        <div class="model">
            <button
                class="button-quiet model-button"
                data-testid="settings-open"
                aria-expanded=move || open.get().to_string()
                aria-controls="settings"
                disabled=move || !state.is_ready()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="model-words">
                    <span class="model-label">"Settings of the live run"</span>
                    {summary}
                </span>
                <Icon path=CHEVRON />
            </button>
            <SettingsPanel open />
        </div>
    }
}
