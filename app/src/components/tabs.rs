//! On a narrow screen, one panel at a time.

use leptos::prelude::*;
use web_sys::MouseEvent;

use crate::state::{Tab, Topics, change, look};
use crate::ui::icon::{CARD, LIST, MAP, TUNE, icon};
use crate::ui::live::{click, number_at, part};

const TABS: [(Tab, &str, &str, &str); 4] = [
    (Tab::List, LIST, "List", "tab-list"),
    (Tab::Map, MAP, "Map", "tab-map"),
    (Tab::Details, CARD, "Details", "tab-details"),
    (Tab::Train, TUNE, "Train", "tab-train"),
];

/// The four tabs.
pub fn tabs() -> impl IntoView + use<> {
    view! {
        <nav class="tabs" aria-label="Panels" on:click=click(chosen)>
            {part(buttons)}
        </nav>
    }
}

fn buttons() -> AnyView {
    let current = look(Topics::PANELS, |model| model.tab);
    let button = |(row, (tab, path, words, id)): (usize, (Tab, &'static str, &'static str, &'static str))| {
        let is_current = (tab == current).then_some("page");
        view! {
            <button class="tab" data-testid=id data-row=row.to_string() aria-current=is_current>
                {icon(path)}
                <span>{words}</span>
            </button>
        }
        .into_any()
    };
    TABS.into_iter().enumerate().map(button).collect::<Vec<_>>().into_any()
}

fn chosen(event: MouseEvent) {
    let Some((tab, ..)) = number_at(&event, "data-row").and_then(|row| TABS.get(row as usize)) else { return };
    change(|model| {
        model.tab = *tab;
        Topics::PANELS
    });
}
