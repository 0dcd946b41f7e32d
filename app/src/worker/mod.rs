//! The engine's worker: takes commands, trains in slices, posts events.
//!
//! The loop carries out one waiting command, or one slice of training (at most about 60 ms), and then lets a
//! macrotask pass, so that a new command is seen between two slices. Searches, rankings and descriptions
//! that a newer one of the same kind has overtaken are dropped ([`inbox`]).

mod inbox;
mod tick;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use lladr_core::session::{Command, Envelope, Event, Session};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::wire;
use inbox::Inbox;
use tick::Tick;

/// Start listening and never return control to anybody else.
pub fn run() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let inbox = Rc::new(RefCell::new(Inbox::default()));
    let listener = {
        let inbox = inbox.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(command) = wire::unpack::<Command>(&message.data()) {
                inbox.borrow_mut().push(command);
            }
        })
    };
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    let _ = scope.post_message(&JsValue::from_str(wire::READY));
    wasm_bindgen_futures::spawn_local(serve(scope, inbox));
}

async fn serve(scope: DedicatedWorkerGlobalScope, inbox: Rc<RefCell<Inbox>>) {
    let Some(tick) = Tick::new() else { return };
    let mut session = Session::new(seconds);
    loop {
        let command = inbox.borrow_mut().pop();
        let events = match command {
            Some(command) => session.handle(command).await,
            None if session.is_running() => session.advance().await,
            None => {
                inbox::wait(&inbox).await;
                continue;
            }
        };
        for event in &events {
            post(&scope, event);
        }
        tick.pass().await;
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, event: &Envelope<Event>) {
    if let Some(message) = wire::pack_envelope(event) {
        let transfer: &Array = &message.transfer;
        let _ = scope.post_message_with_transfer(&message.object, transfer);
    }
}

/// Seconds since the worker started.
fn seconds() -> f64 {
    thread_local! {
        static CLOCK: Option<web_sys::Performance> =
            js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>().performance();
    }
    CLOCK.with(|clock| clock.as_ref().map_or(0.0, |clock| clock.now() / 1000.0))
}
