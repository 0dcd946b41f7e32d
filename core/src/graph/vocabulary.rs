//! Names of entities, relations and types, and the way back from a name to its row.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::ids::{EntityId, RelationId, TypeId};

/// An entity as the pack names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Identifier in DRKG's form, for example `Compound::DB00945`.
    pub id: String,
    /// Human name; the identifier where none is known.
    pub label: String,
    /// Row of its type.
    pub kind: TypeId,
    /// Other names.
    pub synonyms: Vec<String>,
    /// Field of a disease, such as `neurology`; empty where none is given.
    pub area: String,
}

/// A relation as the pack names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Identifier in DRKG's form, for example `Hetionet::CtD::Compound:Disease`.
    pub id: String,
    /// How to read it from head to tail, for example `treats`.
    pub words: String,
}

/// All names, by row, with an index from identifier to row.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    entities: Vec<Entity>,
    relations: Vec<Relation>,
    types: Vec<String>,
    rows_of_type: Vec<Vec<EntityId>>,
    entity_rows: HashMap<String, EntityId>,
    relation_rows: HashMap<String, RelationId>,
}

impl Vocabulary {
    /// Row of the type `name`, added if new.
    pub fn add_type(&mut self, name: &str) -> TypeId {
        let row = self.types.iter().position(|known| known == name).unwrap_or_else(|| {
            self.types.push(name.to_owned());
            self.rows_of_type.push(Vec::new());
            self.types.len() - 1
        });
        TypeId(row as u32)
    }

    /// Adds an entity; its identifier must be new.
    ///
    /// # Errors
    /// [`Error::Settings`] when the identifier is there already.
    pub fn add_entity(&mut self, entity: Entity) -> Result<EntityId> {
        let row = EntityId(self.entities.len() as u32);
        if self.entity_rows.insert(entity.id.clone(), row).is_some() {
            return Err(Error::Settings(format!("the entity {} is listed twice", entity.id)));
        }
        self.push(entity);
        Ok(row)
    }

    fn push(&mut self, entity: Entity) {
        let row = EntityId(self.entities.len() as u32);
        if let Some(rows) = self.rows_of_type.get_mut(entity.kind.index()) {
            rows.push(row);
        }
        self.entities.push(entity);
    }

    /// Adds a relation; its identifier must be new.
    ///
    /// # Errors
    /// [`Error::Settings`] when the identifier is there already.
    pub fn add_relation(&mut self, relation: Relation) -> Result<RelationId> {
        let row = RelationId(self.relations.len() as u32);
        if self.relation_rows.insert(relation.id.clone(), row).is_some() {
            return Err(Error::Settings(format!("the relation {} is listed twice", relation.id)));
        }
        self.relations.push(relation);
        Ok(row)
    }

    /// Row of the entity `id` (`Type::identifier`), added with its identifier as name if new.
    /// The type is what stands before the first `::`.
    pub fn entity_or_add(&mut self, id: &str) -> EntityId {
        if let Some(&row) = self.entity_rows.get(id) {
            return row;
        }
        let (kind, label) = id.split_once("::").unwrap_or(("Entity", id));
        let kind = self.add_type(kind);
        let row = EntityId(self.entities.len() as u32);
        self.entity_rows.insert(id.to_owned(), row);
        self.push(Entity {
            id: id.to_owned(),
            label: label.to_owned(),
            kind,
            synonyms: Vec::new(),
            area: String::new(),
        });
        row
    }

    /// Row of the relation `id`, added if new.
    pub fn relation_or_add(&mut self, id: &str) -> RelationId {
        if let Some(&row) = self.relation_rows.get(id) {
            return row;
        }
        let row = RelationId(self.relations.len() as u32);
        self.relation_rows.insert(id.to_owned(), row);
        self.relations.push(Relation { id: id.to_owned(), words: super::words::relation_words(id) });
        row
    }

    /// Gives an entity another human name.
    pub fn set_label(&mut self, entity: EntityId, label: &str) {
        if let Some(entity) = self.entities.get_mut(entity.index()) {
            entity.label = label.to_owned();
        }
    }

    /// Gives an entity the name, the synonyms and the area of another; its identifier and type stay.
    pub fn rename(&mut self, row: EntityId, names: &Entity) {
        if let Some(entity) = self.entities.get_mut(row.index()) {
            entity.label.clone_from(&names.label);
            entity.synonyms.clone_from(&names.synonyms);
            entity.area.clone_from(&names.area);
        }
    }

    /// Row of an entity by identifier.
    pub fn entity_row(&self, id: &str) -> Option<EntityId> {
        self.entity_rows.get(id).copied()
    }

    /// Row of a relation by identifier.
    pub fn relation_row(&self, id: &str) -> Option<RelationId> {
        self.relation_rows.get(id).copied()
    }

    /// Row of a type by name.
    pub fn type_row(&self, name: &str) -> Option<TypeId> {
        self.types.iter().position(|known| known == name).map(|row| TypeId(row as u32))
    }

    /// The entity of a row, if there is one.
    pub fn entity(&self, row: EntityId) -> Option<&Entity> {
        self.entities.get(row.index())
    }

    /// The relation of a row, if there is one.
    pub fn relation(&self, row: RelationId) -> Option<&Relation> {
        self.relations.get(row.index())
    }

    /// The name of a type; empty for a row that does not exist.
    pub fn type_name(&self, row: TypeId) -> &str {
        self.types.get(row.index()).map_or("", String::as_str)
    }

    /// All entities by row.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// All relations by row.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// All type names by row.
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// Rows of all entities of a type, ascending.
    pub fn of_type(&self, kind: TypeId) -> &[EntityId] {
        self.rows_of_type.get(kind.index()).map_or(&[], Vec::as_slice)
    }
}
