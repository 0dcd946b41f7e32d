//! Reads the tables. Cells are text; lists inside a cell are joined with `|`.

use std::path::Path;

use anyhow::{Context, Result, bail};

const DRUG_COLUMNS: &[&str] = &[
    "id",
    "name",
    "synonyms",
    "approved",
    "off_label",
    "investigational",
    "palliates",
    "contraindicated",
    "adverse",
    "targets",
    "side_effects",
    "serious_effects",
];

/// A row: its cells under the names of the columns.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Vec<String>,
    cells: Vec<String>,
}

impl Row {
    /// A cell; empty for a column that the table lacks.
    pub fn cell(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|known| known == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// The items of a list cell.
    pub fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.cell(column).split('|').filter(|item| !item.is_empty())
    }
}

/// All tables of a pack.
#[derive(Debug, Clone)]
pub struct Tables {
    /// `drugs.tsv`.
    pub drugs: Vec<Row>,
    /// `diseases.tsv`.
    pub diseases: Vec<Row>,
    /// `genes.tsv`.
    pub genes: Vec<Row>,
    /// `terms.tsv`: side effects, symptoms, anatomy, pathways, processes, classes, ATC codes.
    pub terms: Vec<Row>,
    /// `cases.tsv`: repurposing stories.
    pub cases: Vec<Row>,
    /// `descriptions.tsv`: one text per entity and template.
    pub descriptions: Vec<Row>,
}

impl Tables {
    /// Reads the tables of a folder.
    pub fn read(folder: &Path) -> Result<Tables> {
        let table = |name: &str, required: &[&str]| read_table(&folder.join(name), required);
        Ok(Tables {
            drugs: table("drugs.tsv", DRUG_COLUMNS)?,
            diseases: table("diseases.tsv", &["id", "name", "synonyms", "genes"])?,
            genes: table("genes.tsv", &["id", "name", "full_name", "synonyms"])?,
            terms: table("terms.tsv", &["type", "id", "name", "synonyms"])?,
            cases: table("cases.tsv", &["id", "title", "drug", "disease", "story", "look_for"])?,
            descriptions: table("descriptions.tsv", &["id", "original", "good"])?,
        })
    }
}

fn read_table(path: &Path, required: &[&str]) -> Result<Vec<Row>> {
    let place = || path.display().to_string();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .from_path(path)
        .with_context(|| format!("cannot open {}", place()))?;
    let columns: Vec<String> = reader.headers().with_context(place)?.iter().map(str::to_owned).collect();
    if let Some(missing) = required.iter().find(|name| !columns.iter().any(|column| column == *name)) {
        bail!("{}: the column {missing} is missing", place());
    }
    reader
        .records()
        .map(|record| {
            let cells = record.with_context(place)?.iter().map(str::to_owned).collect();
            Ok(Row { columns: columns.clone(), cells })
        })
        .collect()
}
