//! A pack with some of its entities and relations, or with all of them in another order.
//!
//! The rows of the model, the map and the text vectors follow, and so do notes whose entities stay. What was measured
//! on the whole pack is no longer true of a part: metrics, the map's quality and the leaks of descriptions are kept
//! only where every entity, relation and triple stays.

use super::{Notes, Pack, TextVectors};
use crate::error::Result;
use crate::graph::{KnowledgeGraph, Renumbering, Selection, Split};
use crate::ids::EntityId;
use crate::model::Model;

impl Pack {
    /// These entities, in this order, with every relation and all triples among them. All entities: a reordered pack.
    ///
    /// # Errors
    /// As [`Pack::cut`].
    pub fn select(&self, entities: &[EntityId]) -> Result<Pack> {
        self.cut(&Selection::of_entities(&self.graph, entities))
    }

    /// What a selection leaves. The pack has no hash until it is written.
    ///
    /// The default disease stays if it is selected; otherwise it is the disease with most training triples.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for a selection that does not fit the graph,
    /// [`Error::Pack`](crate::Error::Pack) where no training triple stays.
    pub fn cut(&self, selection: &Selection) -> Result<Pack> {
        let new_rows = Renumbering::new(&self.graph, selection)?;
        let mut graph = self.graph.renumbered(selection, &new_rows)?;
        let rows = |table: &[f32], width: usize| picked(table, width, &selection.entities);
        let model = self.model.as_ref().map(|model| cut_model(model, selection)).transpose()?;
        let layout = self.layout.as_ref().map(|positions| rows(positions, 2));
        let text = self.text.as_ref().map(|text| TextVectors {
            dims: text.dims,
            templates: text.templates.iter().map(|(name, table)| (name.clone(), rows(table, text.dims))).collect(),
        });
        let mut manifest = self.manifest.clone();
        if !is_whole(&self.graph, &graph) {
            if let Some(card) = &mut manifest.model {
                card.metrics.clear();
                let origin = format!(
                    "Its rows are cut from a model of {} entities and {} relations.",
                    self.graph.entity_count(),
                    self.graph.relation_count()
                );
                card.origin = [card.origin.trim(), &origin].join(" ").trim().to_owned();
            }
            if let Some(card) = &mut manifest.layout {
                (card.quality, card.quality_of_pca) = (None, None);
                card.metrics.clear();
            }
            if let Some(card) = &mut manifest.texts {
                card.leaks.clear();
                card.coverage.clear();
            }
        }
        let default_disease = self.default_disease.and_then(|old| new_rows.entity(old)).or_else(|| {
            let diseases = graph.vocabulary.of_type(graph.roles.as_ref()?.disease).iter();
            diseases.copied().max_by_key(|row| (graph.degree(*row), std::cmp::Reverse(*row)))
        });
        manifest.roles =
            match (manifest.roles, &graph.roles, default_disease.and_then(|row| graph.vocabulary.entity(row))) {
                (Some(mut names), Some(_), Some(first)) => {
                    names.treatments.retain(|id| graph.vocabulary.relation_row(id).is_some());
                    names.default_disease.clone_from(&first.id);
                    Some(names)
                }
                _ => None,
            };
        if manifest.roles.is_none() {
            graph.roles = None;
        }
        let default_disease = default_disease.filter(|_| graph.roles.is_some());
        let notes = cut_notes(&self.notes, &new_rows);
        Ok(Pack { manifest, hash: String::new(), graph, model, notes, layout, text, default_disease })
    }

    /// Makes a disease the one to show first, if it is one.
    pub fn show_first(&mut self, disease: EntityId) {
        let entity = self.graph.vocabulary.entity(disease);
        let is_disease = self.graph.roles.as_ref().zip(entity).is_some_and(|(roles, e)| e.kind == roles.disease);
        if let (true, Some(entity), Some(names)) = (is_disease, entity, &mut self.manifest.roles) {
            names.default_disease.clone_from(&entity.id);
            self.default_disease = Some(disease);
        }
    }
}

/// Whether nothing was lost, whatever the order.
fn is_whole(old: &KnowledgeGraph, new: &KnowledgeGraph) -> bool {
    let size = |graph: &KnowledgeGraph| {
        (graph.entity_count(), graph.relation_count(), Split::ALL.map(|split| graph.triples(split).len()))
    };
    size(old) == size(new)
}

/// Rows of a table `[n, width]` in a new order.
fn picked(table: &[f32], width: usize, kept: &[EntityId]) -> Vec<f32> {
    let mut rows = Vec::with_capacity(kept.len() * width);
    for row in kept {
        rows.extend_from_slice(&table[row.index() * width..][..width]);
    }
    rows
}

fn cut_model(model: &Model, selection: &Selection) -> Result<Model> {
    let (entities, relations) = (selection.entities.len(), selection.relations.len());
    let mut rows = Vec::with_capacity((entities + relations) * model.dim());
    for row in &selection.entities {
        rows.extend_from_slice(model.entity(*row));
    }
    for row in &selection.relations {
        rows.extend_from_slice(model.relation(*row));
    }
    Model::new(model.interaction, model.gamma, entities, relations, model.dim(), rows)
}

/// Notes whose entities all stay, in new rows.
fn cut_notes(notes: &Notes, new_rows: &Renumbering) -> Notes {
    let row = |old| new_rows.entity(old);
    let mut cut = Notes::default();
    for note in &notes.evidence {
        if let (Some(drug), Some(disease)) = (row(note.drug), row(note.disease)) {
            cut.evidence.push(super::Evidence { drug, disease, ..*note });
        }
    }
    for note in &notes.cautions {
        if let (Some(drug), Some(about)) = (row(note.drug), row(note.about)) {
            cut.cautions.push(super::Caution { drug, about, ..*note });
        }
    }
    for note in &notes.cases {
        if let (Some(drug), Some(disease)) = (row(note.drug), row(note.disease)) {
            cut.cases.push(super::Case { drug, disease, ..note.clone() });
        }
    }
    for note in &notes.descriptions {
        if let Some(entity) = row(note.entity) {
            cut.descriptions.push(super::Description { entity, ..note.clone() });
        }
    }
    cut.sort();
    cut
}
