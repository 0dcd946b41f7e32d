//! A live run: slices of training sized to the clock, and the last model that was read back.

use std::collections::VecDeque;

use super::device::Device;
use super::event::Progress;
use crate::backend::{Parameters, RunSpec};
use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;
use crate::model::Model;
use crate::pack::Pack;
use crate::settings::{Settings, Template};
use crate::train::{Modality, Trainer, model_of, run_data, run_spec};

/// Wall time a slice aims at: short enough to answer a command, long enough to fill a GPU.
const SLICE_SECS: f64 = 0.04;
/// The most steps in one slice.
const MOST_STEPS: u32 = 64;
/// The most numbers of a live model: all of DRKG at dimension 1024 is just below.
const MOST_NUMBERS: usize = 100 << 20;
/// Wall time over which throughput is averaged.
const WINDOW_SECS: f64 = 1.0;

/// Refuses settings that a run on this pack cannot have, before there is one.
///
/// # Errors
/// [`Error::Settings`] for settings out of limits, or a template whose vectors the pack does not bring.
pub fn check(pack: &Pack, settings: &Settings) -> Result<()> {
    settings.check()?;
    match settings.text.used() {
        Some(template) if text_of(pack, template).is_none() => {
            let name = template.name();
            Err(Error::Settings(format!(
                "this pack brings no vectors of the descriptions “{name}”; train without text"
            )))
        }
        _ => Ok(()),
    }
}

/// The pack's text vectors by a template.
pub(super) fn text_of(pack: &Pack, template: Template) -> Option<Modality<'_>> {
    let text = pack.text.as_ref()?;
    Some(Modality { rows: text.of(template)?, width: text.dims })
}

/// Whether a run's rows fit here.
pub(super) fn check_size(spec: &RunSpec) -> Result<()> {
    if spec.row_count().checked_mul(spec.dim()).is_none_or(|numbers| numbers > MOST_NUMBERS) {
        let what = format!(
            "{} rows of length {} are too large to train here; choose a smaller dimension",
            spec.row_count(),
            spec.dim()
        );
        return Err(Error::Settings(what));
    }
    Ok(())
}

/// A run and what is known of its speed.
pub struct LiveRun {
    trainer: Trainer,
    /// The last model that was read back; always finite.
    pub model: Model,
    /// The parameters that belong to it, and the step they were read at.
    parameters: Parameters,
    read_at: u32,
    /// Stop at this step, for a single epoch.
    pub until: Option<u32>,
    steps: u32,
    recent: VecDeque<(f64, f64, u32)>,
}

impl LiveRun {
    /// A run on a pack's graph, anchored in its text vectors where the settings say so.
    ///
    /// # Errors
    /// See [`LiveRun::start`]; [`Error::Settings`](crate::Error::Settings), too, where the pack lacks the template's vectors.
    pub fn of_pack(pack: &Pack, device: &Device, settings: &Settings) -> Result<Self> {
        LiveRun::start(&pack.graph, device, settings, text_of(pack, settings.text.template))
    }

    /// A run from random rows.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for settings out of limits, [`Error::Gpu`](crate::Error::Gpu) when the device refuses.
    pub fn start(
        graph: &KnowledgeGraph,
        device: &Device,
        settings: &Settings,
        text: Option<Modality<'_>>,
    ) -> Result<Self> {
        settings.check()?;
        let spec = run_spec(graph, settings);
        check_size(&spec)?;
        let data = run_data(graph, &spec, text, None)?;
        let parameters = Parameters::initial(&spec, &data);
        let model = model_of(&spec, &parameters.rows)?;
        let backend = device.backend(spec, data.clone(), parameters.clone())?;
        let trainer = Trainer::new(spec, data, backend);
        Ok(LiveRun { trainer, model, parameters, read_at: 0, until: None, steps: 1, recent: VecDeque::new() })
    }

    /// Whole epochs done.
    pub fn epoch(&self) -> u32 {
        self.trainer.step() / self.trainer.steps_per_epoch()
    }

    /// Whole epochs behind [`LiveRun::model`], which may be older than the run.
    pub fn model_epoch(&self) -> u32 {
        self.read_at / self.trainer.steps_per_epoch()
    }

    /// Stop at the end of the current epoch.
    pub fn stop_after_epoch(&mut self) {
        self.until = Some((self.epoch() + 1) * self.trainer.steps_per_epoch());
    }

    /// Whether [`LiveRun::until`] is reached.
    pub fn is_done(&self) -> bool {
        self.until.is_some_and(|until| self.trainer.step() >= until)
    }

    /// Trains one slice.
    ///
    /// # Errors
    /// See [`Trainer::advance`].
    pub async fn slice(&mut self, settings: &Settings, clock: fn() -> f64) -> Result<Progress> {
        let left = self.until.map_or(u32::MAX, |until| until.saturating_sub(self.trainer.step()));
        let steps = self.steps.min(left).max(1);
        let before = clock();
        let (positives, loss) = self.trainer.advance(steps, settings.learning_rate).await?;
        let now = clock();
        let secs = (now - before).max(1e-6);
        // Grow by at most a factor of two: one quick slice must not cause a long one.
        let fitting = (f64::from(steps) * SLICE_SECS / secs) as u32;
        self.steps = fitting.clamp(1, (2 * self.steps).min(MOST_STEPS));

        self.recent.push_back((before, now, positives));
        while self.recent.front().is_some_and(|(start, _, _)| now - start > WINDOW_SECS) && self.recent.len() > 1 {
            self.recent.pop_front();
        }
        let spent: f64 = self.recent.iter().map(|(start, end, _)| end - start).sum();
        let trained: u32 = self.recent.iter().map(|(_, _, positives)| positives).sum();
        Ok(Progress {
            epoch: self.trainer.epoch(),
            step: self.trainer.step(),
            loss: loss.link,
            anchor_loss: loss.anchor,
            triples_per_sec: (f64::from(trained) / spent.max(1e-6)) as f32,
        })
    }

    /// Reads the model back from the device.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) when it is no longer finite; the last good one stays.
    pub async fn refresh(&mut self) -> Result<()> {
        (self.model, self.parameters) = self.trainer.read().await?;
        self.read_at = self.trainer.step();
        Ok(())
    }

    /// Goes on from the last model that was read back, on another device: the one it ran on is gone.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) when the device refuses.
    pub fn move_to(&mut self, device: &Device) -> Result<()> {
        let backend = device.backend(*self.trainer.spec(), self.trainer.data().clone(), self.parameters.clone())?;
        self.trainer.go_on(backend, self.read_at);
        self.until = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{SplitTriples, Triple, Vocabulary};

    fn train(run: &mut LiveRun, steps: u32) {
        for _ in 0..steps {
            assert!(pollster::block_on(run.trainer.advance(1, 0.1)).is_ok());
        }
    }

    #[test]
    fn a_moved_run_goes_on_from_what_was_read_last() -> Result<()> {
        let mut vocabulary = Vocabulary::default();
        for at in 0..9 {
            vocabulary.entity_or_add(&format!("T::{at}"));
        }
        vocabulary.relation_or_add("r");
        let train_split = (0..40).map(|at| Triple { head: at % 9, relation: 0, tail: (at * 5 + 1) % 9 }).collect();
        let splits = SplitTriples { train: train_split, ..Default::default() };
        let graph = KnowledgeGraph::new(vocabulary, splits, None)?;
        let settings = Settings { dim: 8, batch: 16, negatives: 8, ..Settings::default() };

        let mut run = LiveRun::start(&graph, &Device::Cpu, &settings, None)?;
        train(&mut run, 3);
        pollster::block_on(run.refresh())?;
        train(&mut run, 4);
        let expected = pollster::block_on(run.trainer.read())?;

        run.move_to(&Device::Cpu)?;
        assert_eq!(run.trainer.step(), 3);
        train(&mut run, 4);
        assert_eq!(pollster::block_on(run.trainer.read())?, expected);
        Ok(())
    }
}
