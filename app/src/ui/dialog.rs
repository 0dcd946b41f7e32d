//! A modal dialog: the browser's own, which keeps the focus inside and closes on Escape.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{CLOSE, Icon};

/// A dialog with a title and a close button.
#[component]
pub fn Dialog(open: RwSignal<bool>, title: &'static str, id: &'static str, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        let dialog: &web_sys::HtmlDialogElement = dialog.unchecked_ref();
        match (open.get(), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // A click on the dialog itself, not on what is in it, is a click beside its paper.
    let beside = move |event: web_sys::MouseEvent| {
        if event.target() == event.current_target() {
            open.set(false);
        }
    };
    view! {
        <dialog
            class="dialog"
            node_ref=node
            aria-labelledby=format!("{id}-title")
            data-testid=id
            on:close=move |_| open.set(false)
            on:click=beside
        >
            <div class="dialog-paper">
                <header class="dialog-head">
                    <h2 id=format!("{id}-title")>{title}</h2>
                    <button class="button-icon" aria-label="Close" on:click=move |_| open.set(false)>
                        <Icon path=CLOSE />
                    </button>
                </header>
                <div class="dialog-body">{children()}</div>
            </div>
        </dialog>
    }
}
