//! In which order entities stand, and which diseases come first.

use std::cmp::Reverse;

use anyhow::Result;
use lladr_core::ids::EntityId;
use lladr_core::pack::Pack;

/// Drugs, then diseases, then the other types in their order; within a type as before.
pub fn drugs_and_diseases_first(pack: Pack) -> Result<Pack> {
    let Some(roles) = &pack.graph.roles else { return Ok(pack) };
    let entities = pack.graph.vocabulary.entities();
    let mut order: Vec<EntityId> = (0..entities.len() as u32).map(EntityId).collect();
    order.sort_by_key(|row| {
        let kind = entities[row.index()].kind;
        (kind != roles.drug, kind != roles.disease, kind.0)
    });
    if order.is_sorted() { Ok(pack) } else { Ok(pack.select(&order)?) }
}

/// The default disease, and then those with the most treatments; at most `count`.
pub fn first_diseases(pack: &Pack, count: usize) -> Vec<EntityId> {
    let Some(roles) = &pack.graph.roles else { return Vec::new() };
    let treatments = |disease: &EntityId| pack.graph.treatments.of_disease(*disease).len();
    let mut diseases: Vec<EntityId> = pack.graph.vocabulary.of_type(roles.disease).to_vec();
    diseases.retain(|disease| treatments(disease) > 0 || Some(*disease) == pack.default_disease);
    diseases.sort_by_key(|disease| (Some(*disease) != pack.default_disease, Reverse(treatments(disease)), *disease));
    diseases.truncate(count);
    diseases
}
