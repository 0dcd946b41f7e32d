//! Icons: one path each, 24 units wide, drawn in the text's colour.

use leptos::prelude::*;

/// Train.
pub const PLAY: &str = "M8 5.5v13l10.5-6.5z";
/// Pause.
pub const PAUSE: &str = "M7 5.5h3.5v13H7zM13.5 5.5H17v13h-3.5z";
/// One epoch.
pub const STEP: &str = "M6 5.5v13l8.5-6.5zM15.5 5.5H18v13h-2.5z";
/// Back to the start.
pub const RESET: &str = "M12 5a7 7 0 1 1-6.7 5l1.9.6A5 5 0 1 0 12 7v2.6L7.6 6 12 2.4z";
/// Search.
pub const SEARCH: &str = "M10.5 4a6.5 6.5 0 0 1 5.2 10.4l4.4 4.4-1.3 1.3-4.4-4.4A6.5 6.5 0 1 1 10.5 4zm0 2a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z";
/// Close.
pub const CLOSE: &str = "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z";
/// Light or dark.
pub const THEME: &str = "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zm0 2v13a6.5 6.5 0 0 0 0-13z";
/// Zoom in.
pub const PLUS: &str = "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z";
/// Zoom out.
pub const MINUS: &str = "M5 11h14v2H5z";
/// Show everything.
pub const FIT: &str = "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z";
/// Opens something below or above.
pub const CHEVRON: &str = "M6.7 8.8 12 14.1l5.3-5.3 1.4 1.4-6.7 6.7-6.7-6.7z";
/// A list.
pub const LIST: &str = "M4 6h2.5v2.5H4zM9 6.2h11v2H9zM4 10.8h2.5v2.5H4zM9 11h11v2H9zM4 15.6h2.5v2.5H4zM9 15.8h11v2H9z";
/// A map.
pub const MAP: &str = "M6 8a2 2 0 1 1 0-4 2 2 0 0 1 0 4zM17.5 9.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5zM11 14a2 2 0 1 1 0-4 2 2 0 0 1 0 4zM6.5 20a2 2 0 1 1 0-4 2 2 0 0 1 0 4zM17 19.5a3 3 0 1 1 0-6 3 3 0 0 1 0 6z";
/// A card.
pub const CARD: &str = "M5 4h14v16H5zm2 2v12h10V6zm2 2.2h6v1.8H9zm0 3.6h6v1.8H9z";
/// Sliders.
pub const TUNE: &str = "M4 7h9v2H4zM17 7h3v2h-3zM13.5 5h2v6h-2zM4 15h3v2H4zM11 15h9v2h-9zM8 13h2v6H8z";

/// An icon; the control around it carries the words.
pub fn icon(path: &'static str) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path fill="currentColor" fill-rule="evenodd" d=path />
        </svg>
    }
    .into_any()
}
