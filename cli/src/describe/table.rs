//! Descriptions from a table: `entity, text, source, licence, via` or `id, original, good`, as TSV, plain or gzip'd.
//!
//! A row finds its entity by identifier (`Gene::5742`); else by what `via` names, since a text may be about the same
//! thing under another identifier; else by the bare identifier or the name where only one entity has it. The first row
//! of an entity counts, and rows that name it directly come before those that do not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lladr_core::graph::Vocabulary;
use lladr_core::ids::EntityId;
use lladr_core::pack::Source;
use lladr_core::settings::Template;

use super::form;
use crate::import;

/// More than this is no table of descriptions.
const MOST_BYTES: u64 = 4 << 30;

/// What a table held.
#[derive(Default)]
pub struct Table {
    /// Entity, template, text.
    pub texts: Vec<(EntityId, Template, String)>,
    /// Where they come from; one line per source and licence.
    pub sources: Vec<Source>,
    /// Rows by how they found their entity.
    pub matched: BTreeMap<&'static str, usize>,
    /// What rows called entities that the pack lacks.
    pub strangers: Vec<String>,
    /// Rows about an entity that had one.
    pub repeats: usize,
    /// Rows without a text.
    pub empty: usize,
}

/// A row whose entity was found.
struct Found<'a> {
    way: usize,
    entity: EntityId,
    /// Texts by template, and the number of the row.
    texts: [&'a str; 2],
    source: (&'a str, &'a str),
}

/// How an entity was found, the surest first.
const WAYS: [&str; 4] = ["by identifier", "by the identifier in via", "by the bare identifier", "by name"];

/// Reads a table for the entities of `vocabulary`. A single column of texts goes to `templates`.
pub fn read(path: &Path, vocabulary: &Vocabulary, templates: &[Template]) -> Result<Table> {
    let mut bytes = Vec::new();
    let failed = || format!("cannot read {}", path.display());
    import::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{} is larger than a table of descriptions can be", path.display());
    }
    let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8 text", path.display()))?;
    of_text(&text, vocabulary, templates).with_context(|| path.display().to_string())
}

fn of_text(text: &str, vocabulary: &Vocabulary, templates: &[Template]) -> Result<Table> {
    let mut lines = text.lines().zip(1usize..);
    let header: Vec<&str> = lines.next().map(|(line, _)| line.split('\t').collect()).unwrap_or_default();
    let at = |names: &[&str]| header.iter().position(|column| names.contains(column));
    let id = at(&["entity", "id"]);
    let (single, original, good) = (at(&["text"]), at(&["original"]), at(&["good"]));
    let Some(id) = id.filter(|_| single.or(original).or(good).is_some()) else {
        bail!(
            "its first line is no header with the columns entity and text (with source, licence and via where they \
             are known), or id, original and good; columns are separated by TAB"
        );
    };
    let (source, licence, via) = (at(&["source"]), at(&["licence", "license"]), at(&["via"]));
    let names = Names::of(vocabulary);
    let mut table = Table::default();
    let mut found: Vec<Found<'_>> = Vec::new();
    for (line, number) in lines.filter(|(line, _)| !line.is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != header.len() {
            bail!("line {number} has {} columns, its header {}", cells.len(), header.len());
        }
        let cell = |at: Option<usize>| at.map_or("", |at| cells[at].trim());
        let texts = match single {
            Some(_) => [Template::Original, Template::Good]
                .map(|template| if templates.contains(&template) { cell(single) } else { "" }),
            None => [cell(original), cell(good)],
        };
        if texts.iter().all(|text| text.is_empty()) {
            table.empty += 1;
            continue;
        }
        match names.find(vocabulary, cell(Some(id)), cell(via)) {
            Some((way, entity)) => {
                found.push(Found { way, entity, texts, source: (cell(source), cell(licence)) });
            }
            None => table.strangers.push(cell(Some(id)).to_owned()),
        }
    }
    // Sorting is stable: rows found the same way stay in their order.
    found.sort_by_key(|row| row.way);
    let mut taken = vec![false; vocabulary.entities().len()];
    let mut sources: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in found {
        let Some(entity) = vocabulary.entity(row.entity) else { continue };
        if std::mem::replace(&mut taken[row.entity.index()], true) {
            table.repeats += 1;
            continue;
        }
        *table.matched.entry(WAYS[row.way]).or_default() += 1;
        sources.insert(row.source);
        for (template, text) in [Template::Original, Template::Good].into_iter().zip(row.texts) {
            if !text.is_empty() {
                table.texts.push((row.entity, template, form::given(entity, &clean(text))));
            }
        }
    }
    let named = sources.into_iter().filter(|(source, _)| !source.is_empty());
    table.sources = named
        .map(|(name, licence)| Source {
            name: name.to_owned(),
            licence: if licence.is_empty() { "not stated".to_owned() } else { licence.to_owned() },
            used_for: "descriptions, brought into the form \"[entity] is …\"".to_owned(),
        })
        .collect();
    Ok(table)
}

/// Entities by what else they may be called; `None` where several are.
struct Names {
    bare: HashMap<String, Option<EntityId>>,
    names: HashMap<String, Option<EntityId>>,
}

impl Names {
    fn of(vocabulary: &Vocabulary) -> Self {
        let mut all = Names { bare: HashMap::new(), names: HashMap::new() };
        for (row, entity) in (0..).map(EntityId).zip(vocabulary.entities()) {
            let add = |map: &mut HashMap<String, Option<EntityId>>, name: &str| {
                let known = map.entry(name.to_lowercase()).or_insert(Some(row));
                if *known != Some(row) {
                    *known = None;
                }
            };
            add(&mut all.bare, entity.id.split_once("::").map_or(&entity.id, |(_, bare)| bare));
            add(&mut all.names, &entity.label);
            entity.synonyms.iter().for_each(|name| add(&mut all.names, name));
        }
        all
    }

    /// The entity, and the place in [`WAYS`] of how it was found.
    fn find(&self, vocabulary: &Vocabulary, id: &str, via: &str) -> Option<(usize, EntityId)> {
        let only =
            |map: &HashMap<String, Option<EntityId>>, name: &str| map.get(&name.to_lowercase()).copied().flatten();
        if let Some(row) = vocabulary.entity_row(id) {
            return Some((0, row));
        }
        let kind = id.split_once("::").map(|(kind, _)| kind);
        let of_via = kind.filter(|_| !via.is_empty()).and_then(|kind| vocabulary.entity_row(&format!("{kind}::{via}")));
        if let Some(row) = of_via {
            return Some((1, row));
        }
        // An identifier with a type that is not in the pack is not somebody's name.
        if kind.is_some() || id.is_empty() {
            return None;
        }
        only(&self.bare, id).map(|row| (2, row)).or_else(|| only(&self.names, id).map(|row| (3, row)))
    }
}

/// Plain words: wiki links become their label, marks of references go, and the relations that ontologies write into
/// definitions (`located_in`) become words.
fn clean(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (inside, after))) =
        rest.split_once('[').and_then(|(before, after)| Some((before, after.split_once(']')?)))
    {
        plain += before;
        let is_link = inside.starts_with("http");
        if is_link {
            plain += inside.split_once(' ').map_or("", |(_, label)| label);
        } else if !inside.chars().all(|c| c.is_ascii_digit() || c == ',') {
            plain += &format!("[{inside}]");
        }
        rest = after;
    }
    plain += rest;
    let word = |word: &str| {
        let is_relation = word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if is_relation { word.replace('_', " ") } else { word.to_owned() }
    };
    plain.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for (id, label) in [
            ("Disease::DOID:1", "asthma"),
            ("Disease::MESH:2", "gout"),
            ("Gene::5742", "PTGS1"),
            ("Anatomy::5742", "nose"),
        ] {
            let row = vocabulary.entity_or_add(id);
            vocabulary.set_label(row, label);
        }
        vocabulary
    }

    fn read(text: &str) -> Result<Table> {
        of_text(text, &vocabulary(), &[Template::Good])
    }

    #[test]
    fn rows_find_their_entities_and_the_surest_way_wins() -> Result<()> {
        let table = read(
            "entity\ttext\tsource\tlicence\tvia\n\
             Disease::MESH:9\tA second text.\tB\tCC0-1.0\tDOID:1\n\
             Disease::DOID:1\tA lung disease located_in [http://x the lungs][1].\tA\tCC0-1.0\t\n\
             gout\tA joint disease.\tA\tCC0-1.0\t\n\
             5742\tambiguous\tA\tCC0-1.0\t\n\
             Gene::9\tunknown\tA\tCC0-1.0\t\n\
             Gene::5742\t\tA\tCC0-1.0\t\n",
        )?;
        let texts: Vec<&str> = table.texts.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(texts, ["asthma is a lung disease located in the lungs.", "gout is a joint disease."]);
        assert_eq!((table.strangers.len(), table.repeats, table.empty), (2, 1, 1));
        assert_eq!(table.sources.len(), 1, "the text of B was not taken: {:?}", table.sources);
        Ok(())
    }

    #[test]
    fn both_columns_of_the_other_form_are_read() -> Result<()> {
        let table = read("id\toriginal\tgood\nGene::5742\tPTGS1 is a gene.\tPTGS1 is an enzyme.\n")?;
        assert_eq!(table.texts.len(), 2);
        assert_eq!(table.texts[1].1, Template::Good);
        Ok(())
    }

    #[test]
    fn a_table_of_another_kind_says_what_is_expected() {
        let wrong = |text: &str| read(text).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(wrong("").contains("header"));
        assert!(wrong("head\trelation\ttail\n").contains("entity and text"));
        assert!(wrong("entity\ttext\nGene::5742\n").contains("line 2"));
    }
}
