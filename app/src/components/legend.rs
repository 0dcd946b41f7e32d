//! What the marks mean, and a switch for each type.

use leptos::prelude::*;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::palette::words_of;

use crate::app::use_app;
use crate::format;
use crate::ui::glyph::{StatusGlyph, TypeGlyph};

/// Types with their counts, and the three kinds of lit drugs.
#[component]
pub fn Legend() -> impl IntoView {
    let state = use_app().state;
    let types = Memo::new(move |_| state.pack.with(|pack| pack.as_ref().map(|p| p.types.clone()).unwrap_or_default()));
    let toggle = move |row: usize| {
        state.hidden.update(|hidden| {
            if let Some(hidden) = hidden.get_mut(row) {
                *hidden = !*hidden;
            }
        });
    };
    view! {
        <div class="legend" data-testid="legend" role="group" aria-label="Legend: show or hide types">
            {move || {
                types
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(row, kind)| {
                        let is_shown = move || state.hidden.with(|hidden| hidden.get(row) != Some(&true));
                        view! {
                            <button
                                class="legend-type"
                                data-testid="legend-type"
                                data-type=kind.name.clone()
                                aria-pressed=move || is_shown().to_string()
                                title=move || if is_shown() { "Hide these" } else { "Show these" }
                                on:click=move |_| toggle(row)
                            >
                                <TypeGlyph kind=kind.name.clone() />
                                <span>{words_of(&kind.name, true)}</span>
                                <span class="legend-count">{format::count(kind.count)}</span>
                            </button>
                        }
                    })
                    .collect_view()
            }}
            <p class="legend-lit" aria-label="Lit drugs">
                <span><StatusGlyph status=LinkStatus::Known />"known"</span>
                <span><StatusGlyph status=LinkStatus::HeldOut />"held-out"</span>
                <span><StatusGlyph status=LinkStatus::Predicted />"predicted, top 10"</span>
            </p>
        </div>
    }
}
