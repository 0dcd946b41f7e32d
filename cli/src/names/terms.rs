//! What surrounds drugs and diseases: anatomy, side effects, pathways, pharmacologic classes.

use anyhow::Result;

use super::keys::{curie, key};
use super::table::{Each, Format, Lines, Row, Shape, Skip};

/// `uberon_id`, `uberon_name`.
pub const UBERON: Format = Format {
    name: "uberon",
    source: "Uberon",
    licence: "CC BY 3.0",
    shape: Shape::Columns(&["uberon_id", "uberon_name"], |cells| {
        Row::named(curie(&cells.get("uberon_id")), &cells.get("uberon_name"))
    }),
};

const SIDER_SOURCE: &str = "SIDER (terms of MedDRA)";
const SIDER_LICENCE: &str = "CC BY-NC-SA 4.0";

/// `umls_cui_from_meddra`, `side_effect_name`.
pub const SIDER_TERMS: Format = Format {
    name: "sider-terms",
    source: SIDER_SOURCE,
    licence: SIDER_LICENCE,
    shape: Shape::Columns(&["umls_cui_from_meddra", "side_effect_name"], |cells| {
        Row::named(key("umls", &cells.get("umls_cui_from_meddra")), &cells.get("side_effect_name"))
    }),
};

/// `meddra_all_se.tsv`, without a header: two STITCH identifiers, UMLS concept on the label, kind of MedDRA term (`PT`
/// preferred, `LLT` lowest level), UMLS concept of the term, its name.
pub const SIDER: Format = Format {
    name: "sider",
    source: SIDER_SOURCE,
    licence: SIDER_LICENCE,
    shape: Shape::Lines(|start| start.starts_with("CID1") && start.lines().next().is_some_and(is_sider), read_sider),
};

fn is_sider(line: &str) -> bool {
    let cells: Vec<&str> = line.split('\t').collect();
    cells.len() == 6 && matches!(cells[3], "PT" | "LLT" | "")
}

fn read_sider(lines: &mut Lines, each: Each<'_>) -> Result<()> {
    while let Some(line) = lines.next()? {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, _, _, kind, concept, name] = cells[..] else {
            if !line.is_empty() {
                each(Err(Skip::NoIdentifier));
            }
            continue;
        };
        let row = Row::named(key("umls", concept), if kind == "PT" { name } else { "" });
        each(row.map(|row| if kind == "PT" { row } else { Row { synonyms: vec![name.to_owned()], ..row } }));
    }
    Ok(())
}

/// Pathways of Hetionet, from WikiPathways, Reactome and PID.
pub const PATHWAYS: Format = Format {
    name: "pathways",
    source: "Pathways of WikiPathways, Reactome and the Pathway Interaction Database",
    licence: "WikiPathways CC BY 3.0; Reactome CC BY 4.0; PID CC0 1.0",
    shape: Shape::Columns(&["identifier", "name", "n_genes"], |cells| {
        Row::named(key("pathway", &cells.get("identifier")), &cells.get("name"))
    }),
};

/// Pharmacologic classes: of NDF-RT (`N…`), of MeSH (`D…`) and of ChEBI.
pub const DRUGCENTRAL: Format = Format {
    name: "drugcentral",
    source: "DrugCentral",
    licence: "CC BY-SA 4.0",
    shape: Shape::Columns(&["class_id", "class_name", "class_type"], |cells| {
        let (id, name) = (cells.get("class_id"), cells.get("class_name"));
        let scheme = if id.starts_with('D') { "mesh" } else { "ndfrt" };
        Row::named(curie(&id).unwrap_or_else(|| key(scheme, &id)), &name)
    }),
};
