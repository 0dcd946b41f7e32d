//! The part of the developer commands that the browser tests use too: the static server.

pub mod server;
