//! Keys that work everywhere: `/` search, space play or pause, `.` step, `Esc` back, `?` help.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::app;
use crate::components::transport::SETTINGS_ID;
use crate::panels;
use crate::state::{Topics, change, peek};
use crate::ui::live::{by_id, focus_soon};

/// Identifier of the search box.
pub const SEARCH_ID: &str = "search";

/// Listen on the window.
pub fn start() {
    let handle = window_event_listener(ev::keydown, pressed);
    on_cleanup(move || handle.remove());
}

fn pressed(event: KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    // A modal dialog takes the keys itself.
    if peek(|model| model.help_open || model.about_open || model.cases_open || model.experiments_open) {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let tag = target.map(|target| target.tag_name()).unwrap_or_default();
    let types = matches!(tag.as_str(), "INPUT" | "SELECT" | "TEXTAREA");
    match event.key().as_str() {
        "Escape" => go_back(),
        _ if types => return,
        "/" => focus_search(),
        "?" => panels::show_help(true),
        // A focused button or link takes the space itself.
        " " if !matches!(tag.as_str(), "BUTTON" | "A") => app::toggle_training(),
        "." if peek(|model| model.is_ready() && !model.is_running()) => app::step(),
        _ => return,
    }
    event.prevent_default();
}

/// Close what is in front: settings, then the drawer.
fn go_back() {
    if peek(|model| model.settings_open) {
        change(|model| {
            model.settings_open = false;
            Topics::PANELS
        });
        focus_soon(SETTINGS_ID);
    } else if peek(|model| model.selected.is_some()) {
        app::clear_selection();
    }
}

/// Move the focus to the row of the ranking that Tab reaches.
pub fn focus_ranking() {
    let row = document().query_selector("#ranking [tabindex='0']").ok().flatten();
    if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

fn focus_search() {
    if let Some(input) = by_id::<HtmlInputElement>(SEARCH_ID) {
        let _ = input.focus();
        input.select();
    }
}
