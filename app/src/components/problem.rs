//! The one place where something that went wrong is told.

use leptos::prelude::*;

use crate::app::use_app;
use crate::ui::icon::{CLOSE, Icon};

/// The last problem, until it is dismissed.
#[component]
pub fn ProblemLine() -> impl IntoView {
    let problem = use_app().state.problem;
    view! {
        <div class="problem-slot" role="alert">
            {move || {
                problem
                    .get()
                    .map(|told| {
                        view! {
                            <div class="problem" data-testid="error">
                                <p>
                                    <strong>{sentence_start(&told.doing)} ": "</strong>
                                    {told.message}
                                </p>
                                <button
                                    class="button-icon"
                                    data-testid="error-dismiss"
                                    aria-label="Dismiss this message"
                                    on:click=move |_| problem.set(None)
                                >
                                    <Icon path=CLOSE />
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// `opening the pack x` → `Problem while opening the pack x`.
fn sentence_start(doing: &str) -> String {
    format!("Problem while {doing}")
}
