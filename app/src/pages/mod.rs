//! The one page and its frame.

mod explore;

use leptos::prelude::*;

/// Mount the page in the document.
pub fn mount() {
    mount_to_body(explore::Explore);
}
