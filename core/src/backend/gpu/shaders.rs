//! WGSL, composed: the shared declarations, the similarity, the interaction, the stage.

use crate::model::{Interaction, Similarity};

/// The stages in the order of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Queries and positives.
    Prep,
    /// Scores, loss, coefficients.
    Score,
    /// Gradients of queries.
    GradQuery,
    /// Gradients of negatives.
    GradNegative,
    /// Pieces of long segments.
    Sum,
    /// Row sums and optimiser.
    Update,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 6] =
        [Stage::Prep, Stage::Score, Stage::GradQuery, Stage::GradNegative, Stage::Sum, Stage::Update];

    /// Name of the shader file and of the CPU module.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Prep => "prep",
            Stage::Score => "score",
            Stage::GradQuery => "grad_query",
            Stage::GradNegative => "grad_negative",
            Stage::Sum => "sum",
            Stage::Update => "update",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Stage::Prep => include_str!("../../../shader/prep.wgsl"),
            Stage::Score => include_str!("../../../shader/score.wgsl"),
            Stage::GradQuery => include_str!("../../../shader/grad_query.wgsl"),
            Stage::GradNegative => include_str!("../../../shader/grad_negative.wgsl"),
            Stage::Sum => include_str!("../../../shader/sum.wgsl"),
            Stage::Update => include_str!("../../../shader/update.wgsl"),
        }
    }
}

fn interaction_source(interaction: Interaction) -> &'static str {
    match interaction {
        Interaction::TransEL1 | Interaction::TransEL2 => include_str!("../../../shader/interaction/transe.wgsl"),
        Interaction::DistMult => include_str!("../../../shader/interaction/distmult.wgsl"),
    }
}

fn similarity_source(similarity: Similarity) -> &'static str {
    match similarity {
        Similarity::Dot => include_str!("../../../shader/similarity/dot.wgsl"),
        Similarity::L2 => include_str!("../../../shader/similarity/l2.wgsl"),
        Similarity::L1 => include_str!("../../../shader/similarity/l1.wgsl"),
    }
}

/// The whole module of a stage for an interaction.
pub fn compose(stage: Stage, interaction: Interaction) -> String {
    let shared = include_str!("../../../shader/shared/job.wgsl");
    [shared, similarity_source(interaction.similarity()), interaction_source(interaction), stage.source()].concat()
}
