//! Knowledge-graph embeddings for drug repurposing: graphs, packs, training on two backends,
//! filtered evaluation, drug ranking, projection.
//!
//! The core takes bytes and values: it does not fetch, touch files, read clocks or know a browser.
//! Start reading at [`session`], the only part that the page and the command line talk to.

pub mod error;
pub mod ids;
pub mod model;
pub mod predict;
pub mod scatter;
pub mod session;

pub use error::{Error, Result};
