//! Name of the tool, the pack, the search, theme and help.

use leptos::prelude::*;

use crate::app;
use crate::components::search::search;
use crate::hooks::theme;
use crate::panels;
use crate::state::{Model, Phase, Topics, look};
use crate::ui::icon::{THEME, icon};
use crate::ui::live::{click, event, part, text};

/// The top line.
pub fn header() -> impl IntoView + use<> {
    view! {
           <header class="header">
               <h1 class="brand">"LLaDR Explorer"</h1>
               <p class="pack">
                   <span class="visually-hidden">"Pack: "</span>
                   <span data-testid="pack-name" class="pack-name">{text(|| look(Topics::PACK | Topics::PHASE, pack_title))}</span>
                   {part(choice)}
               </p>
               {search()}
               <div class="header-tools">
    <button class="button-quiet" data-testid="cases-open" on:click=click(|_| panels::show_cases(true))>
                       "Cases"
                   </button>
                   <button class="button-quiet about-button" data-testid="about-open" on:click=click(|_| panels::show_about(true))>
                       "About" <span class="about-more">" this pack"</span>
                   </button>
                   <button
                       class="button-icon"
                       data-testid="theme-toggle"
                       aria-label="Switch between light and dark"
                       title="Light or dark"
                       on:click=click(|_| theme::toggle())
                   >
                       {icon(THEME)}
                   </button>
                   <button
                       class="button-icon"
                       data-testid="help-open"
                       aria-label="Help and shortcuts"
                       title="Help and shortcuts (?)"
                       on:click=click(|_| panels::show_help(true))
                   >
                       <span aria-hidden="true">"?"</span>
                   </button>
               </div>
           </header>
       }
}

/// The open pack; before there is one, the one that is loading.
fn pack_title(model: &Model) -> String {
    match (&model.pack, &model.phase) {
        (Some(pack), _) => pack.title.clone(),
        (None, Phase::Fetching(name, ..) | Phase::Opening(name)) => name.clone(),
        _ => "no pack".to_owned(),
    }
}

/// A choice of packs, where the page offers more than one.
fn choice() -> AnyView {
    let packs = look(Topics::PACKS | Topics::PACK | Topics::PHASE, |model| model.packs.clone());
    if packs.len() < 2 {
        return ().into_any();
    }
    let open = look(Topics::PACK, |model| model.pack.as_ref().map(|pack| pack.name.clone())).unwrap_or_default();
    let options: Vec<AnyView> = packs
        .into_iter()
        .map(|(name, title)| {
            let selected = name == open;
            view! { <option value=name prop:selected=selected>{title}</option> }.into_any()
        })
        .collect();
    view! {
        <select
            class="pack-select"
            data-testid="pack-select"
            aria-label="Open another pack"
            on:change=event(|event| app::open_pack(&event_target_value(&event)))
        >
            {options}
        </select>
    }
    .into_any()
}
