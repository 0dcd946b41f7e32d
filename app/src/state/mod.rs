//! What the page knows: one plain [`Model`], written only by [`change`], read with [`look`].
//!
//! The page watches the model by topic, not by field: a reader tracks the topics it names, a writer says which
//! it changed. That keeps the model free of the view, so that it is tested without a browser, and the page
//! small: there is one kind of signal.

mod apply;
mod losses;
mod model;
mod topics;
mod trial;

use std::cell::RefCell;

use leptos::prelude::{ArcTrigger, Notify, Track};

pub use apply::FollowUp;
pub use losses::Losses;
pub use model::{Layout, Model, Phase, Tab};
pub use topics::Topics;
pub use trial::Trial;

thread_local! {
    static MODEL: RefCell<Model> = RefCell::new(Model::default());
    static TRIGGERS: Vec<ArcTrigger> = (0..Topics::COUNT).map(|_| ArcTrigger::new()).collect();
}

/// Read, and read again whenever one of `topics` changes.
pub fn look<T>(topics: Topics, read: impl FnOnce(&Model) -> T) -> T {
    TRIGGERS.with(|triggers| topics.rows().for_each(|row| triggers[row].track()));
    peek(read)
}

/// Read once.
pub fn peek<T>(read: impl FnOnce(&Model) -> T) -> T {
    MODEL.with_borrow(read)
}

/// Write; `write` tells which topics changed.
pub fn change(write: impl FnOnce(&mut Model) -> Topics) {
    let topics = MODEL.with_borrow_mut(write);
    notify(topics);
}

/// Tell the readers of `topics`.
pub fn notify(topics: Topics) {
    TRIGGERS.with(|triggers| topics.rows().for_each(|row| triggers[row].notify()));
}

/// Write an event into the model; what has to be asked next.
pub fn apply(envelope: lladr_core::session::Envelope<lladr_core::session::Event>) -> Option<FollowUp> {
    let (topics, next) = MODEL.with_borrow_mut(|model| model.apply(envelope));
    notify(topics);
    next
}

/// Tell that something went wrong.
pub fn fail(doing: &str, message: &str) {
    change(|model| model.fail(doing, message));
}

/// One short line on what happens.
pub fn say(status: String) {
    change(|model| model.say(status));
}
