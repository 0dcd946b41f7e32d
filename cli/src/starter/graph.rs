//! From tables to triples in DRKG's vocabulary.
//!
//! A table names its partners as people do; here each name must resolve to exactly one entity of the
//! right type. Errors name the table's row, so that they can be mended at the source.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, anyhow, bail};
use lladr_core::graph::{Entity, Relation, Triple, Vocabulary, relation_words};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Case, Caution, CautionKind, Evidence, Grade, Notes};

use super::tables::{Row, Tables};

/// A list column of a table and the relation it states.
struct Column {
    table: &'static str,
    column: &'static str,
    relation: &'static str,
    partner: &'static str,
    /// Whether the row's own entity is the tail.
    is_reversed: bool,
}

const fn states(table: &'static str, column: &'static str, relation: &'static str, partner: &'static str) -> Column {
    Column { table, column, relation, partner, is_reversed: false }
}

/// Every list column, in the order of the relations in the pack.
const COLUMNS: &[Column] = &[
    states("Compound", "approved", TREATMENTS[0], "Disease"),
    states("Compound", "off_label", TREATMENTS[1], "Disease"),
    states("Compound", "investigational", TREATMENTS[1], "Disease"),
    states("Compound", "palliates", TREATMENTS[2], "Disease"),
    states("Compound", "adverse", "GNBR::Sa::Compound:Disease", "Disease"),
    states("Compound", "targets", "DRUGBANK::target::Compound:Gene", "Gene"),
    states("Compound", "enzymes", "DRUGBANK::enzyme::Compound:Gene", "Gene"),
    states("Compound", "carriers", "DRUGBANK::carrier::Compound:Gene", "Gene"),
    states("Compound", "side_effects", "Hetionet::CcSE::Compound:Side Effect", "Side Effect"),
    states("Compound", "serious_effects", "Hetionet::CcSE::Compound:Side Effect", "Side Effect"),
    Column {
        is_reversed: true,
        ..states("Compound", "classes", "Hetionet::PCiC::Pharmacologic Class:Compound", "Pharmacologic Class")
    },
    states("Compound", "atc", "DRUGBANK::x-atc::Compound:Atc", "Atc"),
    states("Compound", "interacts", "DRUGBANK::ddi-interactor-in::Compound:Compound", "Compound"),
    states("Disease", "genes", "Hetionet::DaG::Disease:Gene", "Gene"),
    states("Disease", "symptoms", "Hetionet::DpS::Disease:Symptom", "Symptom"),
    states("Disease", "anatomy", "Hetionet::DlA::Disease:Anatomy", "Anatomy"),
    states("Disease", "resembles", "Hetionet::DrD::Disease:Disease", "Disease"),
    states("Gene", "pathways", "Hetionet::GpPW::Gene:Pathway", "Pathway"),
    states("Gene", "processes", "Hetionet::GpBP::Gene:Biological Process", "Biological Process"),
    states("Gene", "functions", "Hetionet::GpMF::Gene:Molecular Function", "Molecular Function"),
    states("Gene", "components", "Hetionet::GpCC::Gene:Cellular Component", "Cellular Component"),
    Column { is_reversed: true, ..states("Gene", "expressed", "Hetionet::AeG::Anatomy:Gene", "Anatomy") },
    states("Gene", "interacts", "Hetionet::GiG::Gene:Gene", "Gene"),
];

/// Relations that state a treatment, the most trusted first.
pub const TREATMENTS: [&str; 3] =
    ["Hetionet::CtD::Compound:Disease", "GNBR::T::Compound:Disease", "Hetionet::CpD::Compound:Disease"];

/// What a column of treatments says about their support.
const GRADES: [(&str, Grade); 4] = [
    ("approved", Grade::Approved),
    ("off_label", Grade::OffLabel),
    ("investigational", Grade::Investigational),
    ("palliates", Grade::Symptomatic),
];

/// What a column says against a drug, and the type of what it lists.
const CAUTIONS: [(&str, CautionKind, &str); 3] = [
    ("contraindicated", CautionKind::Contraindicated, "Disease"),
    ("adverse", CautionKind::Worsens, "Disease"),
    ("serious_effects", CautionKind::Serious, "Side Effect"),
];

/// Names, triples and notes of the starter pack.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Names by row.
    pub vocabulary: Vocabulary,
    /// All triples, sorted.
    pub triples: Vec<Triple>,
    /// Evidence, cautions and cases; descriptions follow once the split is known.
    pub notes: Notes,
}

/// Compiles the tables.
pub fn compile(tables: &Tables) -> Result<Compiled> {
    let mut vocabulary = Vocabulary::default();
    let mut names: HashMap<(String, String), EntityId> = HashMap::new();
    let listed = [("Compound", &tables.drugs), ("Disease", &tables.diseases), ("Gene", &tables.genes)];
    let with_type = listed
        .iter()
        .flat_map(|(kind, rows)| rows.iter().map(move |row| (*kind, row)))
        .chain(tables.terms.iter().map(|row| (row.cell("type"), row)));
    for (kind, row) in with_type {
        let (id, name) = (row.cell("id"), row.cell("name"));
        check_id(kind, id).map_err(|error| anyhow!("{kind} {name}: {error}"))?;
        if name.is_empty() {
            bail!("{kind} {id} has no name");
        }
        let full_name = Some(row.cell("full_name")).filter(|full| !full.is_empty());
        let synonyms = full_name.into_iter().chain(row.list("synonyms")).map(str::to_owned).collect();
        let type_row = vocabulary.add_type(kind);
        let entity = Entity {
            id: format!("{kind}::{id}"),
            label: name.to_owned(),
            kind: type_row,
            synonyms,
            area: row.cell("area").to_owned(),
        };
        let entity = vocabulary.add_entity(entity)?;
        // ATC codes are named by their code; everything else by its name.
        let key = if kind == "Atc" { id } else { name };
        if names.insert((kind.to_owned(), key.to_owned()), entity).is_some() {
            bail!("two entities of type {kind} are named {key}");
        }
    }

    let mut triples = BTreeSet::new();
    for column in COLUMNS {
        let words = relation_words(column.relation);
        let relation = match vocabulary.relation_row(column.relation) {
            Some(row) => row,
            None => vocabulary.add_relation(Relation { id: column.relation.to_owned(), words })?,
        };
        let rows = listed.iter().find(|(kind, _)| *kind == column.table).map(|(_, rows)| rows.as_slice());
        for row in rows.unwrap_or_default() {
            let own = names[&(column.table.to_owned(), row.cell("name").to_owned())];
            for partner in row.list(column.column) {
                let unknown =
                    || anyhow!("{}: {} names no {}: {partner}", row.cell("name"), column.column, column.partner);
                let other = *names.get(&(column.partner.to_owned(), partner.to_owned())).ok_or_else(unknown)?;
                let (head, tail) = if column.is_reversed { (other, own) } else { (own, other) };
                check_new(column, row, &triples, Triple::new(head, relation, tail), partner)?;
                triples.insert(Triple::new(head, relation, tail));
            }
        }
    }
    let mut degrees = vec![0; vocabulary.entities().len()];
    for triple in &triples {
        degrees[triple.head as usize] += 1;
        degrees[triple.tail as usize] += 1;
    }
    if let Some(orphan) = degrees.iter().position(|&degree| degree == 0) {
        bail!("{} takes part in no triple", vocabulary.entities()[orphan].id);
    }
    let named = |kind: &str, name: &str| -> Result<EntityId> {
        let unknown = || anyhow!("there is no {kind} named {name}");
        names.get(&(kind.to_owned(), name.to_owned())).copied().ok_or_else(unknown)
    };
    let notes = notes(tables, named)?;
    let relations: Vec<_> = TREATMENTS.iter().filter_map(|id| vocabulary.relation_row(id)).collect();
    for case in &notes.cases {
        if !relations.iter().any(|relation| triples.contains(&Triple::new(case.drug, *relation, case.disease))) {
            bail!("the case {} is about a treatment that the tables do not state", case.id);
        }
    }
    Ok(Compiled { vocabulary, triples: triples.into_iter().collect(), notes })
}

/// Grades, cautions and cases. A drug and a disease meet in one column of treatments or contraindications.
fn notes(tables: &Tables, named: impl Fn(&str, &str) -> Result<EntityId>) -> Result<Notes> {
    let mut notes = Notes::default();
    for row in &tables.drugs {
        let drug = named("Compound", row.cell("name"))?;
        let mut met = BTreeSet::new();
        let mut meet = |name: &str| match met.insert(name.to_owned()) {
            true => Ok(()),
            false => Err(anyhow!("{} and {name} meet in two columns", row.cell("name"))),
        };
        for (column, grade) in GRADES {
            for name in row.list(column) {
                meet(name)?;
                notes.evidence.push(Evidence { drug, disease: named("Disease", name)?, grade });
            }
        }
        for (column, kind, type_name) in CAUTIONS {
            for name in row.list(column) {
                if kind == CautionKind::Contraindicated {
                    meet(name)?;
                }
                notes.cautions.push(Caution { drug, about: named(type_name, name)?, kind });
            }
        }
    }
    for row in &tables.cases {
        let [id, title, story, look_for] = ["id", "title", "story", "look_for"].map(|name| row.cell(name).to_owned());
        if [&id, &title, &story, &look_for].iter().any(|cell| cell.is_empty()) {
            bail!("the case {id:?} has an empty cell");
        }
        let (drug, disease) = (named("Compound", row.cell("drug"))?, named("Disease", row.cell("disease"))?);
        notes.cases.push(Case { id, title, drug, disease, story, look_for });
    }
    notes.sort();
    Ok(notes)
}

/// A statement must be new, must not be about one entity alone, and a symmetric one is listed once.
fn check_new(column: &Column, row: &Row, triples: &BTreeSet<Triple>, triple: Triple, partner: &str) -> Result<()> {
    let mirrored = Triple { head: triple.tail, tail: triple.head, ..triple };
    if triple.head == triple.tail {
        bail!("{}: {} names itself", row.cell("name"), column.column);
    }
    if triples.contains(&triple) || (column.table == column.partner && triples.contains(&mirrored)) {
        bail!("{}: {} lists {partner} twice", row.cell("name"), column.column);
    }
    Ok(())
}

/// Identifiers have the syntax of their system.
fn check_id(kind: &str, id: &str) -> Result<()> {
    let digits = |text: &str, least: usize| text.len() >= least && text.bytes().all(|b| b.is_ascii_digit());
    let after = |prefix: &str, least: usize| id.strip_prefix(prefix).is_some_and(|rest| digits(rest, least));
    let mesh = |text: &str| text.len() >= 7 && text.starts_with(['C', 'D']) && digits(&text[1..], 6);
    let is_valid = match kind {
        "Compound" => after("DB", 5),
        "Disease" => after("DOID:", 1) || id.strip_prefix("MESH:").is_some_and(mesh),
        "Gene" => digits(id, 1),
        "Side Effect" => after("C", 7),
        "Symptom" => mesh(id),
        "Anatomy" => after("UBERON:", 7),
        "Biological Process" | "Molecular Function" | "Cellular Component" => after("GO:", 7),
        "Pathway" => id.starts_with("PC7_") || id.starts_with("WP"),
        "Pharmacologic Class" => after("N", 10),
        "Atc" => (1..=7).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()),
        _ => bail!("the type {kind} is not one of the tables'"),
    };
    if is_valid { Ok(()) } else { Err(anyhow!("{id:?} is not an identifier of type {kind}")) }
}
