//! Light or dark: the system's wish until the person chooses; the choice is remembered.

use leptos::prelude::*;
use lladr_core::scatter::Group;
use lladr_core::scatter::palette::Theme;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;

use crate::services::storage;
use crate::state::{Topics, change, look, peek};
use crate::ui::live::follow;

const KEY: &str = "theme";

/// Find out the theme and keep the document in step with it.
pub fn start() {
    set(chosen().unwrap_or_else(system));
    if let Ok(Some(media)) = window().match_media("(prefers-color-scheme: dark)") {
        let changed = Closure::<dyn FnMut()>::new(|| {
            if chosen().is_none() {
                set(system());
            }
        });
        let _ = media.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        changed.forget();
    }
    follow(|| paint_document(look(Topics::THEME, |model| model.theme)));
}

/// The other one, from now on.
pub fn toggle() {
    let next = if peek(|model| model.theme) == Theme::Light { Theme::Dark } else { Theme::Light };
    storage::write(KEY, name(next));
    set(next);
}

fn set(theme: Theme) {
    change(|model| {
        model.theme = theme;
        Topics::THEME
    });
}

fn chosen() -> Option<Theme> {
    match storage::read(KEY)?.as_str() {
        "dark" => Some(Theme::Dark),
        "light" => Some(Theme::Light),
        _ => None,
    }
}

fn system() -> Theme {
    let media = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    if media.is_some_and(|media| media.matches()) { Theme::Dark } else { Theme::Light }
}

fn name(theme: Theme) -> &'static str {
    if theme == Theme::Dark { "dark" } else { "light" }
}

/// Colours of the marks come from the map's palette, so that list, legend and map always agree.
fn paint_document(theme: Theme) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    let Some(root) = root else { return };
    let _ = root.set_attribute("data-theme", name(theme));
    for group in Group::ALL {
        let property = "--mark-".to_owned() + group.name();
        let _ = root.style().set_property(&property, &css(group.colour(theme)));
    }
}

/// A colour as style sheets and canvases read it.
pub fn css(rgb: [u8; 3]) -> String {
    let mut text = "#".to_owned();
    for channel in rgb {
        for half in [channel >> 4, channel & 15] {
            text.push(char::from(b"0123456789abcdef"[half as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn colours_are_written_in_hex() {
        assert_eq!(super::css([0, 0xa6, 0xff]), "#00a6ff");
    }
}
