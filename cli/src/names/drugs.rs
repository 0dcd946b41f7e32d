//! Drugs and other chemicals: DrugBank's vocabulary, ChEBI's and ChEMBL's tables, CTD's chemicals, ATC codes.
//!
//! ChEBI has `compounds.tsv` and `names.tsv`, both with an older set of columns in upper case and a newer one in lower
//! case; columns are told whatever their case. ChEMBL publishes no table of names: what is read is an export of
//! `molecule_dictionary` (`chembl_id`, `pref_name`) or the file that its web site offers for compounds.

use super::keys::{curie, key};
use super::table::{Cells, Format, Row, Shape};

/// `drugbank vocabulary.csv`. Accession numbers are identifiers that a drug had before.
pub const DRUGBANK: Format = Format {
    name: "drugbank",
    source: "DrugBank vocabulary",
    licence: "CC0 1.0",
    shape: Shape::Columns(&["drugbank id", "accession numbers", "common name", "synonyms"], |cells| {
        let mut row = Row::named(key("drugbank", &cells.get("drugbank id")), &cells.get("common name"))?;
        let older = cells.get("accession numbers");
        let older = older.split('|').map(str::trim).filter(|id| !id.is_empty());
        row.own.extend(older.map(|id| key("drugbank", id)));
        Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
    }),
};

const CHEBI_SOURCE: &str = "ChEBI";
const CHEBI_LICENCE: &str = "CC BY 4.0";

/// `compounds.tsv`.
pub const CHEBI_COMPOUNDS: Format = Format {
    name: "chebi-compounds",
    source: CHEBI_SOURCE,
    licence: CHEBI_LICENCE,
    shape: Shape::Columns(&["chebi_accession", "name"], |cells| {
        Row::named(curie(&cells.get("chebi_accession")), &chebi_name(cells))
    }),
};

/// `names.tsv`: synonyms only, names are in `compounds.tsv`.
pub const CHEBI_NAMES: Format = Format {
    name: "chebi-names",
    source: CHEBI_SOURCE,
    licence: CHEBI_LICENCE,
    shape: Shape::Columns(&["compound_id", "type", "name"], |cells| {
        let mut row = Row::named(key("chebi", &cells.get("compound_id")), "")?;
        row.synonyms.push(chebi_name(cells));
        Ok(row)
    }),
};

/// The name without markup, where there are two columns of names.
fn chebi_name(cells: &Cells<'_>) -> String {
    let plain = cells.get("ascii_name");
    if plain.is_empty() { cells.get("name") } else { plain }
}

const CHEMBL_SOURCE: &str = "ChEMBL";
const CHEMBL_LICENCE: &str = "CC BY-SA 3.0";

/// An export of `molecule_dictionary`.
pub const CHEMBL: Format = Format {
    name: "chembl",
    source: CHEMBL_SOURCE,
    licence: CHEMBL_LICENCE,
    shape: Shape::Columns(&["chembl_id", "pref_name"], |cells| {
        let row = Row::named(key("chembl", &cells.get("chembl_id")), &uncapitalised(&cells.get("pref_name")))?;
        Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
    }),
};

/// Compounds as the web site exports them.
pub const CHEMBL_WEB: Format = Format {
    name: "chembl-web",
    source: CHEMBL_SOURCE,
    licence: CHEMBL_LICENCE,
    shape: Shape::Columns(&["chembl id", "name", "synonyms"], |cells| {
        let row = Row::named(key("chembl", &cells.get("chembl id")), &uncapitalised(&cells.get("name")))?;
        Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
    }),
};

/// ChEMBL shouts: `ASPIRIN` becomes `Aspirin`. Codes such as `BMS-754807`, and anything not all in capitals, stay.
fn uncapitalised(name: &str) -> String {
    let is_word = name.len() > 4 && name.chars().all(|c| c.is_uppercase() || c == ' ');
    if !is_word {
        return name.to_owned();
    }
    let mut characters = name.chars();
    characters.next().map_or(String::new(), |first| first.to_string() + &characters.as_str().to_lowercase())
}

/// `CTD_chemicals.tsv`: names of MeSH's headings and supplementary concepts.
pub const CTD: Format = Format {
    name: "ctd-chemicals",
    source: "Comparative Toxicogenomics Database",
    licence: "CTD's terms: free for research and teaching, commercial use by agreement",
    shape: Shape::Columns(&["chemicalname", "chemicalid", "synonyms"], |cells| {
        let id = cells.get("chemicalid");
        let row = Row::named(curie(&id).unwrap_or_else(|| key("mesh", &id)), &cells.get("chemicalname"))?;
        Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
    }),
};

/// `atc_code`, `atc_name`.
pub const ATC: Format = Format {
    name: "atc",
    source: "ATC classification (WHO Collaborating Centre for Drug Statistics Methodology)",
    licence: "WHO CC's terms: use with the source named, no commercial distribution",
    shape: Shape::Columns(&["atc_code", "atc_name"], |cells| {
        Row::named(key("atc", &cells.get("atc_code")), &cells.get("atc_name"))
    }),
};

#[cfg(test)]
mod tests {
    use super::uncapitalised;

    #[test]
    fn words_in_capitals_are_words_and_codes_stay() {
        assert_eq!(uncapitalised("ASPIRIN"), "Aspirin");
        assert_eq!(uncapitalised("FOLIC ACID"), "Folic acid");
        for code in ["BMS-754807", "TNF", "Aspirin", ""] {
            assert_eq!(uncapitalised(code), code);
        }
    }
}
