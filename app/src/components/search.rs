//! The search box: names, synonyms, identifiers. A combobox with a list of matches.
//!
//! With nothing typed it offers the diseases that can be ranked. Choosing a disease ranks its drugs;
//! choosing anything else opens its description.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use lladr_core::scatter::palette::words_of;
use lladr_core::session::EntityMatch;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::app::{App, use_app};
use crate::hooks::shortcuts::SEARCH_ID;
use crate::ui::glyph::TypeGlyph;
use crate::ui::icon::{Icon, SEARCH};
use crate::ui::panels::{Tab, use_panels};

/// Diseases that are offered before anything is typed.
const OFFERED: usize = 100;

/// Box and list.
#[component]
pub fn Search() -> impl IntoView {
    let app = use_app();
    let panels = use_panels();
    let input = NodeRef::<html::Input>::new();
    let text = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let active = RwSignal::new(0usize);
    let hits = Memo::new(move |_| hits(app, &text.get()));
    let is_answered =
        move || text.with(|text| text.trim().is_empty() || app.state.found.with(|found| found.0 == text.trim()));

    let choose = move |hit: EntityMatch| {
        open.set(false);
        text.set(String::new());
        if let Some(input) = input.get_untracked() {
            let _ = input.blur();
        }
        if hit.is_disease {
            app.choose_disease(hit.entity);
            panels.tab.set(Tab::List);
        } else {
            app.select(hit.entity.entity);
            panels.tab.set(Tab::Details);
        }
    };
    let typed = move |event| {
        text.set(event_target_value(&event));
        active.set(0);
        open.set(true);
        let wanted = text.with_untracked(|text| text.trim().to_owned());
        if !wanted.is_empty() {
            app.search(&wanted);
        }
    };
    let key = move |event: KeyboardEvent| {
        let count = hits.with_untracked(|hits| hits.len());
        match event.key().as_str() {
            "ArrowDown" if !open.get_untracked() => open.set(true),
            "ArrowDown" if count > 0 => active.update(|row| *row = (*row + 1) % count),
            "ArrowUp" if count > 0 => active.update(|row| *row = (*row + count - 1) % count),
            "Enter" => {
                let hit = hits.with_untracked(|hits| hits.get(active.get_untracked()).cloned());
                if let Some(hit) = hit.filter(|_| open.get_untracked()) {
                    choose(hit);
                }
            }
            "Escape" => {
                open.set(false);
                if text.with_untracked(String::is_empty) {
                    let _ = input.get_untracked().map(|input| input.blur());
                }
                text.set(String::new());
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    Effect::new(move || {
        if open.get() {
            scroll_to(&option_id(active.get()));
        }
    });

    view! {
        <div class="search">
            <label class="visually-hidden" for=SEARCH_ID>
                "Search diseases, drugs and genes by name, synonym or identifier"
            </label>
            <Icon path=SEARCH />
            <input
                id=SEARCH_ID
                node_ref=input
                type="text"
                class="search-input"
                data-testid="disease-search"
                placeholder="Search disease, drug, gene …"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls="search-list"
                aria-expanded=move || open.get().to_string()
                aria-activedescendant=move || {
                    (open.get() && hits.with(|hits| !hits.is_empty())).then(|| option_id(active.get()))
                }
                prop:value=move || text.get()
                on:input=typed
                on:keydown=key
                on:focus=move |_| {
                    active.set(0);
                    open.set(true);
                }
                on:click=move |_| open.set(true)
                on:blur=move |_| open.set(false)
            />
            <kbd class="search-key" aria-hidden="true">"/"</kbd>
            // The list keeps the focus in the box: pressing on it does not blur.
            <div
                class="search-list"
                class:is-open=move || open.get() && app.state.is_ready()
                on:mousedown=|event| event.prevent_default()
            >
                <p class="search-hint">
                    {move || hint(&text.get(), hits.with(|hits| hits.len()), is_answered())}
                </p>
                <ul id="search-list" role="listbox" aria-label="Matches">
                    {move || {
                        hits.get()
                            .iter()
                            .cloned()
                            .enumerate()
                            .map(|(row, hit)| {
                                let chosen = hit.clone();
                                view! {
                                    <Hit
                                        hit
                                        row
                                        is_active=Signal::derive(move || active.get() == row)
                                        choose=Callback::new(move |()| choose(chosen.clone()))
                                    />
                                }
                            })
                            .collect_view()
                    }}
                </ul>
            </div>
        </div>
    }
}

#[component]
fn Hit(hit: EntityMatch, row: usize, is_active: Signal<bool>, choose: Callback<()>) -> impl IntoView {
    let EntityMatch { entity, matched, is_disease } = hit;
    let kind = words_of(&entity.kind, false);
    view! {
        <li
            id=option_id(row)
            role="option"
            class="search-hit"
            data-testid="search-result"
            data-entity=entity.id.clone()
            class:is-active=is_active
            aria-selected=move || is_active.get().to_string()
            on:click=move |_| choose.run(())
        >
            <TypeGlyph kind=entity.kind.clone() />
            <span class="search-name">
                {entity.label}
                {matched.map(|matched| view! { <span class="search-also">{format!("also “{matched}”")}</span> })}
            </span>
            <span class="search-kind">
                {kind} {(is_disease).then_some(" · rank drugs")}
            </span>
        </li>
    }
}

fn option_id(row: usize) -> String {
    format!("search-option-{row}")
}

fn hits(app: App, text: &str) -> Arc<Vec<EntityMatch>> {
    if !text.trim().is_empty() {
        return app.state.found.with(|(_, matches)| matches.clone());
    }
    app.state.pack.with(|pack| {
        let diseases = pack.iter().flat_map(|pack| pack.diseases.iter().take(OFFERED));
        Arc::new(
            diseases.map(|entity| EntityMatch { entity: entity.clone(), matched: None, is_disease: true }).collect(),
        )
    })
}

fn hint(text: &str, hits: usize, is_answered: bool) -> String {
    match (text.trim().is_empty(), hits) {
        (true, _) => "Diseases with known treatments".into(),
        (false, _) if !is_answered => "Searching …".into(),
        (false, 0) => "Nothing in this pack is called that. Try a synonym or an identifier such as DB00945.".into(),
        (false, _) => "Matches".into(),
    }
}

fn scroll_to(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        if let Some(list) = element.closest(".search-list").ok().flatten() {
            let (item, list_box) = (element.get_bounding_client_rect(), list.get_bounding_client_rect());
            let Ok(list) = list.dyn_into::<web_sys::HtmlElement>() else { return };
            if item.top() < list_box.top() {
                list.set_scroll_top(list.scroll_top() - (list_box.top() - item.top()) as i32);
            } else if item.bottom() > list_box.bottom() {
                list.set_scroll_top(list.scroll_top() + (item.bottom() - list_box.bottom()) as i32 + 1);
            }
        }
    }
}
