//! The page's end of the worker: starts it, sends commands, hands events on.
//!
//! Commands wait here until the worker says that it listens: messages to a module worker that is still
//! loading can be lost.

use std::cell::RefCell;

use js_sys::Array;
use lladr_core::session::{Command, Envelope, Event};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::wire::{self, Message};

/// Address of the worker's loader, beside the page.
const LOADER: &str = "engine_loader.js";

/// The page's end.
#[derive(Default)]
struct Engine {
    worker: Option<Worker>,
    waiting: Vec<Message>,
    is_ready: bool,
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::default();
}

/// Start the worker, in place of an earlier one. `hear` gets every event; `stopped` is told when it cannot run
/// any more, or not at all.
pub fn start(hear: fn(Envelope<Event>), stopped: fn()) {
    if let Some(earlier) = ENGINE.take().worker {
        earlier.terminate();
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options(LOADER, &options) else {
        return stopped();
    };
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let data = message.data();
        if data.is_string() {
            // The worker's only text: it listens.
            ENGINE.with_borrow_mut(|engine| engine.is_ready = true);
            flush();
        } else if let Some(event) = wire::unpack::<Event>(&data) {
            hear(event);
        }
    });
    worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    let broken = Closure::<dyn FnMut(JsValue)>::new(move |_| stopped());
    worker.set_onerror(Some(broken.as_ref().unchecked_ref()));
    broken.forget();
    ENGINE.with_borrow_mut(|engine| engine.worker = Some(worker));
}

/// Send a command.
pub fn send(command: &Command) {
    send_with(command, Array::new());
}

/// Send a command with buffers beside it; they move to the worker.
pub fn send_with(command: &Command, buffers: Array) {
    if let Some(message) = wire::pack(command, buffers) {
        ENGINE.with_borrow_mut(|engine| engine.waiting.push(message));
        flush();
    }
}

fn flush() {
    ENGINE.with_borrow_mut(|engine| {
        let Some(worker) = engine.worker.clone().filter(|_| engine.is_ready) else { return };
        for message in engine.waiting.drain(..) {
            let _ = worker.post_message_with_transfer(&message.object, &message.transfer);
        }
    });
}
