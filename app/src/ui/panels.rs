//! Which panels are open.

use leptos::prelude::*;

/// The four tabs of a narrow screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Disease and ranking.
    List,
    /// The map.
    Map,
    /// The selected entity.
    Details,
    /// Training.
    Train,
}

impl Tab {
    /// Name for the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Tab::List => "list",
            Tab::Map => "map",
            Tab::Details => "details",
            Tab::Train => "train",
        }
    }
}

/// Panels and dialogs; cheap to copy, found by [`use_panels`].
#[derive(Clone, Copy)]
pub struct Panels {
    /// Tab of a narrow screen.
    pub tab: RwSignal<Tab>,
    /// Settings of the run.
    pub settings: RwSignal<bool>,
    /// About the pack.
    pub about: RwSignal<bool>,
    /// Help.
    pub help: RwSignal<bool>,
}

impl Panels {
    /// All closed; on a narrow screen the list is in front.
    pub fn new() -> Self {
        Panels {
            tab: RwSignal::new(Tab::List),
            settings: RwSignal::new(false),
            about: RwSignal::new(false),
            help: RwSignal::new(false),
        }
    }
}

impl Default for Panels {
    fn default() -> Self {
        Panels::new()
    }
}

/// The panels of this page.
pub fn use_panels() -> Panels {
    expect_context()
}
