//! Pointer, wheel and keys on the map: drag or two fingers move and zoom, a click selects.

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

use super::chart::Chart;
use crate::app::App;
use crate::components::ranking::is_narrow;
use crate::ui::panels::{Panels, Tab};

/// Pixels a pointer may move and still click.
const STILL: f32 = 4.0;
/// Reach of a pointer around a mark, in pixels; fingers are thicker.
const REACH: f32 = 6.0;
const REACH_TOUCH: f32 = 16.0;
/// Pixels an arrow key moves the map.
const STEP: f32 = 60.0;

/// Fingers or the mouse on the map.
#[derive(Default)]
struct Hands {
    /// Identifier and place of each pressed pointer.
    pointers: Vec<(i32, [f32; 2])>,
    /// Way since the first press.
    way: f32,
}

/// Handlers; cheap to copy.
#[derive(Clone, Copy)]
pub struct Gestures {
    chart: StoredValue<Chart, LocalStorage>,
    hovered: RwSignal<Option<u32>>,
    hands: StoredValue<Hands>,
    app: App,
    panels: Panels,
}

impl Gestures {
    /// Handlers for a chart.
    pub fn new(
        chart: StoredValue<Chart, LocalStorage>,
        hovered: RwSignal<Option<u32>>,
        app: App,
        panels: Panels,
    ) -> Self {
        Gestures { chart, hovered, hands: StoredValue::new(Hands::default()), app, panels }
    }

    /// A press.
    pub fn down(&self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        if let Some(element) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        self.hands.update_value(|hands| {
            if hands.pointers.is_empty() {
                hands.way = 0.0;
            }
            hands.pointers.push((event.pointer_id(), place(event)));
        });
    }

    /// A move: hover without a press, else drag or pinch.
    pub fn moved(&self, event: &PointerEvent) {
        let at = place(event);
        let pressed = self.hands.with_value(|hands| hands.pointers.len());
        if pressed == 0 {
            if event.pointer_type() != "touch" {
                let hit = self.chart.with_value(|chart| chart.read(|chart| chart.pick(at, REACH)));
                if self.hovered.get_untracked() != hit {
                    self.hovered.set(hit);
                }
            }
            return;
        }
        let mut moved = None;
        self.hands.update_value(|hands| {
            let others: Vec<[f32; 2]> =
                hands.pointers.iter().filter(|p| p.0 != event.pointer_id()).map(|p| p.1).collect();
            let Some(own) = hands.pointers.iter_mut().find(|p| p.0 == event.pointer_id()) else { return };
            let before = std::mem::replace(&mut own.1, at);
            hands.way += (at[0] - before[0]).hypot(at[1] - before[1]);
            if hands.way > STILL {
                moved = Some((before, others.first().copied()));
            }
        });
        match moved {
            None => {}
            Some((before, None)) => self.act(&|chart| chart.view.pan(at[0] - before[0], at[1] - before[1])),
            Some((before, Some(other))) => {
                let span = |p: [f32; 2]| (p[0] - other[0]).hypot(p[1] - other[1]).max(1.0);
                let middle = [(at[0] + other[0]) / 2.0, (at[1] + other[1]) / 2.0];
                let factor = span(at) / span(before);
                self.act(&|chart| {
                    chart.view.pan((at[0] - before[0]) / 2.0, (at[1] - before[1]) / 2.0);
                    chart.view.zoom_at(factor, middle);
                });
            }
        }
    }

    /// A release: a click, where the pointer kept still.
    pub fn up(&self, event: &PointerEvent, cancelled: bool) {
        let mut clicks = false;
        self.hands.update_value(|hands| {
            let alone = hands.pointers.len() == 1;
            hands.pointers.retain(|p| p.0 != event.pointer_id());
            clicks = alone && hands.way <= STILL && !cancelled && event.button() == 0;
        });
        if clicks {
            let reach = if event.pointer_type() == "touch" { REACH_TOUCH } else { REACH };
            self.select(place(event), reach, true);
        }
    }

    /// The wheel, or two fingers on a touchpad.
    pub fn wheel(&self, event: &WheelEvent) {
        event.prevent_default();
        let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 16.0 } else { 1.0 };
        let speed = if event.ctrl_key() { 0.01 } else { 0.0018 };
        let factor = (-(event.delta_y() * lines).clamp(-400.0, 400.0) * speed).exp() as f32;
        let at = place(event);
        self.act(&|chart| chart.view.zoom_at(factor, at));
    }

    /// A double click zooms in.
    pub fn double(&self, event: &MouseEvent) {
        let at = place(event);
        self.act(&|chart| chart.view.zoom_at(2.0, at));
    }

    /// Keys while the map has the focus.
    pub fn key(&self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => self.act(&|chart| chart.view.pan(STEP, 0.0)),
            "ArrowRight" => self.act(&|chart| chart.view.pan(-STEP, 0.0)),
            "ArrowUp" => self.act(&|chart| chart.view.pan(0.0, STEP)),
            "ArrowDown" => self.act(&|chart| chart.view.pan(0.0, -STEP)),
            "+" | "=" => self.act(&|chart| chart.zoom(1.3)),
            "-" | "_" => self.act(&|chart| chart.zoom(1.0 / 1.3)),
            "0" => self.act(&|chart| chart.view.fit()),
            "Enter" => {
                let [width, height] = self.chart.with_value(|chart| chart.read(|chart| chart.view.size()));
                self.select([width / 2.0, height / 2.0], width.max(height), false);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn select(&self, at: [f32; 2], reach: f32, clears: bool) {
        match self.chart.with_value(|chart| chart.read(|chart| chart.pick(at, reach))) {
            Some(entity) => {
                self.app.select(EntityId(entity));
                if is_narrow() {
                    self.panels.tab.set(Tab::Details);
                }
            }
            None if clears => self.app.clear_selection(),
            None => {}
        }
    }

    fn act(&self, change: &dyn Fn(&mut super::chart::Inner)) {
        self.chart.with_value(|chart| chart.update(change));
    }
}

/// Place of an event within the map, in CSS pixels.
fn place(event: &MouseEvent) -> [f32; 2] {
    let origin = event
        .current_target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
        .map(|element| element.get_bounding_client_rect());
    let (left, top) = origin.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
    [(f64::from(event.client_x()) - left) as f32, (f64::from(event.client_y()) - top) as f32]
}
