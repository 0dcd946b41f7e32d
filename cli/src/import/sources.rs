//! Where the triples of a graph in DRKG's naming come from: the source stands before the first colons of a relation.
//!
//! Licences as DRKG's README and the sources state them; where none is stated, that is said.

use lladr_core::pack::Source;

/// Prefix of relations, name, licence.
const SOURCES: [(&str, &str, &str); 7] = [
    ("DRUGBANK", "DrugBank", "CC BY-NC 4.0"),
    ("GNBR", "GNBR, Global Network of Biomedical Relationships", "CC BY-NC 4.0"),
    (
        "Hetionet",
        "Hetionet v1.0",
        "CC0 1.0 for its own content; its sources mixed, SIDER CC BY-NC-SA and DrugBank CC BY-NC among them",
    ),
    ("STRING", "STRING", "CC BY-NC 4.0"),
    ("INTACT", "IntAct", "Apache-2.0"),
    ("DGIDB", "DGIdb", "not stated in DRKG"),
    ("bioarx", "Bibliography on SARS-CoV-2 used by DRKG", "not stated in DRKG"),
];

/// The sources of these relations, in the order above, with the number of triples of each.
pub fn of_relations(relations: &[(String, u64)]) -> Vec<Source> {
    let found = SOURCES.iter().filter_map(|(prefix, name, licence)| {
        let own = |id: &str| id.split("::").next() == Some(prefix);
        let count: u64 = relations.iter().filter(|(id, _)| own(id)).map(|(_, count)| count).sum();
        let used_for = format!("{count} triples");
        (count > 0).then(|| Source { name: (*name).to_owned(), licence: (*licence).to_owned(), used_for })
    });
    found.collect()
}
