//! The whole behaviour, driven by [`Command`]s and told by [`Event`]s, with or without a browser.

mod command;
mod envelope;
mod event;

pub use command::{BackendChoice, Command};
pub use envelope::Envelope;
pub use event::{
    BackendKind, BackendReport, EntityCard, EntityMatch, EntityRef, Event, Fact, ModelSource, PackSummary,
    Progress, Ranking, RankingRow, RunState, TypeSummary,
};
pub use crate::pack::MetricLine;
pub use crate::settings::Settings;

/// Commands in, events out.
pub struct Session {
    #[allow(dead_code)]
    clock: fn() -> f64,
}

impl Session {
    /// A session without pack or backend. `clock` tells seconds since any fixed moment.
    pub fn new(clock: fn() -> f64) -> Self {
        Session { clock }
    }
    /// Carry out one command.
    pub async fn handle(&mut self, _command: Envelope<Command>) -> Vec<Envelope<Event>> {
        vec![Event::Failed { doing: "starting".into(), message: "not built yet".into() }.into()]
    }
    /// Whether [`Session::advance`] has work to do.
    pub fn is_running(&self) -> bool {
        false
    }
    /// Train one slice (at most about 60 ms) and tell about it.
    pub async fn advance(&mut self) -> Vec<Envelope<Event>> {
        Vec::new()
    }
}
