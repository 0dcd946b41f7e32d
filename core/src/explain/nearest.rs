//! Known examples that resemble a pair: entities near to another in the model's own space.
//!
//! The space is that of the rows as trained, all `dim` numbers, not the plane of the map. Known treatments are
//! those the model was trained on.

use serde::{Deserialize, Serialize};

use super::weight::View;
use crate::error::{Error, Result};
use crate::graph::Split;
use crate::ids::{EntityId, TypeId};
use crate::maths::{dot, fold};
use crate::model::Model;

/// How near two rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// `a·b / (‖a‖ ‖b‖)`, larger is nearer; 0 for a row of zeros.
    Cosine,
    /// `‖a − b‖₂`, smaller is nearer.
    Euclidean,
}

impl Metric {
    /// Of two rows, each `[dim]`.
    fn value(self, a: &[f32], b: &[f32]) -> f32 {
        match self {
            Metric::Cosine => {
                let norms = (dot(a, a) * dot(b, b)).sqrt();
                if norms > 0.0 { dot(a, b) / norms } else { 0.0 }
            }
            Metric::Euclidean => fold(a, b, |x, y| (x - y) * (x - y)).sqrt(),
        }
    }

    /// A number that is smaller for what is nearer.
    fn distance(self, value: f32) -> f32 {
        match self {
            Metric::Cosine => -value,
            Metric::Euclidean => value,
        }
    }
}

/// An entity near to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The entity.
    pub entity: EntityId,
    /// Cosine or distance, as the metric says.
    pub value: f32,
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

/// The `count` entities of a type that are nearest to `entity`, itself left out; equally near ones by row.
///
/// # Errors
/// [`Error::NotFound`] when the entity does not exist.
pub fn neighbours(
    view: View<'_>,
    entity: EntityId,
    among: TypeId,
    metric: Metric,
    count: usize,
) -> Result<Vec<Neighbour>> {
    expect(view, entity)?;
    let others = view.graph.vocabulary.of_type(among).iter().copied().filter(|&other| other != entity);
    Ok(nearest(view.model, entity, others, metric, count))
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

fn nearest(
    model: &Model,
    entity: EntityId,
    others: impl Iterator<Item = EntityId>,
    metric: Metric,
    count: usize,
) -> Vec<Neighbour> {
    let own = model.entity(entity);
    let mut all: Vec<_> =
        others.map(|other| Neighbour { entity: other, value: metric.value(own, model.entity(other)) }).collect();
    let order = |a: &Neighbour, b: &Neighbour| {
        let distances = metric.distance(a.value).total_cmp(&metric.distance(b.value));
        distances.then(a.entity.cmp(&b.entity))
    };
    // The nearest few of many: only those are sorted.
    if count > 0 && count < all.len() {
        all.select_nth_unstable_by(count - 1, order);
    }
    all.truncate(count);
    all.sort_unstable_by(order);
    all
}
