//! The frame: header, list, map, drawer, transport, and the line that is always visible.

use leptos::prelude::*;

use crate::app::App;
use crate::components::{
    about::About, detail::Detail, disclaimer::Disclaimer, header::Header, help::Help, map::Map, problem::ProblemLine,
    ranking::RankingPanel, tabs::Tabs, transport::Transport,
};
use crate::hooks::{address, shortcuts, theme};
use crate::ui::panels::Panels;

/// The whole page.
#[component]
pub fn Explore() -> impl IntoView {
    theme::provide_theme();
    let panels = Panels::new();
    provide_context(panels);
    let app = App::start();
    provide_context(app);
    address::follow_address(app);
    shortcuts::listen(app, panels);
    view! {
        <button class="skip" on:click=move |_| shortcuts::focus_ranking()>"Skip to the ranking"</button>
        <div
            class="frame"
            data-tab=move || panels.tab.get().name()
            class:has-drawer=move || app.state.selected.get().is_some()
        >
            <Header />
            <ProblemLine />
            <main class="stage">
                <RankingPanel />
                <Map />
                <Detail />
            </main>
            <Transport />
            <Tabs />
            <Disclaimer />
        </div>
        <About />
        <Help />
    }
}
