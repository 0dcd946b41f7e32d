//! The starter pack's source tables: one line per drug, disease, gene or term, with lists of names.
//!
//! `tables` reads them, `graph` turns names into triples and checks what can be checked.

mod graph;
mod tables;

pub use graph::{StarterGraph, compile};
pub use tables::Tables;
