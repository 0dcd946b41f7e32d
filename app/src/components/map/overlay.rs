//! Lines and names over the marks, on a 2-D canvas of their own.
//!
//! Lines lead from the disease to its lit drugs: solid to known ones, dotted to held-out ones, dashed to
//! predictions. Names: what is under the pointer, what is selected, the disease, then drugs by rank.

use js_sys::Array;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::Group;
use lladr_core::scatter::labels::{self, Wish};
use lladr_core::scatter::palette::Theme;
use web_sys::CanvasRenderingContext2d;

use super::chart::Chart;
use crate::hooks::theme::css;

const FONT: &str = "12px system-ui, sans-serif";
const FONT_STRONG: &str = "600 13px system-ui, sans-serif";
const HEIGHT: f32 = 15.0;
/// Names beyond this length are cut.
const LONGEST: usize = 32;

/// How loud a name is.
#[derive(Clone, Copy, PartialEq)]
enum Voice {
    Strong,
    Plain,
}

/// Draw lines and names.
pub fn draw(context: &CanvasRenderingContext2d, chart: &Chart, ratio: f32) {
    let [width, height] = chart.view.size();
    let _ = context.set_transform(f64::from(ratio), 0.0, 0.0, f64::from(ratio), 0.0, 0.0);
    context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    if chart.is_empty() {
        return;
    }
    lines(context, chart);
    names(context, chart);
}

fn lines(context: &CanvasRenderingContext2d, chart: &Chart) {
    let Some(focus) = chart.scene.highlight().focus.filter(|entity| chart.scene.is_visible(*entity)) else { return };
    let from = chart.screen(focus);
    context.set_line_width(1.0);
    context.set_stroke_style_str(&css(Group::Drug.colour(chart.theme)));
    let growth = chart.view.growth();
    for link in &chart.links {
        if !chart.scene.is_visible(link.drug) {
            continue;
        }
        let to = chart.screen(link.drug);
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = dx.hypot(dy);
        let (near, far) = (10.0 * growth, length - 8.0 * growth);
        if far <= near {
            continue;
        }
        let (dash, alpha): (&[f64], f64) = match link.status {
            LinkStatus::Known => (&[], 0.32),
            LinkStatus::HeldOut => (&[1.0, 3.0], 0.65),
            LinkStatus::Predicted => (&[5.0, 4.0], 0.42),
        };
        let pattern: Array = dash.iter().map(|v| wasm_bindgen::JsValue::from_f64(*v)).collect();
        let _ = context.set_line_dash(&pattern);
        context.set_global_alpha(alpha);
        let at = |t: f32| [f64::from(from[0] + dx * t / length), f64::from(from[1] + dy * t / length)];
        let (a, b) = (at(near), at(far));
        context.begin_path();
        context.move_to(a[0], a[1]);
        context.line_to(b[0], b[1]);
        context.stroke();
    }
    let _ = context.set_line_dash(&Array::new());
    context.set_global_alpha(1.0);
}

fn names(context: &CanvasRenderingContext2d, chart: &Chart) {
    let highlight = chart.scene.highlight();
    let hovered = chart.hover.as_ref().and_then(|(entity, name)| Some((*entity, name.clone()?)));
    let first = hovered.iter().map(|(entity, _)| *entity).chain(highlight.selected).chain(highlight.focus);
    let mut order: Vec<(u32, Voice)> = Vec::with_capacity(highlight.lit.len() + 3);
    for entity in first {
        if !order.iter().any(|(other, _)| *other == entity) {
            order.push((entity, Voice::Strong));
        }
    }
    for (entity, _) in highlight.lit.iter().rev() {
        if !order.iter().any(|(other, _)| other == entity) {
            order.push((*entity, Voice::Plain));
        }
    }
    let growth = chart.view.growth();
    let mut wishes = Vec::with_capacity(order.len());
    let mut texts = Vec::with_capacity(order.len());
    for (entity, voice) in order {
        let name = match &hovered {
            Some((at, name)) if *at == entity => Some(name),
            _ => chart.names.get(&entity),
        };
        let Some(name) = name.filter(|_| chart.scene.is_visible(entity)) else { continue };
        let text = short(name);
        context.set_font(font(voice));
        let width = context.measure_text(&text).map_or(0.0, |m| m.width() as f32);
        let at = chart.screen(entity);
        let radius = (chart.scene.radius(entity) * growth).max(3.0);
        wishes.push(Wish { at, radius, width, height: HEIGHT, insists: voice == Voice::Strong });
        texts.push((text, voice));
    }
    let (ink, paper) = match chart.theme {
        Theme::Light => ("#1d1c1a", "rgba(252,251,248,0.92)"),
        Theme::Dark => ("#ecebe7", "rgba(21,23,26,0.92)"),
    };
    context.set_text_baseline("middle");
    context.set_line_join("round");
    context.set_line_width(3.5);
    for (place, (text, voice)) in labels::place(&wishes, chart.view.size()).into_iter().zip(&texts) {
        let Some([x, y]) = place else { continue };
        let (x, y) = (f64::from(x), f64::from(y + HEIGHT / 2.0));
        context.set_font(font(*voice));
        context.set_stroke_style_str(paper);
        let _ = context.stroke_text(text, x, y);
        context.set_fill_style_str(ink);
        let _ = context.fill_text(text, x, y);
    }
}

fn font(voice: Voice) -> &'static str {
    if voice == Voice::Strong { FONT_STRONG } else { FONT }
}

/// Cut at [`LONGEST`] characters.
fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => name[..end].trim_end().to_owned() + "…",
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(short("Metformin"), "Metformin");
        assert_eq!(short(&"ä".repeat(40)), "ä".repeat(32) + "…");
    }
}
