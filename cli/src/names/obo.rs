//! OBO 1.2 and 1.4, as Disease Ontology, Gene Ontology, Uberon and ChEBI publish it: stanzas of `tag: value` lines.
//!
//! Read of a `[Term]`: `id`, `alt_id`, `name`, `synonym` (exact ones count as names, broad and narrow ones do not),
//! `xref`, `is_a`, `is_obsolete`. Areas of diseases follow from `is_a` once the whole file is known.
//! Format: <https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html>.

use std::collections::HashMap;

use anyhow::Result;

use super::areas;
use super::keys::curie;
use super::table::{Each, Format, Lines, Row, Shape, Skip};

/// `doid.obo`, `go-basic.obo`, `uberon-basic.obo`, `chebi.obo`, ….
pub const OBO: Format = Format {
    name: "obo",
    source: "OBO ontology",
    licence: "",
    shape: Shape::Lines(|start| start.starts_with("format-version:") || start.contains("\n[Term]"), read),
};

/// Name and licence of an ontology by the `ontology:` line of its header; those of the format for any other.
pub fn publisher(start: &str) -> (&'static str, &'static str) {
    let name = start.lines().find_map(|line| line.strip_prefix("ontology:")).unwrap_or_default();
    // Releases for a purpose are called `uberon/basic`, `go/extensions/…`.
    match name.trim().split(['/', '.', '-']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "doid" => ("Disease Ontology", "CC0 1.0"),
        "go" => ("Gene Ontology", "CC BY 4.0"),
        "uberon" => ("Uberon", "CC BY 3.0"),
        "chebi" => ("ChEBI", "CC BY 4.0"),
        "mondo" => ("Mondo Disease Ontology", "CC BY 4.0"),
        _ => (OBO.source, OBO.licence),
    }
}

/// A disease, its parents and what else it is called: kept until areas are known.
struct Disease {
    id: String,
    parents: Vec<String>,
    xrefs: Vec<String>,
}

fn read(lines: &mut Lines, each: Each<'_>) -> Result<()> {
    let mut diseases: Vec<Disease> = Vec::new();
    let mut term: Option<Stanza> = None;
    loop {
        let line = lines.next()?;
        if line.as_ref().is_none_or(|line| line.starts_with('[')) {
            match term.take() {
                None => {}
                Some(Stanza { is_obsolete: true, .. }) => each(Err(Skip::Obsolete)),
                Some(Stanza { row, .. }) if row.own.is_empty() => each(Err(Skip::NoIdentifier)),
                Some(Stanza { row, parents, .. }) => {
                    if let Some(id) = row.own.first().filter(|id| id.starts_with("doid:")) {
                        diseases.push(Disease { id: id.clone(), parents, xrefs: row.xrefs.clone() });
                    }
                    each(Ok(row));
                }
            }
        }
        let Some(line) = line else { break };
        if line == "[Term]" {
            term = Some(Stanza::default());
        } else if let (Some(term), Some((tag, value))) = (&mut term, line.split_once(": ")) {
            term.take(tag, value);
        }
    }
    let parents: HashMap<&str, &[String]> = diseases.iter().map(|d| (d.id.as_str(), d.parents.as_slice())).collect();
    for disease in &diseases {
        if let Some(area) = areas::by_ancestors(&disease.id, &parents) {
            let (own, xrefs) = (vec![disease.id.clone()], disease.xrefs.clone());
            each(Ok(Row { own, xrefs, area: area.to_owned(), is_more: true, ..Row::default() }));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Stanza {
    row: Row,
    parents: Vec<String>,
    is_obsolete: bool,
}

impl Stanza {
    fn take(&mut self, tag: &str, value: &str) {
        let row = &mut self.row;
        // `! name` behind an identifier is a comment, `{…}` a modifier.
        let first = value.split([' ', '{']).next().unwrap_or(value);
        match tag {
            "id" => row.own.splice(0..0, curie(first)).for_each(drop),
            "alt_id" => row.own.extend(curie(first)),
            "name" => row.name = unescaped(value),
            "synonym" => {
                if let Some((name, scope)) = quoted(value) {
                    match scope.split_whitespace().next() {
                        Some("EXACT") => row.synonyms.push(name),
                        // Chemical names are `RELATED` in ChEBI; formulas and structures are, too, and have a type.
                        Some("RELATED")
                            if !scope.contains("FORMULA") && !scope.contains("SMILES") && !scope.contains("InChI") =>
                        {
                            row.synonyms.push(name);
                        }
                        _ => {}
                    }
                }
            }
            "xref" => row.xrefs.extend(curie(first)),
            "is_a" => self.parents.extend(curie(first)),
            "is_obsolete" => self.is_obsolete = value.trim() == "true",
            _ => {}
        }
    }
}

/// The text in the first quotes, and what follows.
fn quoted(value: &str) -> Option<(String, &str)> {
    let inside = value.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inside.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        ends
    });
    let (end, _) = end?;
    Some((unescaped(&inside[..end]), &inside[end + 1..]))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => match characters.next() {
                Some('n' | 't' | 'W') => out.push(' '),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}
