//! The page's ties to the browser: theme, shortcuts, the address bar.

pub mod address;
pub mod shortcuts;
pub mod theme;

/// Whether the person asked the system for less motion.
pub fn prefers_less_motion() -> bool {
    leptos::prelude::window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|media| media.matches())
}
