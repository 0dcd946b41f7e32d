//! Names of tables, brought to the entities of a graph.
//!
//! Tables are read in the order given. For each entity the first name stands: the one it has already, else that of the
//! first table with one; later names become synonyms. A name that a table gives only through a cross reference counts
//! where the reference is unambiguous: if a table says that two of its things are the same as one entity, neither
//! names it. An entity that stands for several things (`Gene::1019;1021`) is named when all of them are.

use std::collections::{BTreeMap, HashMap, HashSet};

use lladr_core::graph::{Entity, Vocabulary};
use lladr_core::ids::EntityId;

use super::keys;
use super::table::{Row, RowRead, Skip};

/// Synonyms of an entity at most: those it has, then other names, then the shortest.
pub const MOST_SYNONYMS: usize = 20;
/// Names longer than this are left out.
const MOST_NAME_CHARS: usize = 250;
/// Synonyms longer than this are left out, and shorter ones than [`LEAST_SYNONYM_CHARS`].
const MOST_SYNONYM_CHARS: usize = 100;
const LEAST_SYNONYM_CHARS: usize = 2;
/// Synonyms of an entity that are collected before the shortest are chosen.
const MOST_COLLECTED: usize = 500;

/// What a table did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TableCount {
    /// Rows.
    pub rows: usize,
    /// Of them, those that give nothing, by [`Skip::ALL`].
    pub skipped: [usize; Skip::ALL.len()],
    /// Of them, those about no entity of the graph.
    pub unused: usize,
    /// Entities that some row is about.
    pub entities: usize,
    /// Entities whose name is this table's.
    pub named: usize,
    /// Names not taken because another stood first.
    pub later: usize,
    /// Entities that cross references do not name unambiguously.
    pub ambiguous: usize,
}

/// A name with the table that gave it.
#[derive(Debug, Clone)]
struct Name {
    name: String,
    table: usize,
}

/// What was found for an entity.
#[derive(Debug, Default, Clone)]
struct Found {
    /// Name of each thing that the entity stands for.
    parts: Vec<Option<Name>>,
    also: Vec<String>,
    synonyms: Vec<String>,
    area: String,
}

/// Names on their way to a vocabulary.
pub struct Gathering<'a> {
    vocabulary: &'a Vocabulary,
    /// Entities of a key, and which of their parts it is.
    index: HashMap<String, Vec<(EntityId, usize)>>,
    found: Vec<Found>,
    /// Names by cross reference in the table that is being read; no name where there are two.
    by_reference: BTreeMap<(EntityId, usize), Option<String>>,
    touched: HashSet<EntityId>,
    /// What each table did so far.
    pub counts: Vec<TableCount>,
}

impl<'a> Gathering<'a> {
    /// For the entities of a vocabulary.
    pub fn new(vocabulary: &'a Vocabulary) -> Self {
        let mut index: HashMap<String, Vec<(EntityId, usize)>> = HashMap::new();
        let mut found = Vec::with_capacity(vocabulary.entities().len());
        for (row, entity) in (0..).map(EntityId).zip(vocabulary.entities()) {
            let keys = keys::of_entity(&entity.id);
            found.push(Found { parts: vec![None; keys.len().max(1)], ..Found::default() });
            for (part, key) in keys.into_iter().enumerate() {
                index.entry(key).or_default().push((row, part));
            }
        }
        let (by_reference, touched, counts) = (BTreeMap::new(), HashSet::new(), Vec::new());
        Gathering { vocabulary, index, found, by_reference, touched, counts }
    }

    /// The rows that follow are of the next table.
    pub fn start_table(&mut self) {
        self.counts.push(TableCount::default());
    }

    /// Takes a row of the current table, or why it is none.
    pub fn take(&mut self, row: RowRead) {
        let has_use = |row: &Row| row.xrefs.len() + row.also.len() + row.synonyms.len() + row.area.len() > 0;
        let is_name = |name: &str| clean(name).is_some_and(|name| name.chars().count() <= MOST_NAME_CHARS);
        let row = row.and_then(|row| if has_use(&row) || is_name(&row.name) { Ok(row) } else { Err(Skip::NoName) });
        let is_more = row.as_ref().is_ok_and(|row| row.is_more);
        let skipped = row.as_ref().err().copied();
        let is_used = row.is_ok_and(|row| self.join(&row));
        if let Some(count) = self.counts.last_mut().filter(|_| !is_more) {
            count.rows += 1;
            match skipped {
                Some(reason) => count.skipped[reason as usize] += 1,
                None => count.unused += usize::from(!is_used),
            }
        }
    }

    /// Brings a row to its entities; whether there are any.
    fn join(&mut self, row: &Row) -> bool {
        let table = self.counts.len().saturating_sub(1);
        let name = clean(&row.name).filter(|name| name.chars().count() <= MOST_NAME_CHARS);
        let mut is_used = false;
        let whole = self.vocabulary.entity_row(&row.entity).map(|entity| (entity, None));
        let keyed = |key: &String| self.index.get(key).into_iter().flatten().map(|(e, part)| (*e, Some(*part)));
        let mut own: Vec<_> = whole.into_iter().chain(row.own.iter().flat_map(keyed)).collect();
        let mut others: Vec<_> = row.xrefs.iter().flat_map(keyed).collect();
        // Two keys of a row may lead to one entity.
        own.sort_unstable();
        own.dedup();
        others.sort_unstable();
        others.dedup();
        others.retain(|other| !own.contains(other));
        for (entity, part) in own {
            is_used = true;
            self.touched.insert(entity);
            self.add_synonyms(entity, part, row);
            if let Some(name) = &name {
                self.add_name(entity, part, name, table);
            }
        }
        for (entity, part) in others {
            is_used = true;
            self.touched.insert(entity);
            self.add_area(entity, &row.area);
            let (Some(name), Some(part)) = (&name, part) else { continue };
            let known = self.by_reference.entry((entity, part)).or_insert_with(|| Some(name.clone()));
            if known.as_ref().is_some_and(|known| fold(known) != fold(name)) {
                *known = None;
            }
        }
        is_used
    }

    /// The current table has been read.
    pub fn end_table(&mut self) {
        let table = self.counts.len().saturating_sub(1);
        let mut ambiguous = 0;
        for ((entity, part), name) in std::mem::take(&mut self.by_reference) {
            match name {
                Some(name) => self.add_name(entity, Some(part), &name, table),
                None => ambiguous += 1,
            }
        }
        if let Some(count) = self.counts.last_mut() {
            count.ambiguous = ambiguous;
            count.entities = self.touched.len();
        }
        self.touched.clear();
    }

    fn add_name(&mut self, entity: EntityId, part: Option<usize>, name: &str, table: usize) {
        let (Some(found), Some(known)) = (self.found.get_mut(entity.index()), self.vocabulary.entity(entity)) else {
            return;
        };
        // An identifier is no name.
        if known.id == name || rest(known) == name || rest(known).split([':', ';', '|']).any(|local| local == name) {
            return;
        }
        let name = Name { name: name.to_owned(), table };
        let parts = match part {
            Some(part) => &mut found.parts[part..=part],
            // A whole name, even of several things.
            None if found.parts.iter().all(Option::is_none) => {
                found.parts = vec![Some(name)];
                return;
            }
            None => &mut found.parts[..1],
        };
        match &mut parts[0] {
            Some(first) if fold(&first.name) == fold(&name.name) => {}
            Some(_) => {
                if found.parts.len() == 1 && found.also.len() < MOST_COLLECTED {
                    found.also.push(name.name);
                }
                self.counts[table].later += 1;
            }
            empty @ None => *empty = Some(name),
        }
    }

    fn add_synonyms(&mut self, entity: EntityId, part: Option<usize>, row: &Row) {
        self.add_area(entity, &row.area);
        let Some(found) = self.found.get_mut(entity.index()) else { return };
        // A synonym of one of several things is none of all of them.
        if found.parts.len() > 1 && part.is_some() {
            return;
        }
        let is_sane = |name: &String| (LEAST_SYNONYM_CHARS..=MOST_SYNONYM_CHARS).contains(&name.chars().count());
        let sane = |names: &[String]| names.iter().filter_map(|name| clean(name)).filter(is_sane).collect::<Vec<_>>();
        let room = |list: &Vec<String>| MOST_COLLECTED.saturating_sub(list.len());
        let (also, synonyms) = (room(&found.also), room(&found.synonyms));
        found.also.extend(sane(&row.also).into_iter().take(also));
        found.synonyms.extend(sane(&row.synonyms).into_iter().take(synonyms));
    }

    fn add_area(&mut self, entity: EntityId, area: &str) {
        if let (Some(found), Some(area)) = (self.found.get_mut(entity.index()), clean(area))
            && found.area.is_empty()
        {
            found.area = area;
        }
    }

    /// What becomes of each entity, in order, and what each table did. With `replace` a table's name goes before the
    /// one that an entity has. Areas are given to entities of `diseases`, where they have none.
    pub fn finish(mut self, replace: bool, diseases: &str) -> (Vec<Entity>, Vec<TableCount>) {
        let entities = self.vocabulary.entities().iter().zip(std::mem::take(&mut self.found));
        let kinds = self.vocabulary;
        let counts = &mut self.counts;
        let entities = entities.map(|(old, found)| {
            let mut entity = old.clone();
            let names: Option<Vec<Name>> = found.parts.into_iter().collect();
            let (table, name) = match names.as_deref() {
                Some([first, ..]) => (first.table, joined(names.as_deref().unwrap_or_default())),
                _ => (0, String::new()),
            };
            let mut also = found.also;
            if !name.is_empty() && (replace || !has_name(old)) {
                if has_name(old) {
                    also.insert(0, old.label.clone());
                }
                counts[table].named += 1;
                entity.label = name;
            } else if !name.is_empty() && name != old.label {
                counts[table].later += 1;
                also.insert(0, name);
            }
            entity.synonyms = merged(&entity.label, &old.synonyms, also, found.synonyms);
            if entity.area.is_empty() && kinds.type_name(old.kind) == diseases {
                entity.area = found.area;
            }
            entity
        });
        let entities = entities.collect();
        (entities, self.counts)
    }
}

fn joined(names: &[Name]) -> String {
    names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>().join("; ")
}

/// Synonyms: those that are there, other names, then the shortest; none twice, whatever its case, and none the name.
fn merged(label: &str, old: &[String], also: Vec<String>, mut synonyms: Vec<String>) -> Vec<String> {
    synonyms.sort_by_cached_key(|name| (name.chars().count(), name.clone()));
    let mut seen = HashSet::from([fold(label)]);
    let all = old.iter().cloned().chain(also).chain(synonyms);
    all.filter(|name| seen.insert(fold(name))).take(MOST_SYNONYMS.max(old.len())).collect()
}

fn fold(name: &str) -> String {
    name.to_lowercase()
}

fn rest(entity: &Entity) -> &str {
    entity.id.split_once("::").map_or(entity.id.as_str(), |(_, rest)| rest)
}

/// Whether an entity is called something else than its identifier, or its identifier is in words.
pub fn has_name(entity: &Entity) -> bool {
    let is_identifier = entity.label == entity.id || entity.label == rest(entity);
    !entity.label.is_empty() && (!is_identifier || rest(entity).trim().contains(' '))
}

/// A name in one line, without control characters and marks that turn the direction of writing; `None` if none is left.
fn clean(name: &str) -> Option<String> {
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let spaced: String = name.chars().map(|c| if is_bad(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}
