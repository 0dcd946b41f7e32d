//! placeholder
use serde::{Deserialize, Serialize};
/// What the graph says about a drug and a disease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkStatus {
    /// A treatment the model was trained on.
    Known,
    /// A true treatment kept from training, to test the model.
    HeldOut,
    /// Not in the graph: a prediction.
    Predicted,
}
