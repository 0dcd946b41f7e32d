//! The page and the engine's worker.
//!
//! Two programs share this crate: `page` mounts [`pages`] and `engine` runs [`worker`]; they speak
//! `Command` and `Event` through [`wire`]. On the page there is one spawner ([`engine`]) and one writer
//! ([`state`]): components send intents ([`app`]) or read signals; they never await and never see the engine.

mod app;
mod components;
mod engine;
mod format;
mod hooks;
mod links;
pub mod pages;
mod panels;
mod services;
mod state;
mod ui;
mod url;
mod wire;
pub mod worker;
