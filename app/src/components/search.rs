//! The search box: names, synonyms, identifiers. A combobox with a list of matches.
//!
//! With nothing typed it offers the diseases that can be ranked. Choosing a disease ranks its drugs;
//! choosing anything else opens its description.

use leptos::prelude::*;
use lladr_core::scatter::palette::words_of;
use lladr_core::session::EntityMatch;
use web_sys::{Event, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent};

use crate::app;
use crate::hooks::shortcuts::SEARCH_ID;
use crate::state::{Model, Topics, change, look, peek};
use crate::ui::glyph::type_glyph;
use crate::ui::icon::{SEARCH, icon};
use crate::ui::live::{by_id, click, event, flag, focus_soon, follow, maybe, number_at, part, text, truth};

/// Identifier of the list.
const LIST_ID: &str = "search-list";

/// Box and list.
pub fn search() -> impl IntoView + use<> {
    follow(|| scroll_to_active(look(Topics::SEARCH, |model| model.active)));
    view! {
        <div class="search">
            <label class="visually-hidden" for=SEARCH_ID>
                "Search diseases, drugs and genes by name, synonym or identifier"
            </label>
            {icon(SEARCH)}
            <input
                id=SEARCH_ID
                type="text"
                class="search-input"
                data-testid="disease-search"
                placeholder="Search disease, drug, gene …"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls=LIST_ID
                aria-expanded=text(|| truth(is_open()).to_owned())
                aria-activedescendant=maybe(|| {
                    let active = look(Topics::SEARCH, |model| (!model.hits().is_empty()).then_some(model.active));
                    active.filter(|_| is_open()).map(|row| option_id(row as u32))
                })
                prop:value=text(|| look(Topics::SEARCH, |model| model.typed.clone()))
                on:input=event(typed)
                on:keydown=pressed as fn(KeyboardEvent)
                on:focus=move |_| open(true)
                on:click=click(|_| open(true))
                on:blur=move |_| open(false)
            />
            <kbd class="search-key" aria-hidden="true">"/"</kbd>
            // Pressing on the list does not take the focus from the box.
            <div
                tabindex="-1"
                class="search-list"
                class:is-open=flag(is_open)
                on:mousedown=click(|event| event.prevent_default())
                on:click=click(clicked)
            >
                <p class="search-hint">{text(|| look(Topics::SEARCH | Topics::PACK, hint))}</p>
                <ul id=LIST_ID role="listbox" aria-label="Matches">
                    {part(hits)}
                </ul>
            </div>
        </div>
    }
}

fn is_open() -> bool {
    look(Topics::SEARCH | Topics::PACK, |model| model.is_searching && model.is_ready())
}

fn open(open: bool) {
    change(|model| {
        (model.is_searching, model.active) = (open, 0);
        Topics::SEARCH
    });
}

fn typed(event: Event) {
    let typed = event_target_value(&event);
    app::search(typed.trim().to_owned());
    change(|model| {
        (model.typed, model.is_searching, model.active) = (typed, true, 0);
        Topics::SEARCH
    });
}

fn pressed(event: KeyboardEvent) {
    let count = peek(|model| model.hits().len());
    let is_open = peek(|model| model.is_searching);
    match event.key().as_str() {
        "ArrowDown" if !is_open => open(true),
        "ArrowDown" if count > 0 => activate(1, count),
        "ArrowUp" if count > 0 => activate(count - 1, count),
        "Enter" if is_open => choose(peek(|model| model.active)),
        "Escape" => {
            forget();
        }
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn activate(ahead: usize, count: usize) {
    change(|model| {
        model.active = (model.active + ahead) % count;
        Topics::SEARCH
    });
}

fn clicked(event: MouseEvent) {
    if let Some(row) = number_at(&event, "data-row") {
        choose(row as usize);
    }
}

fn choose(row: usize) {
    let Some(hit) = peek(|model| model.hits().into_iter().nth(row)) else { return };
    leave();
    forget();
    if hit.is_disease {
        app::go_to_disease(hit.entity);
        focus_soon("disease-button");
    } else {
        app::select(hit.entity.entity);
    }
}

fn leave() {
    if let Some(input) = by_id::<HtmlInputElement>(SEARCH_ID) {
        let _ = input.blur();
    }
}

fn forget() {
    change(|model| {
        model.typed.clear();
        model.is_searching = false;
        Topics::SEARCH
    });
}

fn hint(model: &Model) -> String {
    let typed = model.typed.trim();
    if typed.is_empty() {
        "Diseases with known treatments"
    } else if model.found.0 != typed {
        "Searching …"
    } else if model.found.1.is_empty() {
        "Nothing in this pack is called that. Try a synonym or an identifier such as DB00945."
    } else {
        "Matches"
    }
    .to_owned()
}

fn hits() -> AnyView {
    if !is_open() {
        return ().into_any();
    }
    let (hits, active) = look(Topics::SEARCH | Topics::PACK, |model| (model.hits(), model.active));
    hits.into_iter()
        .enumerate()
        .map(|(row, hit)| hit_view(hit, row as u32, row == active))
        .collect::<Vec<_>>()
        .into_any()
}

fn hit_view(hit: EntityMatch, row: u32, is_active: bool) -> AnyView {
    let mut kind = words_of(&hit.entity.kind, false);
    if hit.is_disease {
        kind.push_str(" · rank drugs");
    }
    let also = hit.matched.map(|matched| "also “".to_owned() + &matched + "”").unwrap_or_default();
    view! {
        <li
            id=option_id(row)
            role="option"
            class="search-hit"
            data-testid="search-result"
            data-entity=hit.entity.id
            data-row=row.to_string()
            aria-selected=truth(is_active)
        >
            {type_glyph(&hit.entity.kind)}
            <span class="search-name">{hit.entity.label}" "<span class="search-also">{also}</span></span>
            <span class="search-kind">{kind}</span>
        </li>
    }
    .into_any()
}

fn option_id(row: u32) -> String {
    "search-option-".to_owned() + &row.to_string()
}

/// Keep the active match in sight.
fn scroll_to_active(active: usize) {
    let Some(item) = by_id::<HtmlElement>(&option_id(active as u32)) else { return };
    let Some(list) = item.closest(".search-list").ok().flatten() else { return };
    let (inner, outer) = (item.get_bounding_client_rect(), list.get_bounding_client_rect());
    let above = (outer.top() - inner.top()).max(0.0);
    let below = (inner.bottom() - outer.bottom()).max(0.0);
    list.set_scroll_top(list.scroll_top() + (below - above).round() as i32);
}
