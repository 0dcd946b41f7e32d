//! What goes over `postMessage`: `{ body, attachments }`, with the attachments' buffers transferred.
//!
//! The body is the command or event in postcard's bytes: page and worker are of one build, so nothing needs names,
//! and reading by position is a fraction of the code that reading an object by names is. Attachments are
//! `ArrayBuffer`s: the page hands files to the worker without copying them through its own memory.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use lladr_core::session::Envelope;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// What the worker posts first, when it can take commands.
pub const READY: &str = "ready";

/// A message ready to be posted.
pub struct Message {
    /// The object.
    pub object: JsValue,
    /// Its transfer list: the attachments' buffers.
    pub transfer: Array,
}

/// `body` with `buffers` (`ArrayBuffer`s) beside it. `None` where the body cannot be expressed.
pub fn pack<T: Serialize>(body: &T, buffers: Array) -> Option<Message> {
    let object = Object::new();
    let body = postcard::to_allocvec(body).ok()?;
    Reflect::set(&object, &"body".into(), &Uint8Array::from(body.as_slice())).ok()?;
    Reflect::set(&object, &"attachments".into(), &buffers).ok()?;
    Some(Message { object: object.into(), transfer: buffers })
}

/// An envelope, its attachments copied out of this program's memory once.
pub fn pack_envelope<T: Serialize>(envelope: &Envelope<T>) -> Option<Message> {
    let buffers = Array::new();
    for bytes in &envelope.attachments {
        buffers.push(&Uint8Array::from(bytes.as_slice()).buffer());
    }
    pack(&envelope.body, buffers)
}

/// The envelope of a received message; `None` for anything that is not one.
pub fn unpack<T: DeserializeOwned>(message: &JsValue) -> Option<Envelope<T>> {
    let body: Uint8Array = Reflect::get(message, &"body".into()).ok()?.dyn_into().ok()?;
    let body = postcard::from_bytes(&body.to_vec()).ok()?;
    let buffers: Array = Reflect::get(message, &"attachments".into()).ok()?.dyn_into().ok()?;
    let attachments = buffers
        .iter()
        .map(|buffer| buffer.dyn_into::<ArrayBuffer>().map(|buffer| Uint8Array::new(&buffer).to_vec()))
        .collect::<Result<_, _>>()
        .ok()?;
    Some(Envelope { body, attachments })
}
