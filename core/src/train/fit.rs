//! A whole run: epochs, validation now and then, early stopping, and the best model at the end.
//!
//! Who calls decides what validation means (a number that is better when it is larger, such as the filtered MRR on
//! the validation split), hears of every epoch, and may keep the run's state at any time ([`Watch`]); an answer of
//! [`ControlFlow::Break`] ends the run. A run that leaves the finite numbers ends too, with the last model that was
//! read: at a validation, or at the end.
//!
//! A state is kept between two steps, never between an epoch and the validation that is due after it: a run that goes on
//! from it validates, stops and ends as one that was never interrupted.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::checkpoint::{Best, State};
use super::{Trainer, model_of};
use crate::backend::{Parameters, StepLoss};
use crate::error::{Error, Result};
use crate::model::Model;

/// Steps that are sent to the device together.
const SLICE: u32 = 16;

/// How long, and when to stop early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitOptions {
    /// Most epochs.
    pub epochs: u32,
    /// Validate after so many epochs; 0 for never.
    pub validate_every: u32,
    /// Stop after so many validations without a better one; 0 for never.
    pub patience: u32,
}

/// News of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum FitEvent {
    /// Some steps are done.
    Trained {
        /// Epochs done, with the current one's share.
        epoch: f32,
        /// Positives since the last news.
        positives: u32,
        /// Mean link loss over them.
        link: f32,
        /// Mean anchor loss over them.
        anchor: f32,
    },
    /// A validation.
    Validated {
        /// Epochs done.
        epoch: u32,
        /// What the caller's validation said.
        score: f64,
        /// Whether it is the best so far.
        is_best: bool,
    },
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All epochs are done.
    Finished,
    /// Validation did not improve any more.
    EarlyStopped,
    /// The caller asked for it.
    Cancelled,
    /// Training left the finite numbers at this step; the model is the last good one.
    Diverged {
        /// The first step whose loss is no number, or the step at which rows were found to be none.
        step: u32,
    },
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The best model by validation; the last one where there was none.
    pub model: Model,
    /// Its parameters.
    pub parameters: Parameters,
    /// Its step.
    pub step: u32,
    /// Its validation, if there was one.
    pub validation: Option<f64>,
    /// Why the run ended.
    pub end: End,
}

/// Who watches over a run.
pub trait Watch {
    /// How good the model is; larger is better.
    fn validate(&mut self, model: &Model) -> f64;

    /// Hears of news; [`ControlFlow::Break`] ends the run.
    fn tell(&mut self, event: FitEvent) -> ControlFlow<()>;

    /// Whether [`Watch::keep`] shall be called now, after so many epochs.
    fn wants(&mut self, epoch: f32) -> bool {
        let _ = epoch;
        false
    }

    /// The run's state, to go on from: when it was wanted, and at the end of the run. Its origin is left to the caller.
    fn keep(&mut self, state: State<'_>) {
        let _ = state;
    }
}

/// Two functions watch: one validates, one hears.
struct Heard<V, T>(V, T);

impl<V: FnMut(&Model) -> f64, T: FnMut(FitEvent) -> ControlFlow<()>> Watch for Heard<V, T> {
    fn validate(&mut self, model: &Model) -> f64 {
        (self.0)(model)
    }

    fn tell(&mut self, event: FitEvent) -> ControlFlow<()> {
        (self.1)(event)
    }
}

/// Trains until done. The learning rate is the run's own, by its schedule.
///
/// # Errors
/// As [`fit_watched`].
pub async fn fit(
    trainer: &mut Trainer,
    options: &FitOptions,
    validate: impl FnMut(&Model) -> f64,
    tell: impl FnMut(FitEvent) -> ControlFlow<()>,
) -> Result<Fitted> {
    fit_watched(trainer, options, None, &mut Heard(validate, tell)).await
}

/// Trains until done, from what a checkpoint knew as the best so far.
///
/// # Errors
/// [`Error::Gpu`] when the device is lost; [`Error::Diverged`] when not even the start is finite; [`Error::Settings`] for
/// more than 2³² steps.
pub async fn fit_watched(
    trainer: &mut Trainer,
    options: &FitOptions,
    best: Option<Best>,
    watch: &mut impl Watch,
) -> Result<Fitted> {
    let per_epoch = trainer.steps_per_epoch();
    if options.epochs.checked_mul(per_epoch).is_none() {
        return Err(Error::Settings("the run has too many steps; choose fewer epochs or a larger batch".into()));
    }
    // The model to give back: the start, until there is a better one.
    let (mut kept, mut best) = match best {
        Some(best) => (None, Some(best)),
        None => (Some((trainer.step(), trainer.parameters().await?)), None),
    };
    let is_enough =
        |best: &Option<Best>| options.patience > 0 && best.as_ref().is_some_and(|b| b.without_gain >= options.patience);
    let mut end = if is_enough(&best) { End::EarlyStopped } else { End::Finished };
    let mut epoch = trainer.step() / per_epoch;
    while epoch < options.epochs && end == End::Finished {
        epoch += 1;
        match one_epoch(trainer, epoch * per_epoch, best.as_ref(), watch).await {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => end = End::Cancelled,
            Err(Error::Diverged { step }) => {
                end = End::Diverged { step };
                break;
            }
            Err(error) => return Err(error),
        }
        let is_last = epoch == options.epochs || end == End::Cancelled;
        let is_whole = trainer.step() == epoch * per_epoch;
        let is_due = options.validate_every > 0 && is_whole && epoch.is_multiple_of(options.validate_every);
        let is_wanted = !is_last && watch.wants(trainer.epoch());
        if !is_due && !is_last && !is_wanted {
            continue;
        }
        let parameters = match trainer.parameters().await {
            Ok(parameters) => parameters,
            Err(Error::Diverged { step }) => {
                end = End::Diverged { step };
                break;
            }
            Err(error) => return Err(error),
        };
        let (spec, step) = (*trainer.spec(), trainer.step());
        // The last state is validated even where that is not due; who goes on with the run must not know of it.
        if !is_due && (is_last || is_wanted) {
            watch.keep(State { spec: &spec, step, parameters: &parameters, best: best.as_ref(), origin: "" });
        }
        if is_due || (is_last && options.validate_every > 0) {
            let score = watch.validate(&model_of(&spec, &parameters.rows)?);
            let is_best = best.as_ref().is_none_or(|known| score > known.validation);
            if watch.tell(FitEvent::Validated { epoch, score, is_best }).is_break() {
                end = End::Cancelled;
            }
            if is_best {
                best = Some(Best { step, validation: score, without_gain: 0, parameters: parameters.clone() });
            } else if let Some(known) = &mut best {
                known.without_gain += 1;
            }
            if end == End::Finished && is_enough(&best) {
                end = End::EarlyStopped;
            }
            if is_due && (is_last || is_wanted || end != End::Finished) {
                watch.keep(State { spec: &spec, step, parameters: &parameters, best: best.as_ref(), origin: "" });
            }
        } else if is_last {
            kept = Some((step, parameters));
        }
    }
    let (step, validation, parameters) = match (best, kept) {
        (Some(best), _) => (best.step, Some(best.validation), best.parameters),
        (None, Some((step, parameters))) => (step, None, parameters),
        (None, None) => return Err(Error::Diverged { step: trainer.step() }),
    };
    Ok(Fitted { model: model_of(trainer.spec(), &parameters.rows)?, parameters, step, validation, end })
}

async fn one_epoch(
    trainer: &mut Trainer,
    end: u32,
    best: Option<&Best>,
    watch: &mut impl Watch,
) -> Result<ControlFlow<()>> {
    let rate = trainer.spec().settings.learning_rate;
    while trainer.step() < end {
        let steps = SLICE.min(end - trainer.step());
        let (positives, StepLoss { link, anchor }) = trainer.advance(steps, rate).await?;
        let epoch = trainer.epoch();
        if watch.tell(FitEvent::Trained { epoch, positives, link, anchor }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if trainer.step() < end && watch.wants(epoch) {
            let parameters = trainer.parameters().await?;
            watch.keep(State { spec: trainer.spec(), step: trainer.step(), parameters: &parameters, best, origin: "" });
        }
    }
    Ok(ControlFlow::Continue(()))
}
