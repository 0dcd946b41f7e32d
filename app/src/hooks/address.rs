//! Keeps the address in step with what is on the screen, without adding to the history.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::app::App;

/// Write the link whenever it changes, once a pack is open.
pub fn follow_address(app: App) {
    let query = Memo::new(move |_| app.current_link().map(|link| link.to_string()));
    Effect::new(move || {
        let Some(query) = query.get() else { return };
        let location = window().location();
        let hash = location.hash().unwrap_or_default();
        let path = location.pathname().unwrap_or_default();
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{query}{hash}")));
        }
    });
}
