//! A graph with some of its entities, relations and triples, in an order of the caller's choice.
//!
//! A *selection* lists old rows; the place in the list is the new row. So a list of some rows cuts a graph, and a
//! permutation of all rows reorders it. Whatever stands beside the graph (rows of a model, positions, notes) follows
//! by the same [`Renumbering`].

use super::{KnowledgeGraph, Roles, Split, SplitTriples, Triple, Vocabulary};
use crate::error::{Error, Result};
use crate::ids::{EntityId, RelationId};

/// What stays of a graph, in old rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// Entities that stay; the place in the list is the new row.
    pub entities: Vec<EntityId>,
    /// Relations that stay; the place in the list is the new row.
    pub relations: Vec<RelationId>,
    /// Triples that stay, all of them among the entities and relations that do.
    pub triples: SplitTriples,
}

impl Selection {
    /// These entities, every triple among them, and every relation, used or not.
    pub fn of_entities(graph: &KnowledgeGraph, entities: &[EntityId]) -> Self {
        let mut is_kept = vec![false; graph.entity_count()];
        for entity in entities {
            // A row that does not exist is reported when the selection is used.
            if let Some(kept) = is_kept.get_mut(entity.index()) {
                *kept = true;
            }
        }
        let among = |split| {
            let triples = graph.triples(split).iter();
            triples.filter(|t| is_kept[t.head as usize] && is_kept[t.tail as usize]).copied().collect()
        };
        let [train, valid, test] = Split::ALL.map(among);
        Selection {
            entities: entities.to_vec(),
            relations: (0..graph.relation_count() as u32).map(RelationId).collect(),
            triples: SplitTriples { train, valid, test },
        }
    }
}

/// New rows of old ones.
#[derive(Debug, Clone)]
pub struct Renumbering {
    entities: Vec<Option<u32>>,
    relations: Vec<Option<u32>>,
}

impl Renumbering {
    /// Checks a selection of a graph.
    ///
    /// # Errors
    /// [`Error::Settings`] for a row that does not exist or is listed twice.
    pub fn new(graph: &KnowledgeGraph, selection: &Selection) -> Result<Self> {
        let entities = selection.entities.iter().map(|row| row.0);
        let relations = selection.relations.iter().map(|row| row.0);
        Ok(Renumbering {
            entities: inverse("entity", graph.entity_count(), entities)?,
            relations: inverse("relation", graph.relation_count(), relations)?,
        })
    }

    /// New row of an entity; `None` if it does not stay.
    pub fn entity(&self, old: EntityId) -> Option<EntityId> {
        self.entities.get(old.index()).copied().flatten().map(EntityId)
    }

    /// New row of a relation; `None` if it does not stay.
    pub fn relation(&self, old: RelationId) -> Option<RelationId> {
        self.relations.get(old.index()).copied().flatten().map(RelationId)
    }

    /// A triple in new rows; `None` if a part of it does not stay.
    pub fn triple(&self, old: &Triple) -> Option<Triple> {
        let [head, tail] = [old.head, old.tail].map(|row| self.entity(EntityId(row)));
        Some(Triple::new(head?, self.relation(old.relation())?, tail?))
    }
}

fn inverse(what: &str, count: usize, kept: impl Iterator<Item = u32>) -> Result<Vec<Option<u32>>> {
    let mut new_rows = vec![None; count];
    for (new, old) in (0..).zip(kept) {
        match new_rows.get_mut(old as usize) {
            Some(place @ None) => *place = Some(new),
            Some(Some(_)) => return Err(Error::Settings(format!("{what} row {old} is selected twice"))),
            None => return Err(Error::Settings(format!("{what} row {old} is selected; there are {count} rows"))),
        }
    }
    Ok(new_rows)
}

impl KnowledgeGraph {
    /// The graph that a selection leaves. Roles stay while drugs, diseases and a treatment relation do.
    ///
    /// # Errors
    /// [`Error::Settings`] for a selection that does not fit the graph, [`Error::Pack`] where no training triple stays.
    pub fn select(&self, selection: &Selection) -> Result<KnowledgeGraph> {
        self.renumbered(selection, &Renumbering::new(self, selection)?)
    }

    /// As [`KnowledgeGraph::select`], with the selection's own renumbering.
    pub(crate) fn renumbered(&self, selection: &Selection, new_rows: &Renumbering) -> Result<KnowledgeGraph> {
        let mut vocabulary = Vocabulary::default();
        for old in &selection.entities {
            if let Some(entity) = self.vocabulary.entity(*old) {
                let kind = vocabulary.add_type(self.vocabulary.type_name(entity.kind));
                vocabulary.add_entity(super::Entity { kind, ..entity.clone() })?;
            }
        }
        for old in &selection.relations {
            if let Some(relation) = self.vocabulary.relation(*old) {
                vocabulary.add_relation(relation.clone())?;
            }
        }
        let triples = |old: &[Triple]| {
            let lost = || Error::Settings("a selected triple names an entity or a relation that is not".into());
            old.iter().map(|triple| new_rows.triple(triple).ok_or_else(lost)).collect::<Result<Vec<_>>>()
        };
        let SplitTriples { train, valid, test } = &selection.triples;
        let splits = SplitTriples { train: triples(train)?, valid: triples(valid)?, test: triples(test)? };
        let roles = self.roles.as_ref().and_then(|roles| {
            let kind = |old| vocabulary.type_row(self.vocabulary.type_name(old));
            let treatments: Vec<_> = roles.treatments.iter().filter_map(|old| new_rows.relation(*old)).collect();
            let roles = Roles { drug: kind(roles.drug)?, disease: kind(roles.disease)?, treatments };
            (!roles.treatments.is_empty()).then_some(roles)
        });
        KnowledgeGraph::new(vocabulary, splits, roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Permutation, Stream, below, hash};

    #[allow(clippy::unwrap_used, reason = "a test")]
    fn graph() -> KnowledgeGraph {
        let mut vocabulary = Vocabulary::default();
        for at in 0..30 {
            vocabulary.entity_or_add(&format!("{}::{at}", ["Gene", "Compound", "Disease"][at % 3]));
        }
        for relation in ["binds", "treats", "links"] {
            vocabulary.relation_or_add(relation);
        }
        let draw = |at, slot, n| below(hash(4, Stream::Init, at, slot), n);
        let triples = |from: u32, to| {
            (from..to).map(|at| Triple { head: draw(at, 0, 30), relation: draw(at, 1, 3), tail: draw(at, 2, 30) })
        };
        let splits = SplitTriples {
            train: triples(0, 200).collect(),
            valid: triples(200, 220).collect(),
            test: triples(220, 240).collect(),
        };
        let kind = |name| vocabulary.type_row(name).unwrap();
        let roles = Roles { drug: kind("Compound"), disease: kind("Disease"), treatments: vec![RelationId(1)] };
        KnowledgeGraph::new(vocabulary, splits, Some(roles)).unwrap()
    }

    /// Triples by identifier: what no renumbering may change.
    fn statements(graph: &KnowledgeGraph, split: Split) -> Vec<[&str; 3]> {
        let name = |row| graph.vocabulary.entities()[row as usize].id.as_str();
        let triples = graph.triples(split).iter();
        triples
            .map(|t| [name(t.head), graph.vocabulary.relations()[t.relation as usize].id.as_str(), name(t.tail)])
            .collect()
    }

    #[test]
    fn a_permutation_says_the_same_in_the_same_order() -> Result<()> {
        let graph = graph();
        let permutation = Permutation::new(30, 1, 0);
        let order: Vec<_> = (0..30).map(|at| EntityId(permutation.at(at))).collect();
        let moved = graph.select(&Selection::of_entities(&graph, &order))?;
        for split in Split::ALL {
            assert_eq!(statements(&moved, split), statements(&graph, split));
        }
        for (new, old) in order.iter().enumerate() {
            let entity = |graph: &KnowledgeGraph, row| graph.vocabulary.entity(row).map(|e| e.id.clone());
            assert_eq!(entity(&moved, EntityId(new as u32)), entity(&graph, *old));
            assert_eq!(moved.degree(EntityId(new as u32)), graph.degree(*old));
        }
        let kind = |graph: &KnowledgeGraph| {
            let name = |kind| graph.vocabulary.type_name(kind).to_owned();
            graph.roles.as_ref().map(|roles| (name(roles.drug), name(roles.disease), roles.treatments.clone()))
        };
        assert_eq!(kind(&moved), kind(&graph));
        Ok(())
    }

    #[test]
    fn a_cut_keeps_exactly_what_is_among_the_kept() -> Result<()> {
        let graph = graph();
        let kept: Vec<_> = (0..30).filter(|row| row % 4 != 0).rev().map(EntityId).collect();
        let cut = graph.select(&Selection::of_entities(&graph, &kept))?;
        for split in Split::ALL {
            let inside = |id: &str| cut.vocabulary.entity_row(id).is_some();
            let expected: Vec<_> =
                statements(&graph, split).into_iter().filter(|[head, _, tail]| inside(head) && inside(tail)).collect();
            assert_eq!(statements(&cut, split), expected);
        }
        assert_eq!(cut.entity_count(), kept.len());
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let graph = graph();
        let of = |rows: &[u32]| {
            let rows: Vec<_> = rows.iter().copied().map(EntityId).collect();
            graph.select(&Selection::of_entities(&graph, &rows))
        };
        assert!(matches!(of(&[1, 2, 1]), Err(Error::Settings(what)) if what.contains("twice")));
        assert!(matches!(of(&[1, 30]), Err(Error::Settings(what)) if what.contains("30 rows")));
        assert!(matches!(of(&[]), Err(Error::Pack { .. })), "nothing to train on");
        let mut selection = Selection::of_entities(&graph, &[EntityId(0), EntityId(1)]);
        selection.triples.train = graph.triples(Split::Train).to_vec();
        assert!(matches!(graph.select(&selection), Err(Error::Settings(_))));
    }

    #[test]
    fn roles_go_with_the_last_treatment_relation() -> Result<()> {
        let graph = graph();
        let all: Vec<_> = (0..30).map(EntityId).collect();
        let mut selection = Selection::of_entities(&graph, &all);
        let SplitTriples { train, valid, test } = &mut selection.triples;
        for triples in [train, valid, test] {
            triples.retain(|triple| triple.relation != 1);
        }
        selection.relations = vec![RelationId(2), RelationId(0)];
        let cut = graph.select(&selection)?;
        assert!(cut.roles.is_none());
        assert_eq!(cut.vocabulary.relations()[0].id, "links");
        Ok(())
    }
}
