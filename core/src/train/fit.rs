//! A whole run: epochs, validation now and then, early stopping, and the best model at the end.
//!
//! Who calls decides what validation means (a number that is better when it is larger, such as the filtered MRR on
//! the validation split) and hears of every epoch; an answer of [`ControlFlow::Break`] ends the run. A run that
//! leaves the finite numbers ends too, with the last model that was read: at a validation, or at the end.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::Trainer;
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

/// Trains until done. The learning rate is the run's own, by its schedule.
///
/// # Errors
/// [`Error::Gpu`] when the device is lost; [`Error::Diverged`] when not even the start is finite; [`Error::Settings`] for
/// more than 2³² steps.
pub async fn fit(
    trainer: &mut Trainer,
    options: &FitOptions,
    mut validate: impl FnMut(&Model) -> f64,
    mut tell: impl FnMut(FitEvent) -> ControlFlow<()>,
) -> Result<Fitted> {
    let rate = trainer.spec().settings.learning_rate;
    let (model, parameters) = trainer.read().await?;
    let mut best = Fitted { model, parameters, step: trainer.step(), validation: None, end: End::Finished };
    let per_epoch = trainer.steps_per_epoch();
    if options.epochs.checked_mul(per_epoch).is_none() {
        return Err(Error::Settings("the run has too many steps; choose fewer epochs or a larger batch".into()));
    }
    let mut without_gain = 0;
    for epoch in (trainer.step() / per_epoch).saturating_add(1)..=options.epochs {
        match one_epoch(trainer, epoch * per_epoch, rate, &mut tell).await {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => best.end = End::Cancelled,
            Err(Error::Diverged { step }) => return Ok(Fitted { end: End::Diverged { step }, ..best }),
            Err(error) => return Err(error),
        }
        let is_last = epoch == options.epochs || best.end == End::Cancelled;
        let is_due = options.validate_every > 0 && (epoch % options.validate_every == 0 || is_last);
        if !is_due && !is_last {
            continue;
        }
        let (model, parameters) = match trainer.read().await {
            Ok(read) => read,
            Err(Error::Diverged { step }) => return Ok(Fitted { end: End::Diverged { step }, ..best }),
            Err(error) => return Err(error),
        };
        if !is_due {
            best = Fitted { model, parameters, step: trainer.step(), validation: None, end: best.end };
            break;
        }
        let score = validate(&model);
        let is_best = best.validation.is_none_or(|known| score > known);
        let told = tell(FitEvent::Validated { epoch, score, is_best });
        if is_best {
            best = Fitted { model, parameters, step: trainer.step(), validation: Some(score), end: best.end };
            without_gain = 0;
        } else {
            without_gain += 1;
        }
        if best.end == End::Cancelled || told.is_break() {
            best.end = End::Cancelled;
            break;
        }
        if options.patience > 0 && without_gain >= options.patience {
            best.end = End::EarlyStopped;
            break;
        }
    }
    Ok(best)
}

async fn one_epoch(
    trainer: &mut Trainer,
    end: u32,
    rate: f32,
    tell: &mut impl FnMut(FitEvent) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    while trainer.step() < end {
        let steps = SLICE.min(end - trainer.step());
        let (positives, StepLoss { link, anchor }) = trainer.advance(steps, rate).await?;
        let epoch = trainer.epoch();
        if tell(FitEvent::Trained { epoch, positives, link, anchor }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
