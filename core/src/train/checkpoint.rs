//! A run as bytes, to go on from exactly: settings, step, rows and optimiser state, as safetensors.
//!
//! Tensors `rows`, `state` and `free`, each one list of `f32`; the settings and the step stand as JSON in the file's
//! metadata. Bytes are hostile until checked against the run that wants to go on from them.

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

/// All that a run goes on from.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Settings and sizes of the run.
    pub spec: RunSpec,
    /// Steps done.
    pub step: u32,
    /// Rows and optimiser state.
    pub parameters: Parameters,
}

#[derive(Serialize, Deserialize)]
struct Run {
    settings: Settings,
    entities: u32,
    relations: u32,
    triples: u32,
    step: u32,
}

impl Checkpoint {
    /// As bytes.
    ///
    /// # Errors
    /// [`Error::Pack`] when safetensors refuses, which well-formed parameters never cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let PlanShape { entities, relations, triples, .. } = self.spec.shape;
        let run = Run { settings: self.spec.settings, entities, relations, triples, step: self.step };
        let run = serde_json::to_string(&run).map_err(failed)?;
        let Parameters { rows, state, free } = &self.parameters;
        let tensors = [rows, state, free].map(|numbers| {
            TensorView::new(Dtype::F32, vec![numbers.len()], bytemuck::cast_slice(numbers)).map_err(failed)
        });
        let views = TENSORS.into_iter().zip(tensors).map(|(name, view)| view.map(|view| (name, view)));
        let views = views.collect::<Result<Vec<_>>>()?;
        safetensors::serialize(views, Some(HashMap::from([(RUN.to_owned(), run)]))).map_err(failed)
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Error::Pack`] for bytes that are no checkpoint, of sizes that do not fit, or with numbers that are not finite.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(failed)?;
        let run = header.metadata().as_ref().and_then(|metadata| metadata.get(RUN));
        let run = run.ok_or_else(|| Error::pack(FILE, "it does not say which run it belongs to"))?;
        let Run { settings, entities, relations, triples, step } = serde_json::from_str(run).map_err(failed)?;
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
        let parameters = Parameters { rows: numbers("rows")?, state: numbers("state")?, free: numbers("free")? };
        let rows = (u64::from(entities) + u64::from(relations) + spec.map_rows() as u64) * u64::from(settings.dim);
        let free = if spec.map_rows() > 0 { u64::from(entities) * u64::from(settings.dim) } else { 0 };
        let fits = parameters.rows.len() as u64 == rows && parameters.free.len() as u64 == free;
        if !fits || triples == 0 || parameters.state.len() != spec.state_len() {
            return Err(Error::pack(FILE, "its tensors do not fit its settings"));
        }
        Ok(Checkpoint { spec, step, parameters })
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::pack(FILE, error.to_string())
}
