//! Keeps the address in step with what is on the screen, without adding to the history.

use leptos::prelude::*;
use lladr_core::session::BackendChoice;
use wasm_bindgen::JsValue;

use crate::state::{Model, Topics, look};
use crate::ui::live::follow;
use crate::url::Link;

/// Write the link whenever it changes, once a pack is open.
pub fn start() {
    follow(|| {
        let topics = Topics::PACK | Topics::DISEASE | Topics::RUN;
        let Some(query) = look(topics, current_link).map(|link| link.query()) else { return };
        let location = window().location();
        if location.search().is_ok_and(|now| now == query) {
            return;
        }
        let address = location.pathname().unwrap_or_default() + &query + &location.hash().unwrap_or_default();
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
    });
}

/// The link to what is on the screen. A disease that is still being looked up stays in it.
pub fn current_link(model: &Model) -> Option<Link> {
    let pack = model.pack.as_ref()?;
    let disease = model.wanted.as_deref().or(model.disease.as_ref().map(|disease| disease.id.as_str()));
    let backend = crate::app::backend_choice();
    Some(Link::to(pack, disease, model.settings(), backend.unwrap_or(BackendChoice::Auto)))
}
