//! Knowledge-graph embeddings for drug repurposing: graphs, packs, training on two backends,
//! filtered evaluation, drug ranking, projection.
//!
//! The core takes bytes and values: it does not fetch, touch files, read clocks or know a browser.
//! Start reading at [`session`], the only part that the page and the command line talk to.

pub mod anchor;
pub mod backend;
pub mod calibrate;
pub mod error;
pub mod evaluate;
pub mod experiment;
pub mod explain;
pub mod graph;
pub mod ids;
pub mod loss;
pub mod maths;
pub mod model;
pub mod optimizer;
pub mod pack;
pub mod plan;
pub mod predict;
pub mod project;
pub mod rng;
pub mod sampling;
pub mod scatter;
pub mod session;
pub mod settings;
pub mod train;

pub use error::{Error, Result};
