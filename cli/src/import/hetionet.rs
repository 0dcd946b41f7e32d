//! Hetionet as its authors publish it: a table of nodes (id, name, kind) and one of edges (source, metaedge, target).
//!
//! An edge `Compound::DB00014 CtD Disease::DOID:10283` becomes DRKG's triple with the relation
//! `Hetionet::CtD::Compound:Disease`: the metaedge between the types of its ends. Names become labels; nodes without an
//! edge are left out, as DRKG does.

use std::path::Path;

use anyhow::{Context, Result, bail};
use lladr_core::graph::{Triple, Vocabulary};
use lladr_core::pack::MOST_TYPES;

use super::each_line;
use super::triples::{Import, check_types};

/// Reads both tables.
pub fn read(nodes: &Path, edges: &Path, vocabulary: &mut Vocabulary) -> Result<Import> {
    let mut import = Import::default();
    let Import { triples, report } = &mut import;
    each_line(edges, |line| {
        if line.is_some_and(|line| line.trim().is_empty()) {
            return;
        }
        report.rows += 1;
        if vocabulary.types().len() > MOST_TYPES {
            return;
        }
        let Some(line) = line else {
            report.unreadable_rows += 1;
            return;
        };
        let cells: Vec<&str> = line.split('\t').collect();
        let &[source, metaedge, target] = cells.as_slice() else {
            report.wrong_columns += 1;
            return;
        };
        if (source, metaedge, target) == ("source", "metaedge", "target") {
            report.header_rows += 1;
            return;
        }
        let typed = |id: &'_ str| {
            id.split_once("::").filter(|(kind, id)| !kind.is_empty() && !id.is_empty()).map(|it| it.0.to_owned())
        };
        let (Some(from), Some(to), false) = (typed(source), typed(target), metaedge.trim().is_empty()) else {
            report.empty_ids += 1;
            return;
        };
        let relation = format!("Hetionet::{metaedge}::{from}:{to}");
        triples.push(Triple::new(
            vocabulary.entity_or_add(source),
            vocabulary.relation_or_add(&relation),
            vocabulary.entity_or_add(target),
        ));
    })?;
    check_types(vocabulary).with_context(|| format!("cannot read {}", edges.display()))?;
    if triples.is_empty() {
        bail!("{} holds no row of the form source TAB metaedge TAB target", edges.display());
    }
    let mut labelled = 0;
    each_line(nodes, |line| {
        let mut cells = line.unwrap_or_default().split('\t');
        let (Some(id), Some(name)) = (cells.next(), cells.next()) else { return };
        if let Some(row) = vocabulary.entity_row(id).filter(|_| !name.trim().is_empty()) {
            vocabulary.set_label(row, name.trim());
            labelled += 1;
        }
    })?;
    if labelled == 0 {
        bail!("{} names no entity of the edges: it should have the columns id, name, kind", nodes.display());
    }
    Ok(import)
}
