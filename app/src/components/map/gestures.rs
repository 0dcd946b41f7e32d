//! Pointer, wheel and keys on the map: drag or two fingers move and zoom, a click selects.

use std::cell::RefCell;

use lladr_core::ids::EntityId;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

use super::chart::{read, update};
use crate::app;

/// Pixels a pointer may move and still click.
const STILL: f32 = 4.0;
/// Reach of a pointer around a mark, in pixels; fingers are thicker.
const REACH: f32 = 6.0;
const REACH_TOUCH: f32 = 16.0;
/// Pixels an arrow key moves the map.
const STEP: f32 = 60.0;

/// Fingers or the mouse on the map.
struct Hands {
    /// Identifier and place of each pressed pointer.
    pointers: Vec<(i32, [f32; 2])>,
    /// Way since the first press.
    way: f32,
}

thread_local! {
    static HANDS: RefCell<Hands> = const { RefCell::new(Hands { pointers: Vec::new(), way: 0.0 }) };
}

/// A press.
pub fn down(event: PointerEvent) {
    if event.button() != 0 {
        return;
    }
    if let Some(map) = map_of(&event) {
        let _ = map.set_pointer_capture(event.pointer_id());
    }
    HANDS.with_borrow_mut(|hands| {
        if hands.pointers.is_empty() {
            hands.way = 0.0;
        }
        hands.pointers.push((event.pointer_id(), place(&event)));
    });
}

/// A move: hover without a press, else drag or pinch.
pub fn moved(event: PointerEvent) {
    let at = place(&event);
    if HANDS.with_borrow(|hands| hands.pointers.is_empty()) {
        if event.pointer_type() != "touch" {
            app::hover(read(|chart| chart.pick(at, REACH)));
        }
        return;
    }
    let Some((before, other)) = HANDS.with_borrow_mut(|hands| hands.moved(event.pointer_id(), at)) else { return };
    match other {
        None => update(&|chart| chart.view.pan(at[0] - before[0], at[1] - before[1])),
        Some(other) => {
            let span = |p: [f32; 2]| (p[0] - other[0]).hypot(p[1] - other[1]).max(1.0);
            let middle = [(at[0] + other[0]) / 2.0, (at[1] + other[1]) / 2.0];
            update(&|chart| {
                chart.view.pan((at[0] - before[0]) / 2.0, (at[1] - before[1]) / 2.0);
                chart.view.zoom_at(span(at) / span(before), middle);
            });
        }
    }
}

impl Hands {
    /// Where this pointer was, and another one; `None` while it is still, or unknown.
    fn moved(&mut self, id: i32, at: [f32; 2]) -> Option<([f32; 2], Option<[f32; 2]>)> {
        let other = self.pointers.iter().find(|pointer| pointer.0 != id).map(|pointer| pointer.1);
        let own = self.pointers.iter_mut().find(|pointer| pointer.0 == id)?;
        let before = std::mem::replace(&mut own.1, at);
        self.way += (at[0] - before[0]).hypot(at[1] - before[1]);
        (self.way > STILL).then_some((before, other))
    }

    /// Let go; whether that was a click.
    fn released(&mut self, id: i32) -> bool {
        let alone = self.pointers.len() == 1;
        self.pointers.retain(|pointer| pointer.0 != id);
        alone && self.way <= STILL
    }
}

/// A release: a click, where the pointer kept still.
pub fn up(event: PointerEvent) {
    let clicks = HANDS.with_borrow_mut(|hands| hands.released(event.pointer_id()));
    if clicks && event.button() == 0 {
        let reach = if event.pointer_type() == "touch" { REACH_TOUCH } else { REACH };
        match read(|chart| chart.pick(place(&event), reach)) {
            Some(entity) => app::select(EntityId(entity)),
            None => app::clear_selection(),
        }
    }
}

/// The browser took the pointer away.
pub fn cancelled(event: PointerEvent) {
    HANDS.with_borrow_mut(|hands| hands.released(event.pointer_id()));
}

/// The pointer left the map.
pub fn left(_: PointerEvent) {
    app::hover(None);
}

/// The wheel, or two fingers on a touchpad.
pub fn wheel(event: WheelEvent) {
    event.prevent_default();
    let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 16.0 } else { 1.0 };
    let speed = if event.ctrl_key() { 0.01 } else { 0.0018 };
    let factor = (-(event.delta_y() * lines).clamp(-400.0, 400.0) * speed).exp() as f32;
    let at = place(&event);
    update(&|chart| chart.view.zoom_at(factor, at));
}

/// A double click zooms in.
pub fn double(event: MouseEvent) {
    let at = place(&event);
    update(&|chart| chart.view.zoom_at(2.0, at));
}

/// Keys while the map has the focus.
pub fn key(event: KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        "ArrowLeft" => update(&|chart| chart.view.pan(STEP, 0.0)),
        "ArrowRight" => update(&|chart| chart.view.pan(-STEP, 0.0)),
        "ArrowUp" => update(&|chart| chart.view.pan(0.0, STEP)),
        "ArrowDown" => update(&|chart| chart.view.pan(0.0, -STEP)),
        "+" | "=" => update(&|chart| chart.zoom(1.3)),
        "-" | "_" => update(&|chart| chart.zoom(1.0 / 1.3)),
        "0" => update(&|chart| chart.view.fit()),
        "Enter" => {
            let nearest = read(|chart| {
                let [width, height] = chart.view.size();
                chart.pick([width / 2.0, height / 2.0], width.max(height))
            });
            if let Some(entity) = nearest {
                app::select(EntityId(entity));
            }
        }
        _ => return,
    }
    event.prevent_default();
}

fn map_of(event: &MouseEvent) -> Option<HtmlElement> {
    event.current_target()?.dyn_into().ok()
}

/// Place of an event within the map, in CSS pixels.
fn place(event: &MouseEvent) -> [f32; 2] {
    let origin = map_of(event).map(|map| map.get_bounding_client_rect());
    let (left, top) = origin.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
    [(f64::from(event.client_x()) - left) as f32, (f64::from(event.client_y()) - top) as f32]
}
