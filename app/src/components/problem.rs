//! The one place where something that went wrong is told.

use leptos::prelude::*;

use crate::state::{Topics, change, look};
use crate::ui::icon::{CLOSE, icon};
use crate::ui::live::{click, part};

/// The last problem, until it is dismissed.
pub fn problem() -> impl IntoView + use<> {
    view! { <div role="alert">{part(told)}</div> }
}

fn told() -> AnyView {
    let Some(problem) = look(Topics::PROBLEM, |model| model.problem.clone()) else { return ().into_any() };
    view! {
        <div class="problem" data-testid="error">
            <p>
                <strong>{"Problem while ".to_owned() + &problem.doing + ": "}</strong>
                {problem.message}
            </p>
            <button
                class="button-icon"
                data-testid="error-dismiss"
                aria-label="Dismiss this message"
                on:click=click(|_| {
                    change(|model| {
                        model.problem = None;
                        Topics::PROBLEM
                    });
                })
            >
                {icon(CLOSE)}
            </button>
        </div>
    }
    .into_any()
}
