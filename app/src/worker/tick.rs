//! Lets one macrotask pass. A message to oneself does, without the 4 ms that nested timeouts cost.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessageEvent, MessagePort};

/// A channel to oneself.
pub struct Tick {
    sender: MessagePort,
    // Held open: a closed port would lose messages.
    _receiver: MessagePort,
    _listener: Closure<dyn FnMut(MessageEvent)>,
    waiting: Rc<RefCell<Option<Function>>>,
}

impl Tick {
    /// `None` where the browser gives no channel.
    pub fn new() -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        let waiting: Rc<RefCell<Option<Function>>> = Rc::default();
        let listener = {
            let waiting = waiting.clone();
            Closure::<dyn FnMut(MessageEvent)>::new(move |_| {
                if let Some(resolve) = waiting.borrow_mut().take() {
                    let _ = resolve.call0(&JsValue::UNDEFINED);
                }
            })
        };
        let receiver = channel.port1();
        receiver.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Some(Tick { sender: channel.port2(), _receiver: receiver, _listener: listener, waiting })
    }

    /// Resolves after the tasks that are already waiting.
    pub async fn pass(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            *self.waiting.borrow_mut() = Some(resolve);
        });
        if self.sender.post_message(&JsValue::NULL).is_ok() {
            let _ = JsFuture::from(promise).await;
        }
    }
}
