//! The line that is always visible.

use leptos::prelude::*;

/// What this tool is for, and what it is not.
pub fn disclaimer() -> impl IntoView + use<> {
    view! {
        <footer class="disclaimer">
            <p data-testid="disclaimer">
                <strong>"For research and teaching. Not medical advice."</strong>
                " Predictions are hypotheses."
            </p>
            <p class="private">"Nothing you do here leaves this device."</p>
        </footer>
    }
}
