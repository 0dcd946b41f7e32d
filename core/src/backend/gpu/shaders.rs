//! WGSL, composed: the shared declarations and sums, what the settings choose (similarity, interaction, loss, anchor,
//! optimiser), the stage.

use crate::anchor::Distance;
use crate::loss::Loss;
use crate::model::{Interaction, Similarity};
use crate::optimizer::Optimizer;
use crate::settings::Settings;

/// The stages in the order of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Rows of entities, under concatenated text.
    Represent,
    /// Queries, positives and anchors.
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
    /// The learned map, under concatenated text.
    Map,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 8] = [
        Stage::Represent,
        Stage::Prep,
        Stage::Score,
        Stage::GradQuery,
        Stage::GradNegative,
        Stage::Sum,
        Stage::Update,
        Stage::Map,
    ];

    /// Name of the shader file and of the CPU module.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Represent => "represent",
            Stage::Prep => "prep",
            Stage::Score => "score",
            Stage::GradQuery => "grad_query",
            Stage::GradNegative => "grad_negative",
            Stage::Sum => "sum",
            Stage::Update => "update",
            Stage::Map => "map",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Stage::Represent => include_str!("../../../shader/represent.wgsl"),
            Stage::Prep => include_str!("../../../shader/prep.wgsl"),
            Stage::Score => include_str!("../../../shader/score.wgsl"),
            Stage::GradQuery => include_str!("../../../shader/grad_query.wgsl"),
            Stage::GradNegative => include_str!("../../../shader/grad_negative.wgsl"),
            Stage::Sum => include_str!("../../../shader/sum.wgsl"),
            Stage::Update => include_str!("../../../shader/update.wgsl"),
            Stage::Map => include_str!("../../../shader/map.wgsl"),
        }
    }
}

fn interaction_source(interaction: Interaction) -> &'static str {
    match interaction {
        Interaction::TransEL1 | Interaction::TransEL2 => include_str!("../../../shader/interaction/transe.wgsl"),
        Interaction::DistMult => include_str!("../../../shader/interaction/distmult.wgsl"),
        Interaction::ComplEx => include_str!("../../../shader/interaction/complex.wgsl"),
        Interaction::RotatE => include_str!("../../../shader/interaction/rotate.wgsl"),
    }
}

fn similarity_source(similarity: Similarity) -> &'static str {
    match similarity {
        Similarity::Dot => include_str!("../../../shader/similarity/dot.wgsl"),
        Similarity::L2 => include_str!("../../../shader/similarity/l2.wgsl"),
        Similarity::L1 => include_str!("../../../shader/similarity/l1.wgsl"),
        Similarity::Modulus => include_str!("../../../shader/similarity/modulus.wgsl"),
    }
}

fn loss_source(loss: Loss) -> &'static str {
    match loss {
        Loss::LogSigmoid => include_str!("../../../shader/loss/log_sigmoid.wgsl"),
        Loss::MarginRanking => include_str!("../../../shader/loss/margin_ranking.wgsl"),
        Loss::CrossEntropy => include_str!("../../../shader/loss/cross_entropy.wgsl"),
    }
}

fn anchor_source(distance: Distance) -> &'static str {
    match distance {
        Distance::Cosine => include_str!("../../../shader/anchor/cosine.wgsl"),
        Distance::Euclidean => include_str!("../../../shader/anchor/euclidean.wgsl"),
        Distance::Manhattan => include_str!("../../../shader/anchor/manhattan.wgsl"),
        Distance::Kl => include_str!("../../../shader/anchor/kl.wgsl"),
    }
}

fn optimizer_source(optimizer: Optimizer) -> &'static str {
    match optimizer {
        Optimizer::RowAdagrad => include_str!("../../../shader/optimizer/row_adagrad.wgsl"),
        Optimizer::Adagrad => include_str!("../../../shader/optimizer/adagrad.wgsl"),
        Optimizer::Adam => include_str!("../../../shader/optimizer/adam.wgsl"),
        Optimizer::Sgd => include_str!("../../../shader/optimizer/sgd.wgsl"),
    }
}

/// The whole module of a stage for a run's settings: only the parts that the stage calls.
pub fn compose(stage: Stage, settings: &Settings) -> String {
    let similarity = similarity_source(settings.interaction.similarity());
    let interaction = interaction_source(settings.interaction);
    let optimizer = optimizer_source(settings.recipe.optimizer);
    let anchor = anchor_source(settings.text.distance);
    let reduce = include_str!("../../../shader/shared/reduce.wgsl");
    let parts: &[&str] = match stage {
        Stage::Prep => &[reduce, similarity, interaction, anchor],
        Stage::GradQuery => &[similarity, interaction, anchor],
        Stage::Score => &[similarity, loss_source(settings.recipe.loss)],
        Stage::GradNegative => &[similarity],
        Stage::Update | Stage::Map => &[reduce, optimizer],
        Stage::Represent | Stage::Sum => &[],
    };
    [include_str!("../../../shader/shared/job.wgsl"), &parts.concat(), stage.source()].concat()
}
