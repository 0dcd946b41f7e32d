//! Which drugs does a model rank first for a disease?
//!
//! Every drug is scored as the head of every treatment relation with the disease as tail; a drug's
//! score is its best over these relations, as in DRKG's own drug-repurposing notebook. Nothing is
//! filtered: known treatments stay in the list and are marked.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Side, Split, Triple};
use crate::ids::EntityId;
use crate::model::Model;

/// What the graph says about a drug and a disease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LinkStatus {
    /// A treatment the model was trained on.
    Known,
    /// A true treatment kept from training, to test the model.
    HeldOut,
    /// Not in the graph: a prediction.
    Predicted,
}

/// A drug's place in the ranking of a disease.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedDrug {
    /// The drug.
    pub drug: EntityId,
    /// Realistic rank from 1; ties share their mean.
    pub rank: f32,
    /// Best score over the treatment relations.
    pub score: f32,
    /// What the graph says.
    pub status: LinkStatus,
}

/// All drugs for a disease, best first; equal scores by row.
///
/// # Errors
/// [`Error::NotFound`] when the graph has no drugs and diseases, or `disease` is none.
pub fn rank_drugs(graph: &KnowledgeGraph, model: &Model, disease: EntityId) -> Result<Vec<RankedDrug>> {
    let roles = graph
        .roles
        .as_ref()
        .ok_or_else(|| Error::NotFound("this pack does not say which entities are drugs and diseases".into()))?;
    match graph.vocabulary.entity(disease) {
        Some(entity) if entity.kind == roles.disease => {}
        Some(entity) => return Err(Error::NotFound(format!("{} is not a disease", entity.label))),
        None => return Err(Error::NotFound("this disease is not in the pack".into())),
    }
    let drugs = graph.vocabulary.of_type(roles.drug);
    let similarity = model.interaction.similarity();
    let mut best = vec![f32::MIN; drugs.len()];
    let mut query = vec![0.0; model.dim()];
    for &relation in &roles.treatments {
        model.query(Side::Head, disease, relation, &mut query);
        for (best, &drug) in best.iter_mut().zip(&drugs) {
            *best = best.max(similarity.score(model.gamma, &query, model.entity(drug)));
        }
    }

    let status = |drug: EntityId| {
        let stated = |split: Split| {
            let is = |t: &&Triple| t.tail == disease.0 && t.head == drug.0 && roles.treatments.contains(&t.relation());
            graph.triples(split).iter().find(is).is_some()
        };
        let known = |relation: &crate::ids::RelationId| graph.known.contains(&Triple::new(drug, *relation, disease));
        if !roles.treatments.iter().any(known) {
            LinkStatus::Predicted
        } else if stated(Split::Train) {
            // Whatever else holds it out: the model was trained on this pair.
            LinkStatus::Known
        } else {
            LinkStatus::HeldOut
        }
    };
    let mut ranked: Vec<RankedDrug> = drugs
        .iter()
        .zip(best)
        .map(|(&drug, score)| RankedDrug { drug, rank: 0.0, score, status: status(drug) })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.drug.cmp(&b.drug)));
    let mut start = 0;
    for tied in ranked.chunk_by_mut(|a, b| a.score == b.score) {
        let rank = start as f32 + 0.5 * (tied.len() + 1) as f32;
        tied.iter_mut().for_each(|drug| drug.rank = rank);
        start += tied.len();
    }
    Ok(ranked)
}
