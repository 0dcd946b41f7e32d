//! What `lladr names` did: rows by table, names by type, diseases that are one; in words and as JSON.

use lladr_core::graph::{Entity, Vocabulary};
use lladr_core::ids::{EntityId, TypeId};
use serde_json::{Value, json};

use super::Table;
use super::gather::{TableCount, has_name};
use super::table::Skip;
use super::twins::{Merged, Twins};

/// Entities that are known by something.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// By more than an identifier.
    named: usize,
    /// By other names too.
    with_synonyms: usize,
    /// With a field of medicine.
    with_area: usize,
}

/// Entities of a type, and how they are known before and after.
pub struct TypeCount {
    name: String,
    entities: usize,
    before: Coverage,
    after: Coverage,
}

/// All that is told.
pub struct Report<'a> {
    /// Tables that were read.
    pub tables: &'a [Table],
    /// What each did.
    pub counts: &'a [TableCount],
    /// Types of the graph.
    pub types: &'a [TypeCount],
    /// Diseases that are there twice, if that was asked, and what merging them did.
    pub twins: Option<(Twins, Option<Merged>)>,
}

/// Counts by type.
pub fn types(before: &Vocabulary, after: &[Entity]) -> Vec<TypeCount> {
    let coverage = |rows: &[EntityId], entities: &[Entity]| {
        let mut coverage = Coverage::default();
        for entity in rows.iter().filter_map(|row| entities.get(row.index())) {
            coverage.named += usize::from(has_name(entity));
            coverage.with_synonyms += usize::from(!entity.synonyms.is_empty());
            coverage.with_area += usize::from(!entity.area.is_empty());
        }
        coverage
    };
    let of = |(kind, name): (u32, &String)| {
        let rows = before.of_type(TypeId(kind));
        let (before, after) = (coverage(rows, before.entities()), coverage(rows, after));
        TypeCount { name: name.clone(), entities: rows.len(), before, after }
    };
    (0..).zip(before.types()).map(of).collect()
}

fn sum(types: &[TypeCount]) -> TypeCount {
    let add = |a: Coverage, b: Coverage| Coverage {
        named: a.named + b.named,
        with_synonyms: a.with_synonyms + b.with_synonyms,
        with_area: a.with_area + b.with_area,
    };
    let none = TypeCount { name: "all".into(), entities: 0, before: Coverage::default(), after: Coverage::default() };
    types.iter().fold(none, |sum, kind| TypeCount {
        entities: sum.entities + kind.entities,
        before: add(sum.before, kind.before),
        after: add(sum.after, kind.after),
        name: sum.name,
    })
}

impl Report<'_> {
    /// In lines.
    pub fn words(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.tables.is_empty() {
            lines.push(format!(
                "{:<34} {:>16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
                "table", "format", "rows", "skipped", "unused", "entities", "named", "later", "ambiguous"
            ));
        }
        for (table, c) in self.tables.iter().zip(self.counts) {
            let skipped: usize = c.skipped.iter().sum();
            lines.push(format!(
                "{:<34} {:>16} {:>9} {skipped:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
                table.file(),
                table.format.name,
                c.rows,
                c.unused,
                c.entities,
                c.named,
                c.later,
                c.ambiguous
            ));
            let reasons = Skip::ALL.into_iter().zip(c.skipped).filter(|(_, count)| *count > 0);
            lines.extend(reasons.map(|(reason, count)| format!("{count:>61} rows {}", reason.words())));
        }
        lines.push(format!(
            "{:<22} {:>9} {:>13} {:>9} {:>7} {:>9} {:>9}",
            "type", "entities", "named before", "named", "share", "synonyms", "area"
        ));
        lines.extend(self.types.iter().chain([&sum(self.types)]).map(|t| {
            let share = 100.0 * t.after.named as f64 / t.entities.max(1) as f64;
            format!(
                "{:<22} {:>9} {:>13} {:>9} {share:>6.1}% {:>9} {:>9}",
                t.name, t.entities, t.before.named, t.after.named, t.after.with_synonyms, t.after.with_area
            )
        }));
        if let Some((twins, merged)) = &self.twins {
            lines.extend(twins.words());
            lines.extend(merged.iter().flat_map(Merged::words));
        }
        lines
    }

    /// For a script.
    pub fn json(&self) -> Value {
        let table = |(table, c): (&Table, &TableCount)| {
            let skipped =
                Skip::ALL.into_iter().zip(c.skipped).map(|(reason, count)| (reason.key().to_owned(), json!(count)));
            json!({
                "file": table.path.display().to_string(), "format": table.format.name, "source": table.source.name,
                "licence": table.source.licence, "rows": c.rows, "skipped": Value::Object(skipped.collect()),
                "unused_rows": c.unused, "entities": c.entities, "named": c.named, "later_names": c.later,
                "ambiguous": c.ambiguous,
            })
        };
        let coverage =
            |c: Coverage| json!({ "named": c.named, "with_synonyms": c.with_synonyms, "with_area": c.with_area });
        let kind = |t: &TypeCount| json!({ "type": t.name, "entities": t.entities, "before": coverage(t.before), "after": coverage(t.after) });
        let twins = self
            .twins
            .as_ref()
            .map(|(twins, merged)| json!({ "found": twins.json(), "merged": merged.as_ref().map(Merged::json) }));
        json!({
            "tables": self.tables.iter().zip(self.counts).map(table).collect::<Vec<_>>(),
            "types": self.types.iter().map(kind).collect::<Vec<_>>(),
            "all": kind(&sum(self.types)),
            "twins": twins,
        })
    }
}
