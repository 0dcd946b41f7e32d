//! A modal dialog: the browser's own, which keeps the focus inside and closes on Escape.

use leptos::prelude::*;
use web_sys::HtmlDialogElement;

use super::icon::{CLOSE, icon};
use super::live::by_id;

/// A dialog with a title and a close button. `closed` hears that the person closed it.
pub fn dialog(id: &'static str, title: &'static str, closed: fn(), body: AnyView) -> AnyView {
    view! {
        <dialog
            class="dialog"
            id=id
            data-testid=id
            aria-label=title
            on:close=move |_| closed()
            on:click=event_beside(closed)
        >
            <div class="dialog-paper">
                <header class="dialog-head">
                    <h2>{title}</h2>
                    <button class="button-icon" aria-label="Close" on:click=move |_| closed()>
                        {icon(CLOSE)}
                    </button>
                </header>
                <div class="dialog-body">{body}</div>
            </div>
        </dialog>
    }
    .into_any()
}

/// Bring a dialog in step with the model.
pub fn show(id: &str, is_open: bool) {
    let Some(dialog) = by_id::<HtmlDialogElement>(id) else { return };
    if is_open && !dialog.open() {
        let _ = dialog.show_modal();
    } else if !is_open && dialog.open() {
        dialog.close();
    }
}

/// A click on the dialog itself, not on what is in it, is a click beside its paper.
fn event_beside(closed: fn()) -> impl FnMut(web_sys::MouseEvent) {
    move |event| {
        if event.target() == event.current_target() {
            closed();
        }
    }
}
