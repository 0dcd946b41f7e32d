//! `lladr names`: human names and synonyms, from tables that the user has, to the entities of a pack.
//!
//! Each format is a small reader that gives rows of keys and names (`table.rs` lists them); `keys.rs` spells
//! identifiers alike; `gather.rs` decides which name stands; `twins.rs` finds diseases that are in the graph twice and
//! makes them one.

mod areas;
mod diseases;
mod drugs;
mod gather;
mod genes;
mod keys;
mod mesh;
mod obo;
mod plain;
mod report;
mod table;
mod terms;
mod twins;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Manifest, Pack, Source};

use crate::folder;
use crate::output::{Incomplete, Output};
use gather::{Gathering, TableCount};
use table::Format;

const HELP: &str = "\
Tables are told by their first lines; .gz files are unpacked. A name that an entity has stays unless --replace is given; \
of several tables the first one counts, and later names become synonyms.

Formats: obo (Disease Ontology, Gene Ontology, Uberon, ChEBI), mesh (d20xx.bin, c20xx.bin), mesh-tsv, gene-info, \
drugbank, chebi-compounds, chebi-names, chembl, chembl-web, ctd-chemicals, ctd-diseases, atc, do-names, do-slim, \
do-xrefs, do-mesh, uberon, sider, sider-terms, pathways, drugcentral, hetionet, columns (a header with id and name, \
perhaps synonyms and area), pairs (identifier TAB name, no header).

Example: lladr names --pack drkg drugbank_vocabulary.csv Homo_sapiens.gene_info.gz doid.obo pairs=mine.tsv";

/// Options of the command.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR")]
    pack: PathBuf,
    /// Folder to write; left out, the pack itself is replaced.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Tables of names, the most trusted first. One whose format is not told by itself is written FORMAT=FILE.
    #[arg(value_name = "[FORMAT=]FILE", required_unless_present = "xrefs")]
    tables: Vec<String>,
    /// Licence of a table, for the pack's list of sources: FILE=TEXT, or TEXT for all; known for most formats.
    #[arg(long = "licence", value_name = "[FILE=]TEXT")]
    licences: Vec<String>,
    /// Let the tables' names go before those that the pack has, which become synonyms.
    #[arg(long)]
    replace: bool,
    /// Disease Ontology's cross references (`doid.obo`, or a table with `doid_code`, `resource`, `resource_id`): tells
    /// how many diseases are in the graph twice, as DOID and as MESH.
    #[arg(long, value_name = "FILE")]
    xrefs: Option<PathBuf>,
    /// Make one entity of each disease that is in the graph twice. Its DOID stays. What is held out stays held out, under
    /// all relations. Do this before the pack has a model, a map or texts.
    #[arg(long, requires = "xrefs")]
    merge: bool,
    #[command(flatten)]
    output: Output,
}

/// A table that is to be read.
struct Table {
    path: PathBuf,
    format: &'static Format,
    source: Source,
}

impl Table {
    fn file(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let out = args.out.as_ref().unwrap_or(&args.pack);
    folder::check_place(out)?;
    let tables = tables(args)?;
    let xrefs = args.xrefs.as_deref().map(twins::format_of).transpose()?;
    let mut pack = folder::read(&args.pack)?;
    if args.merge {
        twins::check_mergeable(&pack)?;
    }

    let counts = name(args, &tables, &mut pack)?;
    let types = report::types(&counts.before, pack.graph.vocabulary.entities());
    let mut said = report::Report { tables: &tables, counts: &counts.tables, types: &types, twins: None };
    if let (Some(path), Some(format)) = (&args.xrefs, xrefs) {
        let found = twins::find(&pack, path, format)?;
        let merged = if args.merge { Some(found.merge(&mut pack)?) } else { None };
        said.twins = Some((found, merged));
    }
    if !tables.is_empty() || args.merge {
        folder::write(out, pack.manifest.clone(), &pack.contents())
            .with_context(|| format!("cannot write {}", out.display()))?;
    }

    said.words().into_iter().for_each(|line| args.output.say(line));
    args.output.write(&said.json())?;
    let idle = tables.iter().zip(&counts.tables).filter(|(_, count)| count.entities == 0);
    let idle: Vec<_> = idle.map(|(table, _)| table.path.display().to_string()).collect();
    if idle.is_empty() {
        return Ok(());
    }
    Err(Incomplete(format!("no row is about an entity of the pack in {}", idle.join(", "))).into())
}

/// What the tables did, and how the entities were called before.
struct Counts {
    tables: Vec<TableCount>,
    before: lladr_core::graph::Vocabulary,
}

/// Joins the names to the pack.
fn name(args: &Args, tables: &[Table], pack: &mut Pack) -> Result<Counts> {
    let before = pack.graph.vocabulary.clone();
    let diseases = pack.manifest.roles.as_ref().map_or("Disease", |roles| &roles.disease_type);
    let mut gathering = Gathering::new(&before);
    for table in tables {
        gathering.start_table();
        table::read(&table.path, table.format, &mut |row| gathering.take(row))?;
        gathering.end_table();
    }
    let (entities, counts) = gathering.finish(args.replace, diseases);
    for (row, entity) in (0..).map(EntityId).zip(&entities) {
        pack.graph.vocabulary.rename(row, entity);
    }
    for (table, count) in tables.iter().zip(&counts).filter(|(_, count)| count.entities > 0) {
        add_source(&mut pack.manifest, table, count);
    }
    Ok(Counts { tables: counts, before })
}

/// Looks at every table before any work, so that a wrong one is told at once.
fn tables(args: &Args) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for said in &args.tables {
        // A file may have a `=` in its name.
        let wanted = said.split_once('=').and_then(|(name, file)| Some((table::by_name(name)?, file)));
        let (wanted, path) = wanted.map_or((None, said.as_str()), |(format, file)| (Some(format), file));
        let path = PathBuf::from(path);
        let (format, source) = table::format_of(&path, wanted)?;
        let licence = setting(&args.licences, &path).unwrap_or(&source.licence).to_owned();
        tables.push(Table { path, format, source: Source { licence, ..source } });
    }
    for setting in args.licences.iter().filter(|setting| setting.contains('=')) {
        if !tables.iter().any(|table| is_about(setting, &table.path).is_some()) {
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

fn add_source(manifest: &mut Manifest, table: &Table, count: &TableCount) {
    let start = format!("names and synonyms ({}:", table.file());
    let source = Source { used_for: format!("{start} {} entities)", count.entities), ..table.source.clone() };
    // A second run says the same again.
    manifest.sources.retain(|old| old.name != source.name || !old.used_for.starts_with(&start));
    manifest.sources.push(source);
}
