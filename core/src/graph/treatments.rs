//! Which drug treats which disease, under whatever treatment relation, and in which split that is stated.
//!
//! Treatments are few beside the graph (1,145 of Hetionet's 2,250,197 triples), so two sorted lists of
//! pairs, one by disease and one by drug, answer without a scan of all triples.

use super::{Roles, Split, SplitTriples};
use crate::ids::EntityId;

/// A drug and a disease that some treatment relation connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Treatment {
    /// The drug: head of the triple.
    pub drug: EntityId,
    /// The disease: its tail.
    pub disease: EntityId,
    /// Where the pair is stated: `Train` if any of its triples was trained on, else `Valid`, else `Test`.
    pub split: Split,
}

/// All treatments, each pair once.
#[derive(Debug, Clone, Default)]
pub struct Treatments {
    by_disease: Vec<Treatment>,
    by_drug: Vec<Treatment>,
}

impl Treatments {
    /// Indexes the triples of the treatment relations; nothing where there are none.
    pub(super) fn new(splits: &SplitTriples, roles: Option<&Roles>) -> Self {
        let relations = roles.map_or(&[][..], |roles| &roles.treatments);
        let mut by_disease = Vec::new();
        // In the order of Split::ALL: the sort is stable, so the first of equal pairs is the one to keep.
        for (split, triples) in Split::ALL.into_iter().zip([&splits.train, &splits.valid, &splits.test]) {
            let treatments = triples.iter().filter(|triple| relations.contains(&triple.relation()));
            by_disease.extend(treatments.map(|t| Treatment {
                drug: EntityId(t.head),
                disease: EntityId(t.tail),
                split,
            }));
        }
        by_disease.sort_by_key(|t| (t.disease, t.drug));
        by_disease.dedup_by_key(|t| (t.disease, t.drug));
        let mut by_drug = by_disease.clone();
        by_drug.sort_by_key(|t| (t.drug, t.disease));
        Treatments { by_disease, by_drug }
    }

    /// Treatments of a disease, by drug.
    pub fn of_disease(&self, disease: EntityId) -> &[Treatment] {
        run(&self.by_disease, disease, |treatment| treatment.disease)
    }

    /// Treatments with a drug, by disease.
    pub fn of_drug(&self, drug: EntityId) -> &[Treatment] {
        run(&self.by_drug, drug, |treatment| treatment.drug)
    }
}

/// The run of `sorted` whose key is `wanted`.
fn run(sorted: &[Treatment], wanted: EntityId, key: fn(&Treatment) -> EntityId) -> &[Treatment] {
    let from = sorted.partition_point(|treatment| key(treatment) < wanted);
    let count = sorted[from..].partition_point(|treatment| key(treatment) == wanted);
    &sorted[from..from + count]
}
