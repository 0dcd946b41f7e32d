//! Tables in TSV: a header line, then one entity or relation a line; lists are joined with `|`.

use crate::error::{Error, Result};
use crate::graph::{Entity, Relation, Vocabulary};

const ENTITY_COLUMNS: [&str; 4] = ["id", "name", "synonyms", "area"];
/// A pack has no more types of entities: a type is one byte on its way to the page.
pub const MOST_TYPES: usize = 256;
const RELATION_COLUMNS: [&str; 2] = ["id", "words"];

/// Reads rows of a fixed number of columns after checking the header.
pub fn read_rows<const N: usize>(
    file: &str,
    bytes: &[u8],
    columns: [&str; N],
    mut row: impl FnMut([&str; N]) -> Result<()>,
) -> Result<()> {
    read_lines(file, bytes, &columns, &mut |cells| match cells.try_into() {
        Ok(cells) => row(cells),
        Err(_) => Ok(()),
    })
}

/// The same for any number of columns: compiled once.
fn read_lines(file: &str, bytes: &[u8], columns: &[&str], row: &mut dyn FnMut(&[&str]) -> Result<()>) -> Result<()> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Error::pack(file, format!("line {line} is not UTF-8 text"))
    })?;
    let mut lines = text.lines().zip(1u64..);
    match lines.next() {
        None => return Err(Error::pack(file, "it is empty")),
        Some((header, _)) if header.split('\t').ne(columns.iter().copied()) => {
            return Err(Error::pack(file, format!("its header is not {}", columns.join(", "))));
        }
        Some(_) => {}
    }
    let mut cells = Vec::with_capacity(columns.len());
    for (text, line) in lines {
        cells.clear();
        cells.extend(text.split('\t'));
        if cells.len() != columns.len() {
            let (found, expected) = (cells.len(), columns.len());
            let what = format!("line {line} has {found} columns, {expected} were expected ({})", columns.join(", "));
            return Err(Error::pack(file, what));
        }
        row(&cells).map_err(|error| Error::pack(file, format!("line {line}: {error}")))?;
    }
    Ok(())
}

/// Reads both tables into a vocabulary.
///
/// # Errors
/// [`Error::Pack`] with the line of the first bad row.
pub fn read_vocabulary(entities: (&str, &[u8]), relations: (&str, &[u8])) -> Result<Vocabulary> {
    let mut vocabulary = Vocabulary::default();
    read_rows(entities.0, entities.1, ENTITY_COLUMNS, |[id, label, synonyms, area]| {
        let Some((kind, _)) = id.split_once("::").filter(|(kind, rest)| !kind.is_empty() && !rest.is_empty()) else {
            return Err(Error::Settings(format!("{id:?} does not have the form Type::identifier")));
        };
        let kind = vocabulary.add_type(kind);
        if vocabulary.types().len() > MOST_TYPES {
            return Err(Error::Settings(format!("more than {MOST_TYPES} entity types")));
        }
        let label = if label.is_empty() { id } else { label };
        let synonyms = synonyms.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        vocabulary.add_entity(Entity {
            id: id.to_owned(),
            label: label.to_owned(),
            kind,
            synonyms,
            area: area.to_owned(),
        })?;
        Ok(())
    })?;
    read_rows(relations.0, relations.1, RELATION_COLUMNS, |[id, words]| {
        vocabulary.add_relation(Relation { id: id.to_owned(), words: words.to_owned() })?;
        Ok(())
    })?;
    Ok(vocabulary)
}

/// Entities and relations as TSV.
pub fn write_vocabulary(vocabulary: &Vocabulary) -> (Vec<u8>, Vec<u8>) {
    // A cell cannot hold the characters that separate cells, rows and list items.
    let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let mut entities = ENTITY_COLUMNS.join("\t") + "\n";
    for entity in vocabulary.entities() {
        let synonyms: Vec<_> = entity.synonyms.iter().map(|name| clean(name).replace('|', "/")).collect();
        let cells = [clean(&entity.id), clean(&entity.label), synonyms.join("|"), clean(&entity.area)];
        entities += &(cells.join("\t") + "\n");
    }
    let mut relations = RELATION_COLUMNS.join("\t") + "\n";
    for relation in vocabulary.relations() {
        relations += &format!("{}\t{}\n", clean(&relation.id), clean(&relation.words));
    }
    (entities.into_bytes(), relations.into_bytes())
}
