//! Names for the few kinds of things that change on the page.
//!
//! A part that follows the model is a plain function: it captures nothing, so that the view's machinery is
//! compiled once per kind and not once per part. This is what keeps the page small.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, MouseEvent};

/// A text.
pub fn text(read: fn() -> String) -> fn() -> String {
    read
}

/// A condition: a class, `hidden`, `disabled`.
pub fn flag(read: fn() -> bool) -> fn() -> bool {
    read
}

/// An attribute that can be absent.
pub fn maybe(read: fn() -> Option<String>) -> fn() -> Option<String> {
    read
}

/// A part whose elements change.
pub fn part(draw: fn() -> AnyView) -> fn() -> AnyView {
    draw
}

/// What a click does.
pub fn click(run: fn(MouseEvent)) -> fn(MouseEvent) {
    run
}

/// What any other plain event does.
pub fn event(run: fn(Event)) -> fn(Event) {
    run
}

/// Run now, and again whenever what it looked at changes.
pub fn follow(run: fn()) {
    Effect::new(run);
}

/// `aria-pressed` and the like.
pub fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// The value of `name` on the element an event came from, or on the nearest one around it that has it.
/// One handler on a list serves all of its rows.
pub fn attribute_at(event: &Event, name: &str) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let selector = "[".to_owned() + name + "]";
    target.closest(&selector).ok()??.get_attribute(name)
}

/// The same as a number.
pub fn number_at(event: &Event, name: &str) -> Option<u32> {
    attribute_at(event, name)?.parse().ok()
}

/// The element with this identifier.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Put the focus on the element with this identifier, once it is shown.
pub fn focus_soon(id: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = by_id::<HtmlElement>(id) {
            let _ = element.focus();
        }
    });
}

/// Whether the page shows one panel at a time.
pub fn is_narrow() -> bool {
    media("(max-width: 719px)")
}

/// Whether the person asked the system for less motion.
pub fn prefers_less_motion() -> bool {
    media("(prefers-reduced-motion: reduce)")
}

fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|media| media.matches())
}
