//! The frame: header, list, map, drawer, transport, and the line that is always visible.

use leptos::prelude::*;

use crate::app;
use crate::components::{
    about, cases, detail, disclaimer, experiments, header, help, map, problem, ranking, tabs, transport,
};
use crate::hooks::{address, shortcuts, theme};
use crate::state::{Tab, Topics, look};
use crate::ui::live::{click, flag};

/// The whole page.
#[component]
pub fn Explore() -> impl IntoView {
    theme::start();
    app::start();
    address::start();
    shortcuts::start();
    view! {
        <button class="skip" on:click=click(|_| shortcuts::focus_ranking())>"Skip to the ranking"</button>
        <div
            class="frame"
            class:on-list=flag(|| is_on(Tab::List))
            class:on-map=flag(|| is_on(Tab::Map))
            class:on-details=flag(|| is_on(Tab::Details))
            class:on-train=flag(|| is_on(Tab::Train))
            class:has-drawer=flag(|| look(Topics::SELECTED, |model| model.selected.is_some()))
        >
            {header::header()}
            {problem::problem()}
            <main class="stage">{ranking::ranking()} {map::map()} {detail::detail()}</main>
            {transport::transport()}
            {tabs::tabs()}
            {disclaimer::disclaimer()}
        </div>
        {cases::cases()}
        {experiments::experiments()}
        {about::about()}
        {help::help()}
    }
}

fn is_on(tab: Tab) -> bool {
    look(Topics::PANELS, |model| model.tab == tab)
}
