//! Keeps the address in step with what is on the screen. Only another disease adds to the history.

use std::cell::RefCell;

use leptos::ev;
use leptos::prelude::*;
use lladr_core::session::BackendChoice;
use wasm_bindgen::JsValue;

use crate::app;
use crate::state::{Model, Topics, look};
use crate::ui::live::follow;
use crate::url::Link;

thread_local! {
    /// The disease in the address, and whether the person went back to it.
    static SHOWN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Write the link whenever it changes, once a pack is open. Another disease is a step that Back undoes.
pub fn start() {
    let handle = window_event_listener(ev::popstate, |_| {
        let (link, _) = Link::parse(&window().location().search().unwrap_or_default());
        if let Some(id) = link.disease {
            SHOWN.set(Some(id.clone()));
            app::go_back_to(id);
        }
    });
    on_cleanup(move || handle.remove());
    follow(|| {
        let topics = Topics::PACK | Topics::DISEASE | Topics::RUN;
        let Some(query) = look(topics, current_link).map(|link| link.query()) else { return };
        let location = window().location();
        if location.search().is_ok_and(|now| now == query) {
            return;
        }
        let address = location.pathname().unwrap_or_default() + &query + &location.hash().unwrap_or_default();
        let disease = look(Topics::DISEASE, |model| model.disease.as_ref().map(|disease| disease.id.clone()));
        let before = SHOWN.replace(disease.clone());
        let Ok(history) = window().history() else { return };
        let _ = if before.is_some() && before != disease {
            history.push_state_with_url(&JsValue::NULL, "", Some(&address))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
        };
    });
}

/// The link to what is on the screen. A disease that is still being looked up stays in it.
pub fn current_link(model: &Model) -> Option<Link> {
    let pack = model.pack.as_ref()?;
    let disease = model.wanted.as_deref().or(model.disease.as_ref().map(|disease| disease.id.as_str()));
    let backend = crate::app::backend_choice();
    Some(Link::to(pack, disease, model.settings(), backend.unwrap_or(BackendChoice::Auto)))
}
