//! The drugs of a disease under a model, with all that the page shows beside them.

use super::event::{EntityRef, ModelSource, Ranking, RankingRow};
use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::model::Model;
use crate::pack::Pack;
use crate::predict::{LinkStatus, RankedDrug, rank_drugs};

/// Which model a ranking comes from.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The model on the screen.
    pub model: &'a Model,
    /// Where it comes from.
    pub source: ModelSource,
    /// Epoch of the live run, else 0.
    pub epoch: u32,
}

/// The drugs of a disease under the pack's own model: what a session answers when the pack has just been opened.
///
/// # Errors
/// [`Error::NotFound`] when the pack brings no model, or drugs cannot be ranked for the disease.
pub fn pack_ranking(pack: &Pack, disease: EntityId, limit: usize) -> Result<Ranking> {
    let model = pack.model.as_ref().ok_or_else(|| Error::NotFound("this pack brings no model".into()))?;
    rank(pack, Shown { model, source: ModelSource::Pack, epoch: 0 }, disease, limit)
}

/// The drugs of a disease under the model on the screen.
///
/// # Errors
/// [`Error::NotFound`] when drugs cannot be ranked for it.
pub(super) fn rank(pack: &Pack, shown: Shown<'_>, disease: EntityId, limit: usize) -> Result<Ranking> {
    let graph = &pack.graph;
    let ranked = rank_drugs(graph, shown.model, disease)?;
    let candidates = ranked.len();
    let count =
        |status: LinkStatus, rows: &[RankedDrug]| rows.iter().filter(|drug| drug.status == status).count() as u32;
    let notes = &pack.notes;
    let against = |drug: EntityId| {
        notes.cautions(drug).iter().find(|caution| caution.about == disease).map(|caution| caution.kind)
    };
    let relations = graph.roles.as_ref().map_or(0, |roles| roles.treatments.len());
    let rows = ranked.iter().take(limit).map(|drug| RankingRow {
        drug: EntityRef::of(&graph.vocabulary, drug.drug),
        rank: drug.rank,
        score: drug.score,
        percentile: drug.percentile,
        status: drug.status,
        grade: notes.grade(drug.drug, disease),
        caution: against(drug.drug),
        degree: graph.degree(drug.drug),
    });
    Ok(Ranking {
        disease: EntityRef::of(&graph.vocabulary, disease),
        rows: rows.collect(),
        candidates: candidates as u32,
        known: count(LinkStatus::Known, &ranked),
        known_in_top_10: count(LinkStatus::Known, &ranked[..ranked.len().min(10)]),
        held_out: count(LinkStatus::HeldOut, &ranked),
        held_out_best: ranked.iter().find(|drug| drug.status == LinkStatus::HeldOut).map(|drug| drug.rank),
        interaction: shown.model.interaction,
        source: shown.source,
        epoch: shown.epoch,
        protocol: format!(
            "All {candidates} drugs of the pack, each by its best score over {relations} treatment relations; \
                 known treatments stay in the list; equal scores share their mean rank."
        ),
    })
}
