//! What a model is: a scoring function ([`interaction`]).

pub mod interaction;

pub use interaction::Interaction;
