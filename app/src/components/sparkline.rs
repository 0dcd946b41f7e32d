//! The loss curve, small.

use leptos::prelude::*;

use crate::app::use_app;

const WIDTH: f32 = 148.0;
const HEIGHT: f32 = 26.0;

/// Loss since the first epoch; the lowest value at the bottom.
#[component]
pub fn Sparkline() -> impl IntoView {
    let losses = use_app().state.losses;
    view! {
        <svg
            class="sparkline"
            data-testid="loss-curve"
            viewBox=format!("-2 -2 {} {}", WIDTH + 4.0, HEIGHT + 4.0)
            preserveAspectRatio="none"
            role="img"
            aria-label="Loss since the first epoch"
        >
            <path class="sparkline-base" d=format!("M0 {HEIGHT}H{WIDTH}") />
            <path class="sparkline-line" d=move || losses.with(|losses| losses.path(WIDTH, HEIGHT)) />
        </svg>
    }
}
