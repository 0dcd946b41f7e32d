//! The map of all entities: canvases, controls, legend, and the line that says what one sees.
//!
//! Signals flow into a [`Chart`], which draws on demand; pointer and keys flow through [`gestures`].

mod chart;
mod flat;
mod gestures;
mod overlay;

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::Highlight;
use lladr_core::session::{BackendChoice, Ranking};

use crate::app::{App, use_app};
use crate::components::legend::Legend;
use crate::format;
use crate::hooks::theme::use_theme;
use crate::ui::glyph::shape_of;
use crate::ui::icon::{FIT, Icon, MINUS, PLUS};
use crate::ui::panels::use_panels;
use chart::{Chart, Link};

/// Predicted drugs that are lit.
const PREDICTED: usize = 10;
/// Known and held-out drugs that are lit.
const KNOWN: usize = 30;

/// The map.
#[component]
pub fn Map() -> impl IntoView {
    let app = use_app();
    let panels = use_panels();
    let container = NodeRef::<html::Div>::new();
    let wants_cpu = app.link.with_value(|link| link.backend == Some(BackendChoice::Cpu));
    let chart = StoredValue::new_local(Chart::new());
    let hovered = RwSignal::new(None::<u32>);
    let act = move |with: &dyn Fn(&mut chart::Inner)| chart.with_value(|chart| chart.update(with));

    Effect::new(move || {
        if let Some(container) = container.get() {
            chart.with_value(|chart| chart.attach(&container, wants_cpu));
        }
    });
    feed(app, chart, hovered);
    // A panel that opens beside the map changes its size.
    Effect::new(move || {
        panels.tab.track();
        chart.with_value(Chart::request);
    });

    let gestures = gestures::Gestures::new(chart, hovered, app, panels);
    view! {
        <section class="panel-map" aria-label="Map">
            <div class="map-stage">
            <div
                class="map"
                data-testid="map"
                node_ref=container
                tabindex="0"
                role="group"
                aria-label="Map of all entities. Arrows move, plus and minus zoom, 0 shows everything, Enter opens what is nearest to the middle. The ranking and the search reach the same entities."
                class:is-pointing=move || hovered.get().is_some()
                on:pointerdown=move |event| gestures.down(&event)
                on:pointermove=move |event| gestures.moved(&event)
                on:pointerup=move |event| gestures.up(&event, false)
                on:pointercancel=move |event| gestures.up(&event, true)
                on:pointerleave=move |_| hovered.set(None)
                on:wheel=move |event| gestures.wheel(&event)
                on:keydown=move |event| gestures.key(&event)
                on:dblclick=move |event| gestures.double(&event)
            ></div>
            <Caption />
            <div class="map-tools">
                <button class="button-icon" data-testid="map-zoom-in" aria-label="Zoom in" on:click=move |_| act(&|c| c.zoom(1.5))>
                    <Icon path=PLUS />
                </button>
                <button class="button-icon" data-testid="map-zoom-out" aria-label="Zoom out" on:click=move |_| act(&|c| c.zoom(1.0 / 1.5))>
                    <Icon path=MINUS />
                </button>
                <button class="button-icon" data-testid="map-fit" aria-label="Show everything" on:click=move |_| act(&|c| c.view.fit())>
                    <Icon path=FIT />
                </button>
            </div>
            </div>
            <Legend />
        </section>
    }
}

/// One line on what one sees.
#[component]
fn Caption() -> impl IntoView {
    let state = use_app().state;
    let words = Memo::new(move |_| {
        let layout = state.layout.get()?;
        let share = format::fixed(f64::from(layout.variance_share.clamp(0.0, 1.0) * 100.0), 0);
        let whose = match layout.epoch {
            None => "the pack’s model".to_owned(),
            Some(epoch) => format!("the model after {}", format::plural(epoch, "epoch", "epochs")),
        };
        Some(format!("Every mark is an entity, placed by {whose}; the two axes show {share} % of its variance."))
    });
    view! { <p class="map-caption" data-testid="map-caption">{words}</p> }
}

/// Keep the chart in step with the state.
fn feed(app: App, chart: StoredValue<Chart, LocalStorage>, hovered: RwSignal<Option<u32>>) {
    let state = app.state;
    let theme = use_theme();
    Effect::new(move || {
        let (Some(pack), kinds) = (state.pack.get(), state.kinds.get()) else { return };
        let types: Vec<&str> = pack.types.iter().map(|kind| kind.name.as_str()).collect();
        chart.with_value(|chart| chart.update(&|chart| chart.set_entities(&types, &kinds)));
    });
    Effect::new(move || {
        let (_, Some(layout)) = (state.pack.get(), state.layout.get()) else { return };
        chart.with_value(|chart| chart.update(&|chart| chart.set_layout(&layout.positions)));
    });
    Effect::new(move || {
        let (_, hidden) = (state.pack.get(), state.hidden.get());
        chart.with_value(|chart| chart.update(&|chart| chart.set_hidden(&hidden)));
    });
    Effect::new(move || {
        let theme = theme.get();
        chart.with_value(|chart| chart.update(&|chart| chart.set_theme(theme)));
    });
    Effect::new(move || {
        state.pack.track();
        let selected = state.selected.get().map(|entity| entity.0);
        let disease = state.disease.get();
        let mut names: BTreeMap<u32, String> = BTreeMap::new();
        let mut highlight = Highlight { selected, focus: disease.as_ref().map(|d| d.entity.0), lit: Vec::new() };
        let mut links = Vec::new();
        state.ranking.with(|ranking| {
            if let Some(ranking) = ranking {
                light(ranking, &mut highlight, &mut links, &mut names);
            }
        });
        names.extend(disease.map(|disease| (disease.entity.0, disease.label)));
        state.card.with(|card| names.extend(card.iter().map(|c| (c.entity.entity.0, c.entity.label.clone()))));
        chart.with_value(|chart| {
            chart.update(&|chart| chart.set_highlight(highlight.clone(), links.clone(), names.clone()));
        });
    });
    Effect::new(move || {
        let at = hovered.get();
        if let Some(entity) = at {
            app.ask_name(EntityId(entity));
        }
        let name = at.and_then(|entity| state.names.with(|names| names.get(&entity).map(|name| name.label.clone())));
        chart.with_value(|chart| chart.update(&|chart| chart.set_hover(at, name.clone())));
    });
}

/// The disease's known drugs and its first predictions; the most important last.
fn light(ranking: &Ranking, highlight: &mut Highlight, links: &mut Vec<Link>, names: &mut BTreeMap<u32, String>) {
    let (mut known, mut predicted) = (0, 0);
    for row in &ranking.rows {
        let (count, most) =
            if row.status == LinkStatus::Predicted { (&mut predicted, PREDICTED) } else { (&mut known, KNOWN) };
        // The selected drug is lit whatever its rank, so that its shape tells what it is.
        if *count >= most && highlight.selected != Some(row.drug.entity.0) {
            continue;
        }
        *count += 1;
        let drug = row.drug.entity.0;
        highlight.lit.push((drug, shape_of(row.status)));
        links.push(Link { drug, status: row.status });
        names.insert(drug, row.drug.label.clone());
    }
    highlight.lit.reverse();
}
