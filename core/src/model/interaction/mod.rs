//! placeholder
use serde::{Deserialize, Serialize};
/// Scoring function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Interaction {
    /// TransE with the L1 norm.
    #[serde(rename = "transe_l1")]
    TransEL1,
    /// TransE with the L2 norm.
    #[serde(rename = "transe_l2")]
    TransEL2,
    /// DistMult.
    #[serde(rename = "distmult")]
    DistMult,
}
impl Interaction {
    /// All.
    pub const ALL: [Interaction; 3] = [Interaction::TransEL1, Interaction::TransEL2, Interaction::DistMult];
    /// Name used in files, addresses and command lines.
    pub fn name(self) -> &'static str { match self { Self::TransEL1 => "transe_l1", Self::TransEL2 => "transe_l2", Self::DistMult => "distmult" } }
    /// Name for people.
    pub fn label(self) -> &'static str { match self { Self::TransEL1 => "TransE (L1)", Self::TransEL2 => "TransE (L2)", Self::DistMult => "DistMult" } }
    /// Back from [`Interaction::name`].
    pub fn from_name(name: &str) -> Option<Self> { Self::ALL.into_iter().find(|i| i.name() == name) }
}
