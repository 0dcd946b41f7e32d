//! The page's end of the worker: starts it, sends commands, hands events to the state.
//!
//! Commands wait here until the worker says that it listens: messages to a module worker that is still
//! loading can be lost.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use lladr_core::session::{Command, Envelope, Event};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::wire::{self, Message};

/// Address of the worker's loader, beside the page.
const LOADER: &str = "engine_loader.js";

/// A handle on the worker.
#[derive(Clone)]
pub struct Engine(Rc<RefCell<Inner>>);

struct Inner {
    worker: Option<Worker>,
    waiting: Vec<Message>,
    is_ready: bool,
}

impl Engine {
    /// Start the worker. `hear` gets every event; `fail` a sentence if the worker cannot run.
    pub fn start(hear: impl Fn(Envelope<Event>) + 'static, fail: impl Fn(&str) + 'static) -> Self {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(LOADER, &options).ok();
        let engine =
            Engine(Rc::new(RefCell::new(Inner { worker: worker.clone(), waiting: Vec::new(), is_ready: false })));
        let Some(worker) = worker else {
            fail("This browser starts no module workers. Use a current Firefox, Chrome, Edge or Safari.");
            return engine;
        };
        let listener = {
            let engine = engine.clone();
            Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
                let data = message.data();
                if data.as_string().as_deref() == Some(wire::READY) {
                    engine.flush();
                } else if let Some(event) = wire::unpack::<Event>(&data) {
                    hear(event);
                }
            })
        };
        worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
        let broken = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            fail("The engine stopped, or could not be loaded. Reload the page; what is on the screen stays readable.");
        });
        worker.set_onerror(Some(broken.as_ref().unchecked_ref()));
        broken.forget();
        engine
    }

    /// Send a command.
    pub fn send(&self, command: &Command) {
        self.send_with(command, Array::new());
    }

    /// Send a command with buffers beside it; they move to the worker.
    pub fn send_with(&self, command: &Command, buffers: Array) {
        if let Some(message) = wire::pack(command, buffers) {
            self.0.borrow_mut().waiting.push(message);
            if self.0.borrow().is_ready {
                self.flush();
            }
        }
    }

    fn flush(&self) {
        let mut inner = self.0.borrow_mut();
        inner.is_ready = true;
        let waiting = std::mem::take(&mut inner.waiting);
        if let Some(worker) = &inner.worker {
            for message in waiting {
                let _ = worker.post_message_with_transfer(&message.object, &message.transfer);
            }
        }
    }
}
