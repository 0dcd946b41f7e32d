//! MeSH, Medical Subject Headings of the US National Library of Medicine: its own ASCII files, and a plain TSV.
//!
//! `d20xx.bin` (descriptors) and `c20xx.bin` (supplementary concepts) hold a `*NEWRECORD` line and `TAG = value` lines
//! per record: `UI` identifier, `MH` or `NM` name, `ENTRY`, `PRINT ENTRY` or `SY` other names, `MN` tree numbers. Behind
//! the name stand subfields, `name|T047|NON|EQV|NLM (2000)|…`; `NRW`, `BRD` and `REL` mark names of narrower, broader and
//! related things, which are left out. Tags: <https://www.nlm.nih.gov/mesh/dtype.html>, `ctype.html` beside it.

use anyhow::Result;

use super::areas;
use super::keys::key;
use super::table::{Each, Format, Lines, Row, Shape, Skip};

const SOURCE: &str = "MeSH (US National Library of Medicine)";
const LICENCE: &str = "NLM terms: free to use with the source named; not a substitute for the current MeSH";

/// `d20xx.bin`, `c20xx.bin`.
pub const ASCII: Format = Format {
    name: "mesh",
    source: SOURCE,
    licence: LICENCE,
    shape: Shape::Lines(|start| start.trim_start().starts_with("*NEWRECORD"), read),
};

/// `mesh_id`, `mesh_name`.
pub const TSV: Format = Format {
    name: "mesh-tsv",
    source: SOURCE,
    licence: LICENCE,
    shape: Shape::Columns(&["mesh_id", "mesh_name"], |cells| {
        Row::named(key("mesh", &cells.get("mesh_id")), &cells.get("mesh_name"))
    }),
};

fn read(lines: &mut Lines, each: Each<'_>) -> Result<()> {
    let (mut row, mut numbers) = (Row::default(), Vec::new());
    loop {
        let line = lines.next()?;
        if line.as_ref().is_none_or(|line| line.starts_with("*NEWRECORD")) {
            let mut done = std::mem::take(&mut row);
            done.area = areas::by_tree_numbers(&numbers).unwrap_or_default().to_owned();
            numbers.clear();
            match done.own.is_empty() {
                true if done == Row::default() => {}
                true => each(Err(Skip::NoIdentifier)),
                false => each(Ok(done)),
            }
        }
        let Some(line) = line else { return Ok(()) };
        let Some((tag, value)) = line.split_once(" = ") else { continue };
        match tag.trim() {
            "UI" => row.own.push(key("mesh", value)),
            "MH" | "NM" => row.name = value.trim().to_owned(),
            "ENTRY" | "PRINT ENTRY" | "SY" => {
                let mut fields = value.split('|');
                let name = fields.next().unwrap_or_default().trim();
                if !fields.any(|field| matches!(field, "NRW" | "BRD" | "REL")) {
                    row.synonyms.push(name.to_owned());
                }
            }
            "MN" => numbers.push(value.trim().to_owned()),
            _ => {}
        }
    }
}
