//! The loss curve, small.

use leptos::prelude::*;

use crate::state::{Topics, look};
use crate::ui::live::text;

/// Loss since the first epoch; the lowest value at the bottom.
pub fn sparkline() -> impl IntoView + use<> {
    view! {
        <svg
            class="sparkline"
            data-testid="loss-curve"
            viewBox="-2 -2 152 30"
            preserveAspectRatio="none"
            role="img"
            aria-label="Link loss since the first epoch"
        >
            <path class="sparkline-base" d="M0 26H148" />
            <path class="sparkline-line" d=text(|| look(Topics::PROGRESS, |model| model.losses.path(148.0, 26.0))) />
        </svg>
    }
}
