//! Tables written for a graph: identifier and name.

use anyhow::Result;

use super::keys::curie;
use super::table::{Cells, Each, Format, Lines, Row, RowRead, Shape, Skip};

/// `hetionet-v1.0-nodes.tsv`: `id`, `name`, `kind`.
pub const HETIONET: Format = Format {
    name: "hetionet",
    source: "Hetionet v1.0",
    licence: "CC0 1.0; names as in its sources",
    shape: Shape::Columns(&["id", "name", "kind"], columns),
};

/// Any table with the columns `id` and `name`, and `synonyms` (joined with `|`) and `area` if it has them: a pack's
/// own `entities.tsv` is one. An identifier is an entity's, or a CURIE.
pub const COLUMNS: Format = Format {
    name: "columns",
    source: "a table of names",
    licence: "",
    shape: Shape::Columns(&["id", "name"], columns),
};

/// Without a header: entity TAB name, as DRKG's users write it; further columns are not read.
pub const PAIRS: Format = Format {
    name: "pairs",
    source: "a table of names",
    licence: "",
    shape: Shape::Lines(
        |start| start.lines().next().and_then(|line| line.split_once('\t')).is_some_and(|(id, _)| id.contains("::")),
        pairs,
    ),
};

fn columns(cells: &Cells<'_>) -> RowRead {
    let row = Row { area: cells.get("area"), ..whole(&cells.get("id"), &cells.get("name"))? };
    Ok(row.with_synonyms(&cells.get("synonyms"), '|'))
}

fn whole(id: &str, name: &str) -> RowRead {
    if id.contains("::") {
        return Ok(Row { entity: id.to_owned(), name: name.to_owned(), ..Row::default() });
    }
    Row::named(curie(id), name)
}

fn pairs(lines: &mut Lines, each: Each<'_>) -> Result<()> {
    while let Some(line) = lines.next()? {
        let mut cells = line.split('\t').map(str::trim);
        match (cells.next(), cells.next()) {
            (Some(id), Some(name)) => each(whole(id, name)),
            (Some(id), None) if !id.is_empty() => each(Err(Skip::NoName)),
            _ => {}
        }
    }
    Ok(())
}
