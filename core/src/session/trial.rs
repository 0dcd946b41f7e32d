//! An experiment of the session: slices sized to the clock, between which commands are answered.

use super::device::Device;
use super::event::Event;
use super::run::{check_size, text_of};
use crate::error::Result;
use crate::experiment::{Experiment, ExperimentRun};
use crate::pack::Pack;
use crate::train::run_spec;

/// Wall time a slice aims at.
const SLICE_SECS: f64 = 0.04;
/// The most steps in one slice.
const MOST_STEPS: u32 = 64;

/// An experiment under way.
pub struct Trial {
    run: ExperimentRun,
    /// Its number in the session, from 1.
    pub number: u32,
    steps: u32,
}

impl Trial {
    /// Prepares an experiment on a pack.
    ///
    /// # Errors
    /// See [`ExperimentRun::new`]; [`Error::Settings`](crate::Error::Settings) for rows too large to train here, too.
    pub fn new(experiment: Experiment, pack: &Pack, number: u32) -> Result<Self> {
        check_size(&run_spec(&pack.graph, &experiment.settings))?;
        let run = ExperimentRun::new(experiment, &pack.graph, &|template| text_of(pack, template))?;
        Ok(Trial { run, number, steps: 1 })
    }

    /// Whether all runs are done.
    pub fn is_done(&self) -> bool {
        self.run.is_done()
    }

    /// Does one slice.
    ///
    /// # Errors
    /// See [`ExperimentRun::advance`].
    pub async fn slice(&mut self, pack: &Pack, device: &Device, clock: fn() -> f64) -> Result<Vec<Event>> {
        let before = clock();
        let text = |template| text_of(pack, template);
        let make = |spec, data, parameters| device.backend(spec, data, parameters);
        let events = self.run.advance(&pack.graph, &text, &make, self.steps).await?;
        let secs = (clock() - before).max(1e-6);
        let fitting = (f64::from(self.steps) * SLICE_SECS / secs) as u32;
        self.steps = fitting.clamp(1, (2 * self.steps).min(MOST_STEPS));
        Ok(events.into_iter().map(|news| Event::Experiment { number: self.number, news }).collect())
    }
}
