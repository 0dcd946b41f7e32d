//! Name of the tool, the pack, the search, theme and help.

use leptos::prelude::*;

use crate::app::use_app;
use crate::components::search::Search;
use crate::hooks::theme::use_theme;
use crate::state::Phase;
use crate::ui::icon::{Icon, THEME};
use crate::ui::panels::use_panels;

/// The top line.
#[component]
pub fn Header() -> impl IntoView {
    let (panels, theme) = (use_panels(), use_theme());
    view! {
        <header class="header">
            <h1 class="brand">"LLaDR Explorer"</h1>
            <PackName />
            <Search />
            <div class="header-tools">
                <button class="button-quiet about-button" data-testid="about-open" on:click=move |_| panels.about.set(true)>
                    "About" <span class="about-more">" this pack"</span>
                </button>
                <button
                    class="button-icon"
                    data-testid="theme-toggle"
                    aria-label="Switch between light and dark"
                    title="Light or dark"
                    on:click=move |_| theme.toggle()
                >
                    <Icon path=THEME />
                </button>
                <button
                    class="button-icon"
                    data-testid="help-open"
                    aria-label="Help and shortcuts"
                    title="Help and shortcuts (?)"
                    on:click=move |_| panels.help.set(true)
                >
                    <span aria-hidden="true">"?"</span>
                </button>
            </div>
        </header>
    }
}

/// The open pack; a choice where the page offers more than one.
#[component]
fn PackName() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    let open =
        Memo::new(move |_| state.pack.with(|pack| pack.as_ref().map(|pack| (pack.name.clone(), pack.title.clone()))));
    let loading = Memo::new(move |_| match state.phase.get() {
        Phase::Fetching { pack, .. } | Phase::Opening { pack } => Some(pack),
        Phase::Ready | Phase::Empty => None,
    });
    let title = move || match (open.get(), loading.get()) {
        (Some((_, title)), _) => title,
        (None, Some(name)) => name,
        (None, None) => "no pack".into(),
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        app.open_pack(&name);
    };
    view! {
        <p class="pack">
            <span class="visually-hidden">"Pack: "</span>
            <Show
                when=move || { state.packs.with(|packs| packs.len() > 1) }
                fallback=move || view! { <span data-testid="pack-name" class="pack-name">{title}</span> }
            >
                <span data-testid="pack-name" class="visually-hidden">{title}</span>
                <select
                    class="pack-select"
                    data-testid="pack-select"
                    aria-label="Pack"
                    on:change=choose
                    prop:value=move || open.get().map(|(name, _)| name).unwrap_or_default()
                >
                    {move || {
                        let current = open.get().map(|(name, _)| name);
                        state
                            .packs
                            .get()
                            .into_iter()
                            .map(|(name, title)| {
                                let selected = current.as_deref() == Some(&*name);
                                view! { <option value=name selected=selected>{title}</option> }
                            })
                            .collect_view()
                    }}
                </select>
            </Show>
        </p>
    }
}
