//! A message and its arrays. Over `postMessage` the arrays are transferred, never cloned.

/// A [`Command`](super::Command) or an [`Event`](super::Event) with raw little-endian arrays beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope<T> {
    /// The message proper.
    pub body: T,
    /// Arrays; the message's documentation says what each holds.
    pub attachments: Vec<Vec<u8>>,
}

impl<T> From<T> for Envelope<T> {
    fn from(body: T) -> Self {
        Envelope { body, attachments: Vec::new() }
    }
}
