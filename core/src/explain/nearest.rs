//! Known examples that resemble a pair: entities near to another in the model's own space.
//!
//! The space is that of the rows as trained, all `dim` numbers, not the plane of the map. Known treatments are
//! those the model was trained on.

use serde::{Deserialize, Serialize};

use super::weight::View;
use crate::error::{Error, Result};
use crate::graph::Split;
use crate::ids::EntityId;
use crate::model::{Metric, Model};

/// An entity near to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The entity.
    pub entity: EntityId,
    /// Its distance under the metric that was asked for; smaller is nearer.
    pub distance: f32,
}

/// Known treatments near to a drug and a disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearestKnown {
    /// Drugs known to treat the disease, nearest to the drug first.
    pub drugs: Vec<Neighbour>,
    /// How many are known.
    pub drugs_known: u32,
    /// Diseases that the drug is known to treat, nearest to the disease first.
    pub diseases: Vec<Neighbour>,
    /// How many are known.
    pub diseases_known: u32,
}

/// Known treatments of the disease that resemble the drug, and the other way round, `count` of each.
///
/// # Errors
/// [`Error::NotFound`] when an end does not exist.
pub fn nearest_known(
    view: View<'_>,
    drug: EntityId,
    disease: EntityId,
    metric: Metric,
    count: usize,
) -> Result<NearestKnown> {
    expect(view, drug)?;
    expect(view, disease)?;
    let treatments = &view.graph.treatments;
    let of_disease = treatments.of_disease(disease).iter().filter(|t| t.split == Split::Train && t.drug != drug);
    let of_drug = treatments.of_drug(drug).iter().filter(|t| t.split == Split::Train && t.disease != disease);
    Ok(NearestKnown {
        drugs: nearest(view.model, drug, of_disease.clone().map(|t| t.drug), metric, count),
        drugs_known: of_disease.count() as u32,
        diseases: nearest(view.model, disease, of_drug.clone().map(|t| t.disease), metric, count),
        diseases_known: of_drug.count() as u32,
    })
}

fn expect(view: View<'_>, entity: EntityId) -> Result<()> {
    match view.graph.vocabulary.entity(entity) {
        Some(_) => Ok(()),
        None => Err(Error::NotFound(format!("entity {} is not in this pack", entity.0))),
    }
}

/// The `count` of `others` that are nearest to `entity`; equally near ones by row.
fn nearest(
    model: &Model,
    entity: EntityId,
    others: impl Iterator<Item = EntityId>,
    metric: Metric,
    count: usize,
) -> Vec<Neighbour> {
    let own = model.entity(entity);
    let mut all: Vec<_> =
        others.map(|other| Neighbour { entity: other, distance: metric.distance(own, model.entity(other)) }).collect();
    let order = |a: &Neighbour, b: &Neighbour| a.distance.total_cmp(&b.distance).then(a.entity.cmp(&b.entity));
    // The nearest few of many: only those are sorted.
    if count > 0 && count < all.len() {
        all.select_nth_unstable_by(count - 1, order);
    }
    all.truncate(count);
    all.sort_unstable_by(order);
    all
}
