//! The parts of the page. Each reads the model and sends intents; none waits for anything.

pub mod about;
pub mod cases;
pub mod detail;
pub mod disclaimer;
pub mod experiments;
pub mod header;
pub mod help;
pub mod legend;
pub mod map;
pub mod problem;
pub mod ranking;
pub mod search;
pub mod settings;
pub mod sparkline;
pub mod tabs;
pub mod transport;
pub mod why;
