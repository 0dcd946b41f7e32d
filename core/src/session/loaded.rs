//! A pack that is open: what can be answered from it alone, without a device.

use std::cell::OnceCell;

use super::event::{
    CaseCard, CautionLine, EntityCard, EntityMatch, EntityRef, Event, Fact, PackSummary, TypeSummary, Written,
};
use crate::error::{Error, Result};
use crate::graph::{Adjacency, KnowledgeGraph, Split};
use crate::ids::{EntityId, TypeId};
use crate::pack::{Case, Caution, LayoutCard, Pack};
use crate::settings::Template;

/// Facts listed on an entity's card.
const MOST_FACTS: usize = 60;

/// An open pack with its search keys.
pub struct LoadedPack {
    /// Folder name.
    pub name: String,
    /// The pack.
    pub pack: Pack,
    keys: Vec<SearchKey>,
    /// Edges by entity, made for the first explanation.
    adjacency: OnceCell<Adjacency>,
}

/// A name in lower case, and whose it is.
struct SearchKey {
    text: String,
    entity: EntityId,
    /// Whether it is the name itself, not a synonym or an identifier.
    is_label: bool,
}

/// How names are compared: in small letters, without apostrophes.
fn key_of(text: &str) -> String {
    text.to_ascii_lowercase().replace(['\'', '’'], "")
}

impl LoadedPack {
    /// Prepares the search keys.
    pub fn new(name: String, pack: Pack) -> Self {
        let mut keys = Vec::new();
        for (row, entity) in pack.graph.vocabulary.entities().iter().enumerate() {
            let short_id = entity.id.split_once("::").map_or(entity.id.as_str(), |(_, id)| id);
            let others = entity.synonyms.iter().map(String::as_str).chain([entity.id.as_str(), short_id]);
            let labelled = std::iter::once((entity.label.as_str(), true)).chain(others.map(|other| (other, false)));
            keys.extend(labelled.map(|(text, is_label)| SearchKey {
                text: key_of(text),
                entity: EntityId(row as u32),
                is_label,
            }));
        }
        LoadedPack { name, pack, keys, adjacency: OnceCell::new() }
    }

    pub(super) fn graph(&self) -> &KnowledgeGraph {
        &self.pack.graph
    }

    /// Edges of the training triples.
    pub(super) fn adjacency(&self) -> &Adjacency {
        let graph = self.graph();
        self.adjacency.get_or_init(|| Adjacency::new(graph.entity_count(), graph.triples(Split::Train)))
    }

    /// What the page shows about the pack, and the type of each entity as one byte.
    pub fn summary(&self) -> (PackSummary, Vec<u8>) {
        let (graph, manifest) = (self.graph(), &self.pack.manifest);
        let vocabulary = &graph.vocabulary;
        let kinds: Vec<u8> = vocabulary.entities().iter().map(|entity| entity.kind.0 as u8).collect();
        let types = (0..vocabulary.types().len()).map(|row| TypeSummary {
            name: vocabulary.type_name(TypeId(row as u32)).to_owned(),
            count: kinds.iter().filter(|&&kind| kind as usize == row).count() as u32,
        });
        let mut diseases: Vec<EntityRef> = self.treatable().into_iter().map(|row| self.entity_ref(row)).collect();
        diseases.sort_by_cached_key(|disease| disease.label.to_lowercase());
        let summary = PackSummary {
            name: self.name.clone(),
            title: manifest.title.clone(),
            description: manifest.description.clone(),
            licence: manifest.licence.clone(),
            sources: manifest
                .sources
                .iter()
                .map(|source| format!("{}: {} ({})", source.name, source.used_for, source.licence))
                .collect(),
            hash: self.pack.hash.clone(),
            types: types.collect(),
            entities: graph.entity_count() as u32,
            relations: graph.relation_count() as u32,
            triples: Split::ALL.map(|split| graph.triples(split).len() as u32),
            default_disease: self.pack.default_disease.or_else(|| diseases.first().map(|disease| disease.entity)),
            diseases,
            metrics: manifest.model.as_ref().map(|card| card.metrics.clone()).unwrap_or_default(),
            settings: manifest.model.as_ref().map(|card| card.settings).unwrap_or_default(),
            has_model: self.pack.model.is_some(),
            layout: manifest.layout.as_ref().map(LayoutCard::words).unwrap_or_default(),
            leaks: manifest.texts.as_ref().map(|card| card.leaks.clone()).unwrap_or_default(),
            templates: self.templates(),
            cases: self.cases(),
        };
        (summary, kinds)
    }

    fn templates(&self) -> Vec<Template> {
        let brought = self.pack.text.iter().flat_map(|text| &text.templates);
        brought.filter_map(|(name, _)| Template::from_name(name)).collect()
    }

    fn cases(&self) -> Vec<CaseCard> {
        let card = |case: &Case| CaseCard {
            id: case.id.clone(),
            title: case.title.clone(),
            drug: self.entity_ref(case.drug),
            disease: self.entity_ref(case.disease),
            story: case.story.clone(),
            look_for: case.look_for.clone(),
        };
        self.pack.notes.cases.iter().map(card).collect()
    }

    /// Diseases with a known treatment in any split, by row.
    fn treatable(&self) -> Vec<EntityId> {
        let graph = self.graph();
        let Some(roles) = &graph.roles else { return Vec::new() };
        let is_treated = |row: &&EntityId| !graph.treatments.of_disease(**row).is_empty();
        graph.vocabulary.of_type(roles.disease).iter().filter(is_treated).copied().collect()
    }

    /// The short form of an entity; the caller has checked that it exists.
    pub(super) fn entity_ref(&self, row: EntityId) -> EntityRef {
        EntityRef::of(&self.graph().vocabulary, row)
    }

    pub(super) fn existing(&self, row: EntityId) -> Result<EntityRef> {
        match self.graph().vocabulary.entity(row) {
            Some(_) => Ok(self.entity_ref(row)),
            None => Err(Error::NotFound(format!("entity {} is not in this pack", row.0))),
        }
    }

    /// One entity's name.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a row outside the pack.
    pub fn name_of(&self, row: EntityId) -> Result<Event> {
        Ok(Event::Named(self.existing(row)?))
    }

    /// The entity with this identifier.
    pub fn locate(&self, id: String) -> Event {
        let row = self.graph().vocabulary.entity_row(&id);
        let is_disease = row.is_some_and(|row| self.is_disease(row));
        Event::Located { id, entity: row.map(|row| self.entity_ref(row)), is_disease }
    }

    fn is_disease(&self, row: EntityId) -> bool {
        let kind = self.graph().vocabulary.entity(row).map(|entity| entity.kind);
        kind.is_some() && kind == self.graph().roles.as_ref().map(|roles| roles.disease)
    }

    /// Entities whose name, synonym or identifier contains the text: whole matches first, then
    /// beginnings, then beginnings of words, then the rest; names before synonyms, short before long.
    pub fn search(&self, text: &str, limit: usize) -> Event {
        let wanted = key_of(text.trim());
        let mut hits: Vec<(u8, bool, usize, EntityId, usize)> = Vec::new();
        if !wanted.is_empty() {
            for (at, key) in self.keys.iter().enumerate() {
                let Some(place) = key.text.find(&wanted) else { continue };
                let class = match place {
                    0 if key.text.len() == wanted.len() => 0,
                    0 => 1,
                    _ if !key.text[..place].ends_with(char::is_alphanumeric) => 2,
                    _ => 3,
                };
                hits.push((class, !key.is_label, key.text.len(), key.entity, at));
            }
        }
        hits.sort_unstable();
        let mut matches: Vec<EntityMatch> = Vec::new();
        for (_, _, _, row, at) in hits {
            if matches.len() == limit {
                break;
            }
            if matches.iter().any(|known| known.entity.entity == row) {
                continue;
            }
            let key = &self.keys[at];
            matches.push(EntityMatch {
                entity: self.entity_ref(row),
                matched: (!key.is_label).then(|| self.original(key)),
                is_disease: self.is_disease(row),
            });
        }
        Event::Found { text: text.to_owned(), matches }
    }

    /// A key as the pack spells it.
    fn original(&self, key: &SearchKey) -> String {
        let entity = self.graph().vocabulary.entity(key.entity);
        let synonyms = entity.map(|entity| entity.synonyms.as_slice()).unwrap_or_default();
        let spelled = synonyms.iter().find(|synonym| key_of(synonym) == key.text);
        match (spelled, entity) {
            (Some(synonym), _) => synonym.clone(),
            (None, Some(entity)) => entity.id.clone(),
            (None, None) => key.text.clone(),
        }
    }

    /// Everything the pack knows about one entity.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a row outside the pack.
    pub fn describe(&self, row: EntityId) -> Result<Event> {
        let entity = self.existing(row)?;
        let graph = self.graph();
        let mut found = Vec::new();
        for split in Split::ALL {
            for triple in graph.triples(split).iter().filter(|t| t.head == row.0 || t.tail == row.0) {
                let outgoing = triple.head == row.0;
                let other = EntityId(if outgoing { triple.tail } else { triple.head });
                found.push((triple.relation(), !outgoing, other, split != Split::Train));
            }
        }
        found.sort_unstable();
        let facts_total = found.len() as u32;
        found.truncate(MOST_FACTS);
        let facts = found.into_iter().filter_map(|(relation, incoming, other, held_out)| {
            let relation = graph.vocabulary.relation(relation)?;
            Some(Fact {
                relation: relation.id.clone(),
                words: relation.words.clone(),
                outgoing: !incoming,
                other: self.entity_ref(other),
                held_out,
            })
        });
        let known = graph.vocabulary.entity(row);
        let notes = &self.pack.notes;
        let described = notes.description(row);
        let text = described.map(|text| if text.good.is_empty() { &text.original } else { &text.good });
        let description = text.filter(|text| !text.is_empty()).map(|text| Written {
            text: text.clone(),
            by: match &self.pack.manifest.texts {
                None => String::new(),
                Some(card) if card.date.is_empty() => card.written_by.clone(),
                Some(card) => format!("{}, {}", card.written_by, card.date),
            },
        });
        let caution = |caution: &Caution| CautionLine { kind: caution.kind, about: self.entity_ref(caution.about) };
        Ok(Event::Described(EntityCard {
            entity,
            synonyms: known.map(|entity| entity.synonyms.clone()).unwrap_or_default(),
            area: known.map(|entity| entity.area.clone()).unwrap_or_default(),
            description,
            cautions: notes.cautions(row).iter().map(caution).collect(),
            degree: graph.degree(row),
            facts: facts.collect(),
            facts_total,
        }))
    }
}
