//! The chosen disease and its drugs, best first.
//!
//! Rows are slots by position: while training, a slot's texts change and no row moves, so the focus stays.
//! One row is tabbable; arrows, Home and End move between rows, Enter opens the drug.

use leptos::prelude::*;
use lladr_core::predict::LinkStatus;
use lladr_core::session::{ModelSource, Ranking, RankingRow};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::app::use_app;
use crate::format;
use crate::state::Phase;
use crate::ui::glyph::StatusGlyph;
use crate::ui::panels::{Tab, use_panels};

/// The left panel.
#[component]
pub fn RankingPanel() -> impl IntoView {
    let state = use_app().state;
    view! {
        <section class="panel-list" id="ranking" aria-label="Disease and ranked drugs">
            <Show when=move || state.is_ready() fallback=Waiting>
                <DiseaseHead />
                <RankingTable />
            </Show>
        </section>
    }
}

/// What is shown before a pack is open.
#[component]
fn Waiting() -> impl IntoView {
    let app = use_app();
    let words = move || match app.state.phase.get() {
        Phase::Fetching { total: 0.0, .. } => "Looking up the pack …".to_owned(),
        Phase::Fetching { received, total, .. } => {
            format!("Loading the graph and its model: {} of {}", format::bytes(received), format::bytes(total))
        }
        Phase::Opening { .. } => "Checking and opening the files …".to_owned(),
        Phase::Ready => String::new(),
        Phase::Empty => "No pack could be opened. The message above says why.".to_owned(),
    };
    let share = move || match app.state.phase.get() {
        Phase::Fetching { received, total, .. } if total > 0.0 => Some((received / total).to_string()),
        Phase::Fetching { .. } => Some("0".into()),
        Phase::Opening { .. } => Some("1".into()),
        _ => None,
    };
    let is_empty = move || app.state.phase.get() == Phase::Empty;
    view! {
        <div class="waiting" data-testid="loading">
            <p class="waiting-title">"Which known drugs might help with another disease?"</p>
            <p>{words}</p>
            <Show when=move || !is_empty()>
                <progress class="bar" max="1" value=share aria-label="Loading"></progress>
            </Show>
            <Show when=is_empty>
                <button class="button" on:click=move |_| app.open_pack(crate::url::STARTER)>
                    "Open the starter pack"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn DiseaseHead() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let label = move || state.disease.get().map(|disease| disease.label).unwrap_or_default();
    let id = move || state.disease.get().map(|disease| disease.id).unwrap_or_default();
    let summary = Memo::new(move |_| state.ranking.with(|ranking| ranking.as_ref().map(|ranking| summary(ranking))));
    let source = Memo::new(move |_| {
        state.ranking.with(|ranking| ranking.as_ref().map(|r| source(r.interaction.label(), r.source, r.epoch)))
    });
    let open = move |_| {
        if let Some(disease) = state.disease.get_untracked() {
            app.select(disease.entity);
        }
    };
    view! {
        <header class="disease">
            <h2 class="disease-name">
                <button class="disease-button" title="About this disease" on:click=open>
                    <span data-testid="selected-disease" data-entity=id>{label}</span>
                </button>
            </h2>
            <p class="id">{id}</p>
            <p class="disease-summary" data-testid="ranking-summary">
                {move || summary.get().unwrap_or_else(|| "Ranking the drugs …".into())}
            </p>
            <p class="disease-source" title=move || state.ranking.get().map(|r| r.protocol.clone())>
                {move || source.get()}
            </p>
        </header>
    }
}

fn summary(ranking: &Ranking) -> String {
    let known = format::plural(ranking.known, "known drug", "known drugs");
    match (ranking.known, ranking.known_in_top_10) {
        (0, _) => format!("No known drug in this graph; {} ranked", format::count(ranking.candidates)),
        (_, 0) => format!("{known}, none of them in the top 10 of {}", format::count(ranking.candidates)),
        (_, top) => format!("{known}, {top} of them in the top 10 of {}", format::count(ranking.candidates)),
    }
}

fn source(model: &str, source: ModelSource, epoch: u32) -> String {
    match source {
        ModelSource::Pack => format!("Ranked by {model}, trained beforehand"),
        ModelSource::Live => {
            format!("Ranked by {model}, trained here for {}", format::plural(epoch, "epoch", "epochs"))
        }
    }
}

#[component]
fn RankingTable() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let count = Memo::new(move |_| state.ranking.with(|r| r.as_ref().map_or(0, |r| r.rows.len())));
    let has_more = Memo::new(move |_| {
        state.ranking.with(|r| {
            r.as_ref().is_some_and(|r| r.rows.len() >= app.rows.get() as usize && r.rows.len() < r.candidates as usize)
        })
    });
    // The row that Tab reaches.
    let stop = RwSignal::new(0usize);
    let key = move |event: KeyboardEvent| {
        let Some(row) = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return };
        let next = match event.key().as_str() {
            "ArrowDown" => row.next_element_sibling(),
            "ArrowUp" => row.previous_element_sibling(),
            "Home" => row.parent_element().and_then(|body| body.first_element_child()),
            "End" => row.parent_element().and_then(|body| body.last_element_child()),
            "Enter" | " " => {
                row.click();
                event.prevent_default();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
            let _ = next.focus();
        }
    };
    view! {
        <div class="ranking-scroll">
            <table class="ranking" role="grid" data-testid="ranking-table" aria-label="Drugs, best first">
                <thead>
                    <tr>
                        <th class="col-rank" scope="col" title="1 is the drug the model finds most plausible; ties share their mean rank">"Rank"</th>
                        <th class="col-drug" scope="col">"Drug"</th>
                        <th class="col-known" scope="col" title="known: a treatment the model was trained on; held-out: a true treatment kept from training to test the model; predicted: not in the graph, a hypothesis">"Status"</th>
                        <th class="col-percentile" scope="col" title="Share of all ranked drugs that stand below, in percent. Not a probability">"Percentile"</th>
                    </tr>
                </thead>
                <tbody on:keydown=key>
                    <For each=move || 0..count.get() key=|row| *row let:row>
                        <Row row stop />
                    </For>
                </tbody>
            </table>
            <Show when=move || has_more.get()>
                <button class="button-quiet more" data-testid="ranking-more" on:click=move |_| app.more_rows()>
                    "Show more drugs"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Row(row: usize, stop: RwSignal<usize>) -> impl IntoView {
    let app = use_app();
    let panels = use_panels();
    let state = app.state;
    let drug: Memo<Option<RankingRow>> =
        Memo::new(move |_| state.ranking.with(|ranking| ranking.as_ref().and_then(|r| r.rows.get(row).cloned())));
    let with = move |read: fn(&RankingRow) -> String| drug.with(|drug| drug.as_ref().map(read).unwrap_or_default());
    let status = Memo::new(move |_| drug.with(|d| d.as_ref().map_or(LinkStatus::Predicted, |d| d.status)));
    let is_selected = Memo::new(move |_| {
        let selected = state.selected.get();
        selected.is_some() && drug.with(|d| d.as_ref().map(|d| d.drug.entity)) == selected
    });
    let open = move |_| {
        stop.set(row);
        if let Some(entity) = drug.with_untracked(|d| d.as_ref().map(|d| d.drug.entity)) {
            app.select(entity);
            if panels.tab.get_untracked() == Tab::List && is_narrow() {
                panels.tab.set(Tab::Details);
            }
        }
    };
    view! {
        <tr
            class="row"
            data-testid="ranking-row"
            data-entity=move || with(|d| d.drug.id.clone())
            data-rank=move || with(|d| crate::format::plain(d.rank))
            data-known=move || known_word(status.get())
            tabindex=move || if stop.get() == row { "0" } else { "-1" }
            aria-selected=move || is_selected.get().to_string()
            on:click=open
            on:focus=move |_| stop.set(row)
        >
            <td class="col-rank">{move || with(|d| format::rank(d.rank))}</td>
            <td class="col-drug">
                <StatusGlyph status />
                <span class="drug-name" title=move || with(|d| d.drug.label.clone())>
                    {move || with(|d| d.drug.label.clone())}
                </span>
            </td>
            <td class="col-known">{move || known_word(status.get())}</td>
            <td class="col-percentile">{move || with(|d| format::percentile(d.percentile))}</td>
        </tr>
    }
}

/// What the graph says, in one word.
pub fn known_word(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Known => "known",
        LinkStatus::HeldOut => "held-out",
        LinkStatus::Predicted => "predicted",
    }
}

/// Whether the page shows one panel at a time.
pub fn is_narrow() -> bool {
    window().match_media("(max-width: 719px)").ok().flatten().is_some_and(|media| media.matches())
}
