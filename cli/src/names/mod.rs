//! `lladr names`: human names and synonyms, from tables that the user has, to the entities of a pack.
//!
//! Each format is a small reader that gives rows of keys and names (`table.rs` lists them); `keys.rs` spells
//! identifiers alike; `gather.rs` decides which name stands.

mod areas;
mod diseases;
mod drugs;
mod gather;
mod genes;
mod keys;
mod mesh;
mod obo;
mod plain;
mod table;
mod terms;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use lladr_core::graph::{Entity, Vocabulary};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Manifest, Source};
use serde_json::{Value, json};

use crate::folder;
use crate::output::{Incomplete, Output};
use gather::{Gathering, TableCount, has_name};
use table::Format;

const HELP: &str = "\
Tables are told by their first lines; .gz files are unpacked. A name that an entity has stays unless --replace is given; \
of several tables the first one counts, and later names become synonyms.

Formats for --format: obo (Disease Ontology, Gene Ontology, Uberon, ChEBI), mesh (d20xx.bin, c20xx.bin), mesh-tsv, \
gene-info, drugbank, chebi-compounds, chebi-names, chembl, chembl-web, ctd-chemicals, ctd-diseases, atc, do-names, do-slim, \
do-xrefs, do-mesh, uberon, sider, sider-terms, pathways, drugcentral, hetionet, columns (a header with id and name), \
pairs (entity TAB name).

Example: lladr names --pack drkg --table drugbank_vocabulary.csv --table Homo_sapiens.gene_info.gz --table doid.obo";

/// Options of the command.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Folder of the pack.
    #[arg(long)]
    pack: PathBuf,
    /// Folder to write; left out, the pack itself is replaced.
    #[arg(long)]
    out: Option<PathBuf>,
    /// A table of names; repeat it for more, the most trusted first.
    #[arg(long = "table", required = true, value_name = "FILE")]
    tables: Vec<PathBuf>,
    /// Format of a table that is not told by itself: FILE=FORMAT, or FORMAT for all.
    #[arg(long = "format", value_name = "[FILE=]FORMAT")]
    formats: Vec<String>,
    /// Licence of a table, for the pack's list of sources: FILE=TEXT, or TEXT for all; known for most formats.
    #[arg(long = "licence", value_name = "[FILE=]TEXT")]
    licences: Vec<String>,
    /// Let the tables' names go before those that the pack has, which become synonyms.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    output: Output,
}

/// A table that is to be read.
struct Table<'a> {
    path: &'a Path,
    format: &'static Format,
    licence: String,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let out = args.out.as_ref().unwrap_or(&args.pack);
    folder::check_place(out)?;
    let tables = tables(args)?;
    let mut pack = folder::read(&args.pack)?;
    let before = pack.graph.vocabulary.clone();
    let diseases = pack.manifest.roles.as_ref().map_or("Disease", |roles| &roles.disease_type);

    let mut gathering = Gathering::new(&before);
    for table in &tables {
        gathering.start_table();
        table::read(table.path, table.format, &mut |row| {
            gathering.take(row);
            Ok(())
        })?;
        gathering.end_table();
    }
    let (entities, counts) = gathering.finish(args.replace, diseases);
    for (row, entity) in (0..).map(EntityId).zip(&entities) {
        pack.graph.vocabulary.rename(row, entity);
    }
    for (table, count) in tables.iter().zip(&counts).filter(|(_, count)| count.entities > 0) {
        add_source(&mut pack.manifest, table, count);
    }
    folder::write(out, pack.manifest.clone(), &pack.contents())?;

    let types = types(&before, &entities);
    say(args, &tables, &counts, &types);
    args.output.write(&told(&tables, &counts, &types))?;
    let idle: Vec<_> = tables.iter().zip(&counts).filter(|(_, count)| count.entities == 0).collect();
    if !idle.is_empty() {
        let names: Vec<_> = idle.iter().map(|(table, _)| table.path.display().to_string()).collect();
        return Err(Incomplete(format!("no row is about an entity of the pack in {}", names.join(", "))).into());
    }
    Ok(())
}

/// Looks at every table before any work, so that a wrong one is told at once.
fn tables(args: &Args) -> Result<Vec<Table<'_>>> {
    let mut tables = Vec::new();
    for path in &args.tables {
        let wanted = setting(&args.formats, path).map(table::by_name).transpose()?;
        let format = table::format_of(path, wanted)?;
        let licence = setting(&args.licences, path).unwrap_or(format.licence).to_owned();
        tables.push(Table { path, format, licence });
    }
    for setting in args.formats.iter().chain(&args.licences) {
        let known = |path: &PathBuf| is_about(setting, path).is_some();
        if setting.contains('=') && !args.tables.iter().any(known) {
            bail!("{setting:?} names no table: write the file's name or path before the =");
        }
    }
    Ok(tables)
}

/// What was set for a table: with its name or path before an `=`, or for all tables.
fn setting<'a>(settings: &'a [String], path: &Path) -> Option<&'a str> {
    let own = settings.iter().find_map(|setting| is_about(setting, path));
    own.or_else(|| settings.iter().map(String::as_str).find(|setting| !setting.contains('=')))
}

fn is_about<'a>(setting: &'a str, path: &Path) -> Option<&'a str> {
    let (file, value) = setting.split_once('=')?;
    (Path::new(file) == path || path.file_name().is_some_and(|name| name == file)).then_some(value)
}

fn add_source(manifest: &mut Manifest, table: &Table<'_>, count: &TableCount) {
    let file = table.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let used_for = format!("names and synonyms ({file}: {} entities)", count.entities);
    let name = table.format.source.to_owned();
    let start = format!("names and synonyms ({file}:");
    // A second run says the same again.
    manifest.sources.retain(|source| source.name != name || !source.used_for.starts_with(&start));
    manifest.sources.push(Source { name, licence: table.licence.clone(), used_for });
}

/// Entities of a type, and how many are known by more than an identifier.
struct TypeCount {
    name: String,
    entities: usize,
    named_before: usize,
    named: usize,
    with_synonyms: usize,
    with_area: usize,
}

fn types(before: &Vocabulary, after: &[Entity]) -> Vec<TypeCount> {
    let of = |(kind, name): (u32, &String)| {
        let rows = before.of_type(lladr_core::ids::TypeId(kind));
        let count = |is: &dyn Fn(&EntityId) -> bool| rows.iter().filter(|row| is(row)).count();
        TypeCount {
            name: name.clone(),
            entities: rows.len(),
            named_before: count(&|row| before.entity(*row).is_some_and(has_name)),
            named: count(&|row| has_name(&after[row.index()])),
            with_synonyms: count(&|row| !after[row.index()].synonyms.is_empty()),
            with_area: count(&|row| !after[row.index()].area.is_empty()),
        }
    };
    (0..).zip(before.types()).map(of).collect()
}

fn say(args: &Args, tables: &[Table<'_>], counts: &[TableCount], types: &[TypeCount]) {
    let output = &args.output;
    output.say(format!(
        "{:<34} {:>16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "table", "format", "rows", "unused", "entities", "named", "later", "ambiguous"
    ));
    for (table, c) in tables.iter().zip(counts) {
        let file = table.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        output.say(format!(
            "{file:<34} {:>16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            table.format.name, c.rows, c.unused, c.entities, c.named, c.later, c.ambiguous
        ));
    }
    output.say(format!(
        "\n{:<22} {:>9} {:>13} {:>9} {:>7} {:>9} {:>9}",
        "type", "entities", "named before", "named", "share", "synonyms", "area"
    ));
    let line = |t: &TypeCount| {
        let share = 100.0 * t.named as f64 / t.entities.max(1) as f64;
        output.say(format!(
            "{:<22} {:>9} {:>13} {:>9} {share:>6.1}% {:>9} {:>9}",
            t.name, t.entities, t.named_before, t.named, t.with_synonyms, t.with_area
        ));
    };
    types.iter().for_each(line);
    let sum = |of: fn(&TypeCount) -> usize| types.iter().map(of).sum();
    line(&TypeCount {
        name: "all".into(),
        entities: sum(|t| t.entities),
        named_before: sum(|t| t.named_before),
        named: sum(|t| t.named),
        with_synonyms: sum(|t| t.with_synonyms),
        with_area: sum(|t| t.with_area),
    });
}

fn told(tables: &[Table<'_>], counts: &[TableCount], types: &[TypeCount]) -> Value {
    let table = |(table, c): (&Table<'_>, &TableCount)| {
        json!({
            "file": table.path.display().to_string(), "format": table.format.name, "source": table.format.source,
            "licence": table.licence, "rows": c.rows, "unused_rows": c.unused, "entities": c.entities,
            "named": c.named, "later_names": c.later, "ambiguous": c.ambiguous,
        })
    };
    let kind = |t: &TypeCount| {
        json!({
            "type": t.name, "entities": t.entities, "named_before": t.named_before, "named": t.named,
            "with_synonyms": t.with_synonyms, "with_area": t.with_area,
        })
    };
    json!({
        "tables": tables.iter().zip(counts).map(table).collect::<Vec<_>>(),
        "types": types.iter().map(kind).collect::<Vec<_>>(),
    })
}
