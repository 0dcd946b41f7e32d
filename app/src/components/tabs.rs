//! On a narrow screen, one panel at a time.

use leptos::prelude::*;

use crate::ui::icon::{CARD, Icon, LIST, MAP, TUNE};
use crate::ui::panels::{Tab, use_panels};

/// The four tabs.
#[component]
pub fn Tabs() -> impl IntoView {
    let tab = use_panels().tab;
    let tabs = [
        (Tab::List, LIST, "List"),
        (Tab::Map, MAP, "Map"),
        (Tab::Details, CARD, "Details"),
        (Tab::Train, TUNE, "Train"),
    ];
    view! {
        <nav class="tabs" aria-label="Panels">
            {tabs
                .map(|(own, icon, words)| {
                    view! {
                        <button
                            class="tab"
                            data-testid=format!("tab-{}", own.name())
                            aria-current=move || (tab.get() == own).then_some("page")
                            on:click=move |_| tab.set(own)
                        >
                            <Icon path=icon />
                            <span>{words}</span>
                        </button>
                    }
                })
                .collect_view()}
        </nav>
    }
}
