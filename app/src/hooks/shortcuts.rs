//! Keys that work everywhere: `/` search, space play or pause, `.` step, `Esc` back, `?` help.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::app::App;
use crate::ui::panels::Panels;

/// Identifier of the search box.
pub const SEARCH_ID: &str = "search";

/// Listen on the window.
pub fn listen(app: App, panels: Panels) {
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if panels.help.get_untracked() || panels.about.get_untracked() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let tag = target.as_ref().map(|target| target.tag_name()).unwrap_or_default();
        let typing = matches!(tag.as_str(), "INPUT" | "SELECT" | "TEXTAREA");
        match event.key().as_str() {
            "Escape" => go_back(app, panels),
            _ if typing => return,
            "/" => focus_search(),
            "?" => panels.help.set(true),
            // A focused button or link takes the space itself.
            " " if !matches!(tag.as_str(), "BUTTON" | "A" | "SUMMARY") => toggle_training(app),
            "." => {
                if app.state.is_ready() && !app.state.is_running() {
                    app.step();
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

fn toggle_training(app: App) {
    if !app.state.is_ready() {
        return;
    }
    if app.state.is_running() { app.pause() } else { app.play() }
}

/// Close what is in front: settings, then the drawer.
fn go_back(app: App, panels: Panels) {
    if panels.settings.get_untracked() {
        panels.settings.set(false);
    } else if app.state.selected.get_untracked().is_some() {
        app.clear_selection();
    }
}

/// Move the focus to the first tabbable row of the ranking.
pub fn focus_ranking() {
    let row = document().query_selector("[data-testid=ranking-row][tabindex='0']").ok().flatten();
    if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

fn focus_search() {
    let input = document().get_element_by_id(SEARCH_ID).and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok());
    if let Some(input) = input {
        let _ = input.focus();
        input.select();
    }
}
