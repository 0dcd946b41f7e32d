//! Disease Ontology as tables (names, slim terms, cross references) and CTD's vocabulary of diseases.
//!
//! The four tables of Disease Ontology are those that Hetionet was built from; `doid.obo` is read by `obo.rs`.

use super::areas;
use super::keys::{curie, key};
use super::table::{Format, Row, Shape, Skip};

const SOURCE: &str = "Disease Ontology";
const LICENCE: &str = "CC0 1.0";

/// `doid`, `name`, `type`: a name or a synonym a line.
pub const DO_NAMES: Format = Format {
    name: "do-names",
    source: SOURCE,
    licence: LICENCE,
    shape: Shape::Columns(&["doid", "name", "type"], |cells| {
        let (id, name) = (curie(&cells.get("doid")), cells.get("name"));
        match cells.get("type").as_str() {
            "name" => Row::named(id, &name),
            "exact-synonym" | "related-synonym" => Ok(Row { synonyms: vec![name], ..Row::named(id, "")? }),
            _ => Err(Skip::OtherKind),
        }
    }),
};

/// `doid`, `name`, `source`, `pathophysiology`: the last one gives an area where it is one.
pub const DO_SLIM: Format = Format {
    name: "do-slim",
    source: SOURCE,
    licence: LICENCE,
    shape: Shape::Columns(&["doid", "name", "pathophysiology"], |cells| {
        let row = Row::named(curie(&cells.get("doid")), &cells.get("name"))?;
        Ok(Row { area: areas::by_words(&cells.get("pathophysiology")).unwrap_or_default().into(), ..row })
    }),
};

/// `doid_code`, `doid_name`, `resource`, `resource_id`.
pub const DO_XREFS: Format = Format {
    name: "do-xrefs",
    source: SOURCE,
    licence: LICENCE,
    shape: Shape::Columns(&["doid_code", "doid_name", "resource", "resource_id"], |cells| {
        let row = Row::named(curie(&cells.get("doid_code")), &cells.get("doid_name"))?;
        Ok(Row { xrefs: vec![key(&cells.get("resource"), &cells.get("resource_id"))], ..row })
    }),
};

/// `id`, `label`, `xrefs`: what Disease Ontology has in MeSH.
pub const DO_MESH: Format = Format {
    name: "do-mesh",
    source: SOURCE,
    licence: LICENCE,
    shape: Shape::Columns(&["id", "label", "xrefs"], |cells| {
        let row = Row::named(curie(&cells.get("id")), &cells.get("label"))?;
        Ok(Row { xrefs: cells.get("xrefs").split(['|', ',']).filter_map(curie).collect(), ..row })
    }),
};

/// `CTD_diseases.tsv`: names of MeSH and OMIM, with areas.
pub const CTD: Format = Format {
    name: "ctd-diseases",
    source: "Comparative Toxicogenomics Database",
    licence: "CTD's terms: free for research and teaching, commercial use by agreement",
    shape: Shape::Columns(&["diseasename", "diseaseid", "synonyms"], |cells| {
        let mut row = Row::named(curie(&cells.get("diseaseid")), &cells.get("diseasename"))?;
        row.xrefs = cells.get("altdiseaseids").split('|').filter_map(curie).collect();
        row.area = areas::by_words(&cells.get("slimmappings")).unwrap_or_default().into();
        Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
    }),
};
