//! A run as bytes, to go on from exactly: settings, step, rows and optimiser state, as safetensors.
//!
//! Tensors `rows`, `state` and `free`, each one list of `f32`; the settings and the step stand as JSON in the file's
//! metadata. A run that validates has its best model there, too, as `best.rows`, `best.state` and `best.free` where that
//! is of another step. Bytes are hostile until checked against the run that wants to go on from them.

use std::collections::HashMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use crate::backend::{Parameters, RunSpec};
use crate::error::{Error, Result};
use crate::plan::PlanShape;
use crate::settings::Settings;

const FILE: &str = "checkpoint";
/// Key of the metadata.
const RUN: &str = "run";
const TENSORS: [&str; 3] = ["rows", "state", "free"];
const BEST_TENSORS: [&str; 3] = ["best.rows", "best.state", "best.free"];

/// All that a run goes on from.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Settings and sizes of the run.
    pub spec: RunSpec,
    /// Steps done.
    pub step: u32,
    /// Rows and optimiser state.
    pub parameters: Parameters,
    /// The best model so far, of a run that validates.
    pub best: Option<Best>,
    /// Where its first rows came from, in a sentence; empty for random ones.
    pub origin: String,
}

/// The best model of a run so far, by validation.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// Its step.
    pub step: u32,
    /// What the validation said of it.
    pub validation: f64,
    /// Validations since then.
    pub without_gain: u32,
    /// Rows and optimiser state.
    pub parameters: Parameters,
}

/// A run's state while it goes on: a [`Checkpoint`] that is borrowed.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// Settings and sizes of the run.
    pub spec: &'a RunSpec,
    /// Steps done.
    pub step: u32,
    /// Rows and optimiser state.
    pub parameters: &'a Parameters,
    /// The best model so far, of a run that validates.
    pub best: Option<&'a Best>,
    /// Where its first rows came from, in a sentence; empty for random ones.
    pub origin: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Run {
    settings: Settings,
    entities: u32,
    relations: u32,
    triples: u32,
    step: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    best: Option<BestRun>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    origin: String,
}

#[derive(Serialize, Deserialize)]
struct BestRun {
    step: u32,
    /// The bits of the number: JSON would round it.
    validation_bits: u64,
    without_gain: u32,
}

impl State<'_> {
    /// As bytes.
    ///
    /// # Errors
    /// [`Error::Pack`] when safetensors refuses, which well-formed parameters never cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let PlanShape { entities, relations, triples, .. } = self.spec.shape;
        let best = self.best.map(|best| BestRun {
            step: best.step,
            validation_bits: best.validation.to_bits(),
            without_gain: best.without_gain,
        });
        let (settings, step, origin) = (self.spec.settings, self.step, self.origin.to_owned());
        let run = Run { settings, entities, relations, triples, step, best, origin };
        let run = serde_json::to_string(&run).map_err(failed)?;
        let mut named = tensors(TENSORS, self.parameters).to_vec();
        if let Some(best) = self.best.filter(|best| best.step != self.step) {
            named.extend(tensors(BEST_TENSORS, &best.parameters));
        }
        let views = named.into_iter().map(|(name, numbers)| {
            let view = TensorView::new(Dtype::F32, vec![numbers.len()], bytemuck::cast_slice(numbers));
            view.map(|view| (name, view)).map_err(failed)
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        safetensors::serialize(views, Some(HashMap::from([(RUN.to_owned(), run)]))).map_err(failed)
    }
}

fn tensors<'a>(names: [&'static str; 3], parameters: &'a Parameters) -> [(&'static str, &'a [f32]); 3] {
    let Parameters { rows, state, free } = parameters;
    [(names[0], rows), (names[1], state), (names[2], free)]
}

impl Checkpoint {
    /// As bytes.
    ///
    /// # Errors
    /// [`Error::Pack`] when safetensors refuses, which well-formed parameters never cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let Checkpoint { spec, step, parameters, best, origin } = self;
        State { spec, step: *step, parameters, best: best.as_ref(), origin }.to_bytes()
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Error::Pack`] for bytes that are no checkpoint, of sizes that do not fit, or with numbers that are not finite.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(failed)?;
        let run = header.metadata().as_ref().and_then(|metadata| metadata.get(RUN));
        let run = run.ok_or_else(|| Error::pack(FILE, "it does not say which run it belongs to"))?;
        let Run { settings, entities, relations, triples, step, best, origin } =
            serde_json::from_str(run).map_err(failed)?;
        settings.check()?;
        let shape = PlanShape {
            entities,
            relations,
            triples,
            batch: settings.batch,
            negatives: settings.negatives,
            seed: settings.seed,
        };
        let spec = RunSpec { settings, shape };
        let tensors = SafeTensors::deserialize(bytes).map_err(failed)?;
        let numbers = |name: &str| -> Result<Vec<f32>> {
            let tensor = tensors.tensor(name).map_err(failed)?;
            if tensor.dtype() != Dtype::F32 {
                return Err(Error::pack(FILE, format!("tensor {name:?} does not hold f32")));
            }
            let numbers: Vec<f32> =
                tensor.data().as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect();
            match numbers.iter().all(|x| x.is_finite()) {
                true => Ok(numbers),
                false => Err(Error::pack(FILE, format!("tensor {name:?} holds a number that is not finite"))),
            }
        };
        let rows = (u64::from(entities) + u64::from(relations) + spec.map_rows() as u64) * u64::from(settings.dim);
        let free = if spec.map_rows() > 0 { u64::from(entities) * u64::from(settings.dim) } else { 0 };
        let parameters = |[rows_name, state_name, free_name]: [&str; 3]| -> Result<Parameters> {
            let found =
                Parameters { rows: numbers(rows_name)?, state: numbers(state_name)?, free: numbers(free_name)? };
            let fits = found.rows.len() as u64 == rows && found.free.len() as u64 == free;
            match fits && triples > 0 && found.state.len() == spec.state_len() {
                true => Ok(found),
                false => Err(Error::pack(FILE, "its tensors do not fit its settings")),
            }
        };
        let own = parameters(TENSORS)?;
        let best = match best {
            None => None,
            Some(BestRun { step: best_step, validation_bits, without_gain }) => {
                let validation = f64::from_bits(validation_bits);
                if best_step > step || validation.is_nan() {
                    return Err(Error::pack(FILE, "what it says of its best model cannot be"));
                }
                let parameters = if best_step == step { own.clone() } else { parameters(BEST_TENSORS)? };
                Some(Best { step: best_step, validation, without_gain, parameters })
            }
        };
        Ok(Checkpoint { spec, step, parameters: own, best, origin })
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::pack(FILE, error.to_string())
}
