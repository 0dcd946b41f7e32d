//! Why might this drug help in this disease, and what speaks against it?
//!
//! * [`paths()`]: how the training triples connect the two, each edge weighed by the model.
//! * [`nearest_known`]: known treatments that resemble this pair in the model's own space.
//! * [`case_against`]: harms, competitors, degree, and how reliable the model is on this disease.
//!
//! None of these is the reason of a score: an embedding has none that could be read off. They are what
//! a person would want to see beside it. Everything here is a plain value; texts are the caller's.

mod against;
mod fronts;
mod meet;
mod nearest;
mod paths;
mod search;
mod weight;

pub use against::{
    CaseAgainst, CautionNote, Competition, DegreeCheck, Harm, Harms, Reliability, case_against, harm_relations,
};
pub use nearest::{NearestKnown, Neighbour, nearest_known};
pub use paths::{Cap, LONGEST, MetaPath, MetaStep, Path, PathEdge, PathOptions, Paths};
pub use search::paths;
pub use weight::{EdgeWeights, SAMPLE, View, hub_discount};

#[cfg(test)]
mod tests;
