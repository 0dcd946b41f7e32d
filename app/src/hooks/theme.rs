//! Light or dark: the system's wish until the person chooses; the choice is remembered.

use leptos::prelude::*;
use lladr_core::scatter::Group;
use lladr_core::scatter::palette::Theme;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::services::storage;

const KEY: &str = "theme";

/// The theme in force; cheap to copy.
#[derive(Clone, Copy)]
pub struct ThemeSwitch {
    theme: RwSignal<Theme>,
}

impl ThemeSwitch {
    /// The theme in force.
    pub fn get(self) -> Theme {
        self.theme.get()
    }

    /// The other one, from now on.
    pub fn toggle(self) {
        let next = if self.theme.get_untracked() == Theme::Light { Theme::Dark } else { Theme::Light };
        storage::write(KEY, name(next));
        self.theme.set(next);
    }
}

fn name(theme: Theme) -> &'static str {
    if theme == Theme::Dark { "dark" } else { "light" }
}

/// Find out the theme, keep the document in step with it, and offer it to all components.
pub fn provide_theme() {
    let media = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let system = |media: &Option<web_sys::MediaQueryList>| {
        if media.as_ref().is_some_and(web_sys::MediaQueryList::matches) { Theme::Dark } else { Theme::Light }
    };
    let chosen = match storage::read(KEY).as_deref() {
        Some("dark") => Some(Theme::Dark),
        Some("light") => Some(Theme::Light),
        _ => None,
    };
    let theme = RwSignal::new(chosen.unwrap_or_else(|| system(&media)));
    if let Some(list) = media.clone() {
        let follow = Closure::<dyn FnMut()>::new(move || {
            if storage::read(KEY).is_none() {
                theme.set(system(&media));
            }
        });
        let _ = list.add_event_listener_with_callback("change", follow.as_ref().unchecked_ref());
        follow.forget();
    }
    Effect::new(move || paint_document(theme.get()));
    provide_context(ThemeSwitch { theme });
}

/// The theme of this page.
pub fn use_theme() -> ThemeSwitch {
    expect_context()
}

/// Colours of the marks come from the map's palette, so that list, legend and map always agree.
fn paint_document(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    let _ = root.set_attribute("data-theme", name(theme));
    let Ok(root) = root.dyn_into::<web_sys::HtmlElement>() else { return };
    for group in Group::ALL {
        let [r, g, b] = group.colour(theme);
        let _ = root.style().set_property(&format!("--mark-{}", group.name()), &format!("rgb({r} {g} {b})"));
    }
}
