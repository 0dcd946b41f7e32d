//! NCBI Gene's `gene_info`: the symbol is the name, the full name comes first among the synonyms.
//!
//! Columns: <https://ftp.ncbi.nlm.nih.gov/gene/DATA/README>; `-` stands for nothing.

use super::keys::key;
use super::table::{Format, Row, Shape, Skip};

/// `Homo_sapiens.gene_info` and those of other species.
pub const GENE_INFO: Format = Format {
    name: "gene-info",
    source: "NCBI Gene",
    licence: "public domain (US government work)",
    shape: Shape::Columns(&["geneid", "symbol", "synonyms", "description"], |cells| {
        let symbol = cells.get("symbol");
        // A gene that is announced and has no record yet.
        if symbol == "NEWENTRY" {
            return Err(Skip::OtherKind);
        }
        let full = cells.get("full_name_from_nomenclature_authority");
        let full = if full.is_empty() { cells.get("description") } else { full };
        let row = Row {
            also: Vec::from_iter((!full.is_empty()).then_some(full)),
            ..Row::named(key("entrez", &cells.get("geneid")), &symbol)?
        };
        Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
    }),
};
