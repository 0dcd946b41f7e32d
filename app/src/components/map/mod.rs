//! The map of all entities: canvases, controls, legend, and the line that says what one sees.
//!
//! The model flows into a [`chart`], which draws on demand; pointer and keys flow through [`gestures`].

mod chart;
mod flat;
mod gestures;
mod overlay;
mod painter;

use leptos::prelude::*;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::Highlight;
use lladr_core::session::{BackendChoice, Ranking};
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

use crate::app;
use crate::components::legend::legend;
use crate::components::ranking::{phase_words, share};
use crate::format;
use crate::state::{Model, Phase, Topics, look};
use crate::ui::glyph::shape_of;
use crate::ui::icon::{FIT, MINUS, PLUS, icon};
use crate::ui::live::{by_id, click, flag, follow, text};
use chart::{Link, update};

/// Predicted drugs that are lit.
const PREDICTED: usize = 10;
/// Known and held-out drugs that are lit.
const KNOWN: usize = 30;
/// Identifier of the element that holds the canvases.
const MAP_ID: &str = "map";

/// The map.
pub fn map() -> impl IntoView + use<> {
    follow(attach);
    feed();
    view! {
        <section class="panel-map" aria-label="Map">
            <div class="map-stage">
                <div
                    id=MAP_ID
                    class="map"
                    data-testid="map"
                    tabindex="0"
                    role="group"
                    aria-label="Map of all entities. Arrows move, plus and minus zoom, 0 shows everything, Enter opens what is nearest to the middle. The ranking and the search reach the same entities."
                    class:is-pointing=flag(|| look(Topics::HOVER, |model| model.hovered.is_some()))
                    on:pointerdown=gestures::down as fn(PointerEvent)
                    on:pointermove=gestures::moved as fn(PointerEvent)
                    on:pointerup=gestures::up as fn(PointerEvent)
                    on:pointercancel=gestures::cancelled as fn(PointerEvent)
                    on:pointerleave=gestures::left as fn(PointerEvent)
                    on:wheel=gestures::wheel as fn(WheelEvent)
                    on:keydown=gestures::key as fn(KeyboardEvent)
                    on:dblclick=gestures::double as fn(MouseEvent)
                ></div>
                <p class="map-caption" data-testid="map-caption">{text(|| look(Topics::LAYOUT, caption))}</p>
                <div class="map-loading" data-testid="map-loading" hidden=flag(|| !is_loading())>
                    <p>{text(|| look(Topics::PHASE, |model| phase_words(&model.phase)))}</p>
                    <progress
                        class="bar"
                        max="1"
                        aria-label="Loading the pack"
                        value=text(|| look(Topics::PHASE, |model| share(&model.phase)))
                    ></progress>
                </div>
                <div class="map-tools">
                    <button class="button-icon" data-testid="map-zoom-in" aria-label="Zoom in" on:click=click(|_| update(&|chart| chart.zoom(1.5)))>
                        {icon(PLUS)}
                    </button>
                    <button class="button-icon" data-testid="map-zoom-out" aria-label="Zoom out" on:click=click(|_| update(&|chart| chart.zoom(1.0 / 1.5)))>
                        {icon(MINUS)}
                    </button>
                    <button class="button-icon" data-testid="map-fit" aria-label="Show everything" on:click=click(|_| update(&|chart| chart.view.fit()))>
                        {icon(FIT)}
                    </button>
                </div>
            </div>
            {legend()}
        </section>
    }
}

/// Once the map is in the document: canvases and a painter.
fn attach() {
    if let Some(container) = by_id::<HtmlElement>(MAP_ID) {
        chart::attach(&container, app::backend_choice() == Some(BackendChoice::Cpu));
    }
}

/// Whether a pack is on its way and there is nothing to draw yet.
fn is_loading() -> bool {
    let waits = |model: &Model| matches!(model.phase, Phase::Fetching(..) | Phase::Opening(_));
    look(Topics::PHASE | Topics::LAYOUT, |model| model.layout.is_none() && waits(model))
}

/// One line on what one sees.
fn caption(model: &Model) -> String {
    let Some(layout) = &model.layout else { return String::new() };
    let whose = match layout.epoch {
        None => "the pack’s model".to_owned(),
        Some(epoch) => "the model after ".to_owned() + &format::plural(epoch, "epoch", "epochs"),
    };
    let words = "Placed by ".to_owned() + &whose;
    let made = model.pack.as_ref().map_or("", |pack| &pack.layout);
    match layout.variance_share {
        Some(share) => {
            let share = format::fixed(f64::from(share.clamp(0.0, 1.0) * 100.0), 0);
            words + "; PCA: the two axes show " + &share + " % of its variance."
        }
        None => words + "; distances between groups mean little. " + made,
    }
}

/// Keep the chart in step with the model.
fn feed() {
    follow(|| {
        look(Topics::PACK, |model| {
            if let Some(pack) = &model.pack {
                let types: Vec<&str> = pack.types.iter().map(|kind| kind.name.as_str()).collect();
                update(&|chart| chart.set_entities(&types, &model.kinds));
            }
        });
    });
    follow(|| {
        look(Topics::PACK | Topics::LAYOUT, |model| {
            if let Some(layout) = &model.layout {
                update(&|chart| chart.set_layout(&layout.positions));
            }
        });
    });
    follow(|| look(Topics::PACK | Topics::HIDDEN, |model| update(&|chart| chart.set_hidden(&model.hidden))));
    follow(|| look(Topics::THEME, |model| update(&|chart| chart.theme = model.theme)));
    follow(|| {
        let topics = Topics::PACK | Topics::SELECTED | Topics::DISEASE | Topics::RANKING | Topics::CARD;
        look(topics, |model| update(&|chart| light(model, chart)));
    });
    follow(|| {
        look(Topics::HOVER, |model| {
            let name = |entity| (entity, model.name(entity).map(str::to_owned));
            update(&|chart| chart.hover = model.hovered.map(name));
        });
    });
    // A tab that comes to the front brings the map its size.
    follow(|| look(Topics::PANELS, |_| update(&|_| ())));
}

/// Light the disease, its drugs and the selection, and name them.
fn light(model: &Model, chart: &mut chart::Chart) {
    let selected = model.selected.map(|entity| entity.0);
    let mut highlight = Highlight { selected, ..Highlight::default() };
    chart.links.clear();
    chart.names.clear();
    if let Some(ranking) = &model.ranking {
        light_drugs(ranking, &mut highlight, chart);
    }
    if let Some(disease) = &model.disease {
        highlight.focus = Some(disease.entity.0);
        chart.names.insert(disease.entity.0, disease.label.clone());
    }
    if let Some(card) = &model.card {
        chart.names.insert(card.entity.entity.0, card.entity.label.clone());
    }
    chart.set_highlight(highlight);
}

/// The known drugs and the first predictions; the most important last. The selected drug is lit whatever its
/// rank, so that its shape tells what it is.
fn light_drugs(ranking: &Ranking, highlight: &mut Highlight, chart: &mut chart::Chart) {
    let (mut known, mut predicted) = (0, 0);
    for row in &ranking.rows {
        let drug = row.drug.entity.0;
        let (count, most) =
            if row.status == LinkStatus::Predicted { (&mut predicted, PREDICTED) } else { (&mut known, KNOWN) };
        if *count >= most && highlight.selected != Some(drug) {
            continue;
        }
        *count += 1;
        highlight.lit.push((drug, shape_of(row.status)));
        chart.links.push(Link { drug, status: row.status });
        chart.names.insert(drug, row.drug.label.clone());
    }
    highlight.lit.reverse();
}
