//! The chosen disease and its drugs, best first.
//!
//! Rows are slots by position: while training, a slot's texts change and no row moves, so the focus stays.
//! One row is tabbable; arrows, Home and End move between rows, Enter opens the drug.

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::predict::LinkStatus;
use lladr_core::session::{CautionKind, Grade, ModelSource, Ranking, RankingRow};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, HtmlElement, KeyboardEvent, MouseEvent};

use crate::app;
use crate::components::cases::case;
use crate::format;
use crate::state::{Model, Phase, Topics, change, look, peek};
use crate::ui::glyph::status_glyph;
use crate::ui::live::{click, flag, maybe, number_at, part, text, truth};

/// The left panel.
pub fn ranking() -> impl IntoView + use<> {
    view! {
        <section class="panel-list" id="ranking" aria-label="Disease and ranked drugs">
            {waiting()}
            {head()}
            {case()}
            <div class="ranking-scroll" hidden=flag(is_waiting)>
                <table class="ranking" role="grid" data-testid="ranking-table" aria-label="Drugs, best first">
                    <thead>
                        <tr>
                            <th class="col-rank" scope="col" title="1 is the drug the model finds most plausible; ties share their mean rank">"Rank"</th>
                            <th class="col-drug" scope="col">"Drug"</th>
                            <th class="col-known" scope="col" title="known: a treatment the model was trained on, with its support; held-out: a true treatment kept from training to test the model; predicted: not in the graph, a hypothesis; contraindicated, can cause it: what the pack says against the drug here">"Status"</th>
                            <th class="col-percentile" scope="col" title="Share of all ranked drugs that stand below, in percent. Not a probability">"Percentile"</th>
                        </tr>
                    </thead>
                    <tbody
                        on:click=click(clicked)
                        on:keydown=pressed as fn(KeyboardEvent)
                        on:focusin=focused as fn(FocusEvent)
                    >
                        {part(rows)}
                    </tbody>
                </table>
                <button
                    class="button-quiet more"
                    data-testid="ranking-more"
                    hidden=flag(|| look(Topics::RANKING | Topics::PACK, |model| !has_more(model)))
                    on:click=click(|_| app::more_rows())
                >
                    "Show more drugs"
                </button>
            </div>
        </section>
    }
}

/// What is shown before a pack is open.
fn waiting() -> impl IntoView + use<> {
    view! {
        <div class="waiting" data-testid="loading" hidden=flag(|| !is_waiting())>
            <p class="waiting-title">"Which known drugs might help with another disease?"</p>
            <p>{text(|| look(Topics::PHASE, |model| phase_words(&model.phase)))}</p>
            <progress
                class="bar"
                max="1"
                aria-label="Loading"
                hidden=flag(is_empty)
                value=text(|| look(Topics::PHASE, |model| share(&model.phase)))
            ></progress>
            <button class="button" hidden=flag(|| !is_empty()) on:click=click(|_| app::open_pack(crate::url::STARTER))>
                "Open the starter pack"
            </button>
        </div>
    }
}

/// Whether there is neither a pack nor a first look at one.
fn is_waiting() -> bool {
    look(Topics::PACK | Topics::RANKING, |model| !model.is_ready() && model.ranking.is_none())
}

fn is_empty() -> bool {
    look(Topics::PHASE, |model| model.phase == Phase::Empty)
}

/// What the page is waiting for.
pub fn phase_words(phase: &Phase) -> String {
    match phase {
        Phase::Fetching(_, _, total) if *total == 0.0 => "Looking up the pack …".to_owned(),
        Phase::Fetching(_, received, total) => {
            "Loading the graph and its model: ".to_owned() + &format::bytes(*received) + " of " + &format::bytes(*total)
        }
        Phase::Opening(_) => "Checking and opening the files …".to_owned(),
        Phase::Ready => String::new(),
        Phase::Empty => "No pack could be opened. The message above says why.".to_owned(),
    }
}

/// How much of it is there, 0 to 1.
pub fn share(phase: &Phase) -> String {
    match phase {
        Phase::Fetching(_, received, total) if *total > 0.0 => format::fixed(received / total, 3),
        Phase::Fetching(..) => "0".to_owned(),
        _ => "1".to_owned(),
    }
}

fn head() -> impl IntoView + use<> {
    let open = click(|_| {
        if let Some(disease) = peek(|model| model.disease.as_ref().map(|disease| disease.entity)) {
            app::select(disease);
        }
    });
    let id = || look(Topics::DISEASE, |model| model.disease.as_ref().map(|disease| disease.id.clone()));
    view! {
        <header class="disease" hidden=flag(is_waiting)>
            <h2 class="disease-name">
                <button id="disease-button" class="disease-button" title="About this disease" on:click=open>
                    <span data-testid="selected-disease" data-entity=maybe(id)>
                        {text(|| {
                            look(Topics::DISEASE, |model| model.disease.as_ref().map(|disease| disease.label.clone()))
                                .unwrap_or_default()
                        })}
                    </span>
                </button>
            </h2>
            <p class="id">{maybe(id)}</p>
            <p class="disease-summary" data-testid="ranking-summary">
                {text(|| look(Topics::RANKING, |model| model.ranking.as_ref().map_or("Ranking the drugs …".to_owned(), summary)))}
            </p>
            <p
                class="disease-source"
                title=maybe(|| look(Topics::RANKING, |model| model.ranking.as_ref().map(|ranking| ranking.protocol.clone())))
            >
                {maybe(|| look(Topics::RANKING, |model| model.ranking.as_ref().map(source)))}
            </p>
        </header>
    }
}

fn summary(ranking: &Ranking) -> String {
    let known = format::plural(ranking.known, "known drug", "known drugs");
    let all = format::count(ranking.candidates);
    let known = match (ranking.known, ranking.known_in_top_10) {
        (0, _) => "No known drug in this graph; ".to_owned() + &all + " ranked",
        (_, 0) => known + ", none of them in the top 10 of " + &all,
        (_, top) => known + ", " + &format::count(top) + " of them in the top 10 of " + &all,
    };
    match ranking.held_out_best {
        None => known,
        Some(best) => {
            known + "; " + &format::count(ranking.held_out) + " held out, best at rank " + &format::rank(best)
        }
    }
}

fn source(ranking: &Ranking) -> String {
    let ranked = "Ranked by ".to_owned() + ranking.interaction.label();
    match ranking.source {
        ModelSource::Pack => ranked + ", trained beforehand",
        ModelSource::Live => ranked + ", trained here for " + &format::plural(ranking.epoch, "epoch", "epochs"),
    }
}

fn has_more(model: &Model) -> bool {
    let ranking = model.ranking.as_ref().filter(|_| model.is_ready());
    ranking.is_some_and(|ranking| model.rows < ranking.candidates)
}

fn rows() -> AnyView {
    look(Topics::RANKING | Topics::SELECTED | Topics::STOP, |model| {
        let rows = model.ranking.iter().flat_map(|ranking| &ranking.rows).take(model.rows as usize).enumerate();
        rows.map(|(row, drug)| row_view(drug, model.stop == row, model.selected == Some(drug.drug.entity)))
            .collect::<Vec<_>>()
    })
    .into_any()
}

fn row_view(row: &RankingRow, is_stop: bool, is_selected: bool) -> impl IntoView + use<> {
    let known = known_word(row.status);
    view! {
        <tr
            class="row"
            data-testid="ranking-row"
            data-entity=row.drug.id.clone()
            data-row=row.drug.entity.0.to_string()
            data-rank=format::plain(row.rank)
            data-known=known
            tabindex=if is_stop { "0" } else { "-1" }
            aria-selected=truth(is_selected)
        >
            <td class="col-rank">{format::rank(row.rank)}</td>
            <td class="col-drug" title=row.drug.label.clone()>
                {status_glyph(row.status)}
                <span class="drug-name">{row.drug.label.clone()}</span>
            </td>
            <td class="col-known" class:is-against=row.caution.is_some() title=status_title(row)>{status_words(row)}</td>
            <td class="col-percentile">{format::percentile(row.percentile)}</td>
        </tr>
    }
}

fn clicked(event: MouseEvent) {
    if let Some(drug) = number_at(&event, "data-row") {
        app::select(EntityId(drug));
    }
}

fn focused(event: FocusEvent) {
    let row = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let rows = row.as_ref().and_then(|row| row.parent_element()).map(|body| body.children());
    let Some((row, rows)) = row.zip(rows) else { return };
    let Some(stop) = (0..rows.length()).find(|at| rows.item(*at).as_ref() == Some(&row)) else { return };
    if peek(|model| model.stop != stop as usize) {
        change(|model| {
            model.stop = stop as usize;
            Topics::STOP
        });
    }
}

fn pressed(event: KeyboardEvent) {
    let Some(row) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let next = match event.key().as_str() {
        "ArrowDown" => row.next_element_sibling(),
        "ArrowUp" => row.previous_element_sibling(),
        "Home" => row.parent_element().and_then(|body| body.first_element_child()),
        "End" => row.parent_element().and_then(|body| body.last_element_child()),
        "Enter" => {
            if let Some(drug) = number_at(&event, "data-row") {
                app::select(EntityId(drug));
            }
            None
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        let _ = next.focus();
    }
}

/// What the graph says, with the support of a treatment; what speaks against it goes first.
pub fn status_words(row: &RankingRow) -> String {
    match (row.status, row.caution, row.grade) {
        (_, Some(CautionKind::Contraindicated), _) => "contraindicated".to_owned(),
        (LinkStatus::Predicted, Some(_), _) => "can cause it".to_owned(),
        (LinkStatus::Known, _, Some(grade)) if grade != Grade::Approved => "known · ".to_owned() + grade_word(grade),
        (status, ..) => known_word(status).to_owned(),
    }
}

fn status_title(row: &RankingRow) -> Option<String> {
    let grade = row.grade.map(|grade| known_word(row.status).to_owned() + ": " + grade.word() + " use");
    row.caution.map(|caution| "the pack says: ".to_owned() + caution.word()).or(grade)
}

fn grade_word(grade: Grade) -> &'static str {
    match grade {
        Grade::Investigational => "in trials",
        Grade::Symptomatic => "symptoms",
        other => other.word(),
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
