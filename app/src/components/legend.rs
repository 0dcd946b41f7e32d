//! What the marks mean, and a switch for each type.

use leptos::prelude::*;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::palette::words_of;
use lladr_core::session::TypeSummary;
use web_sys::MouseEvent;

use crate::components::ranking::known_word;
use crate::format;
use crate::state::{Topics, change, look};
use crate::ui::glyph::{status_glyph, type_glyph};
use crate::ui::live::{click, number_at, part, truth};

/// Types with their counts, and the three kinds of lit drugs.
pub fn legend() -> impl IntoView + use<> {
    let lit = [LinkStatus::Known, LinkStatus::HeldOut, LinkStatus::Predicted]
        .map(|status| view! { <span>{status_glyph(status)} {known_word(status)}</span> }.into_any());
    view! {
        <div
            class="legend"
            data-testid="legend"
            role="group"
            aria-label="Legend: show or hide types"
            on:click=click(toggled)
        >
            {part(types)}
            <p class="legend-lit">{Vec::from(lit)}</p>
        </div>
    }
}

fn types() -> AnyView {
    look(Topics::PACK | Topics::HIDDEN, |model| {
        let types = model.pack.iter().flat_map(|pack| &pack.types).enumerate();
        types
            .map(|(row, kind)| type_view(row, kind, !model.hidden.get(row).copied().unwrap_or(false)))
            .collect::<Vec<_>>()
    })
    .into_any()
}

fn type_view(row: usize, kind: &TypeSummary, is_shown: bool) -> AnyView {
    view! {
        <button
            class="legend-type"
            data-testid="legend-type"
            data-type=kind.name.clone()
            data-row=row.to_string()
            aria-pressed=truth(is_shown)
            title=if is_shown { "Hide these" } else { "Show these" }
        >
            {type_glyph(&kind.name)}
            <span>{words_of(&kind.name, true)}</span>
            <span class="legend-count">{format::count(kind.count)}</span>
        </button>
    }
    .into_any()
}

fn toggled(event: MouseEvent) {
    let Some(row) = number_at(&event, "data-row") else { return };
    change(|model| {
        if let Some(hidden) = model.hidden.get_mut(row as usize) {
            *hidden = !*hidden;
        }
        Topics::HIDDEN
    });
}
