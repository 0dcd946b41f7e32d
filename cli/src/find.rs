//! From what a person typed to rows: entities by identifier or name, types and relations by pattern.

use anyhow::{Result, anyhow, bail};
use lladr_core::graph::{Entity, Vocabulary};
use lladr_core::ids::{EntityId, TypeId};
use wildmatch::WildMatch;

/// Names that are offered at most, for one that is not there.
const MOST_OFFERED: usize = 5;
/// Names less alike than this (Jaro and Winkler's measure, 0 to 1) are not offered.
const LEAST_ALIKE: f64 = 0.85;

/// An entity by its identifier, with or without the type; else by its name; else by a synonym.
pub fn entity(vocabulary: &Vocabulary, said: &str) -> Result<EntityId> {
    let said = said.trim();
    if let Some(row) = vocabulary.entity_row(said) {
        return Ok(row);
    }
    let lower = said.to_lowercase();
    let is_id = |entity: &Entity| entity.id.split_once("::").is_some_and(|(_, id)| id.eq_ignore_ascii_case(said));
    let is_label = |entity: &Entity| entity.label.to_lowercase() == lower;
    let is_synonym = |entity: &Entity| entity.synonyms.iter().any(|name| name.to_lowercase() == lower);
    let ways: [&dyn Fn(&Entity) -> bool; 3] = [&is_id, &is_label, &is_synonym];
    let entities = vocabulary.entities();
    for is_it in ways {
        let found: Vec<u32> = (0u32..).zip(entities).filter(|(_, entity)| is_it(entity)).map(|(row, _)| row).collect();
        match found.as_slice() {
            [] => {}
            [row] => return Ok(EntityId(*row)),
            several => {
                let offered = several.iter().take(MOST_OFFERED).map(|row| called(&entities[*row as usize]));
                let offered = offered.collect::<Vec<_>>().join(", ");
                bail!("{said:?} may be {} entities; say its identifier: {offered}", several.len());
            }
        }
    }
    let alike = |entity: &Entity| {
        let names = [&entity.id, &entity.label].into_iter().chain(&entity.synonyms);
        names.map(|name| strsim::jaro_winkler(&name.to_lowercase(), &lower)).fold(0.0, f64::max)
    };
    let offered = nearest(entities.iter().map(|entity| (alike(entity), called(entity))));
    Err(not_there(&format!("{said:?} is no entity of the pack, by identifier or by name"), &offered))
}

fn called(entity: &Entity) -> String {
    if entity.label == entity.id { entity.id.clone() } else { format!("{} ({})", entity.id, entity.label) }
}

/// A type by its name, whatever its case.
pub fn kind(vocabulary: &Vocabulary, said: &str) -> Result<TypeId> {
    let row = (0..).zip(vocabulary.types()).find(|(_, name)| name.eq_ignore_ascii_case(said.trim()));
    let names = || vocabulary.types().join(", ");
    row.map(|(row, _)| TypeId(row)).ok_or_else(|| anyhow!("{said:?} is no type of the pack; it has {}", names()))
}

/// Rows that fit a pattern of `with` (all where there is none) and none of `without`; `None` where nothing is asked.
pub fn filter(what: &str, names: &[&str], with: &[String], without: &[String]) -> Result<Option<Vec<u32>>> {
    if with.is_empty() && without.is_empty() {
        return Ok(None);
    }
    let patterns = |list: &[String]| list.iter().map(|said| WildMatch::new(said.trim())).collect::<Vec<_>>();
    let (with, without) = (patterns(with), patterns(without));
    for pattern in with.iter().chain(&without) {
        if !names.iter().any(|name| pattern.matches(name)) {
            let lower = pattern.to_string().to_lowercase();
            let offered =
                names.iter().map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &lower), (*name).to_owned()));
            return Err(not_there(&format!("{pattern} fits no {what} of the pack"), &nearest(offered)));
        }
    }
    let fits = |list: &[WildMatch], name: &str| list.iter().any(|pattern| pattern.matches(name));
    let rows = (0..).zip(names).filter(|(_, name)| (with.is_empty() || fits(&with, name)) && !fits(&without, name));
    let rows: Vec<u32> = rows.map(|(row, _)| row).collect();
    if rows.is_empty() {
        bail!("no {what} is left: each that is asked for is also left out");
    }
    Ok(Some(rows))
}

fn nearest(names: impl Iterator<Item = (f64, String)>) -> Vec<String> {
    let mut alike: Vec<_> = names.filter(|(alike, _)| *alike >= LEAST_ALIKE).collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    alike.into_iter().take(MOST_OFFERED).map(|(_, name)| name).collect()
}

fn not_there(what: &str, offered: &[String]) -> anyhow::Error {
    if offered.is_empty() { anyhow!("{what}") } else { anyhow!("{what}; did you mean {}?", offered.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_found_by_what_people_type() -> Result<()> {
        let mut vocabulary = Vocabulary::default();
        for (id, label, synonym) in [
            ("Disease::DOID:10652", "Alzheimer's disease", "AD"),
            ("Disease::DOID:3310", "atopic dermatitis", "AD"),
            ("Gene::1", "APOE", ""),
            ("Pathway::1", "APOE", "lipids"),
        ] {
            let row = vocabulary.entity_or_add(id);
            let entity = vocabulary.entity(row).cloned();
            if let Some(mut entity) = entity {
                (entity.label, entity.synonyms) = (label.to_owned(), vec![synonym.to_owned()]);
                vocabulary.rename(row, &entity);
            }
        }
        for said in ["Disease::DOID:10652", "doid:10652", "alzheimer's Disease "] {
            assert_eq!(entity(&vocabulary, said)?, EntityId(0), "{said}");
        }
        assert_eq!(entity(&vocabulary, "LIPIDS")?, EntityId(3));
        let error = |said| entity(&vocabulary, said).map_or_else(|error| error.to_string(), |row| format!("{row:?}"));
        assert!(error("AD").contains("2 entities") && error("APOE").contains("Pathway::1 (APOE)"));
        assert!(error("1").contains("2 entities"));
        assert!(error("Alzheimer disease").contains("did you mean Disease::DOID:10652"));
        assert!(!error("zzz").contains("did you mean"));
        Ok(())
    }

    #[test]
    fn filters_take_patterns_and_say_what_is_not_there() -> Result<()> {
        let names = ["GNBR::T::Compound:Disease", "GNBR::G::Gene:Disease", "DRUGBANK::treats::Compound:Disease"];
        let of = |with: &[&str], without: &[&str]| {
            let list = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            filter("relation", &names, &list(with), &list(without))
        };
        assert_eq!(of(&[], &[])?, None);
        assert_eq!(of(&["GNBR::*"], &[])?, Some(vec![0, 1]));
        assert_eq!(of(&[], &["*::Gene:Disease"])?, Some(vec![0, 2]));
        assert_eq!(of(&["GNBR::*", names[2]], &["*T*"])?, Some(vec![1, 2]));
        assert!(of(&["GNBR::T::Compound:Diseases"], &[]).is_err_and(|error| error.to_string().contains(names[0])));
        assert!(of(&["GNBR::*"], &["*"]).is_err());
        Ok(())
    }
}
