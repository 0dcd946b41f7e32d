//! The folder of an export: written beside its place, then moved there whole.
//!
//! An earlier export is replaced, which `export.json` tells; anything else that lies there is not touched.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use lladr_core::graph::{KnowledgeGraph, Split, Triple};
use tempfile::TempDir;

use crate::embeddings::npy;

/// In every export: what it is and where it comes from.
pub const MARK: &str = "export.json";

/// A folder that is being written.
pub struct Place {
    place: PathBuf,
    beside: TempDir,
    files: Vec<String>,
}

/// Refuses a place that holds something else than an export: asked before long work.
pub fn check(place: &Path) -> Result<()> {
    let is_free = match std::fs::read_dir(place) {
        Ok(mut entries) => entries.next().is_none() || place.join(MARK).is_file(),
        Err(_) => !place.exists(),
    };
    if is_free {
        return Ok(());
    }
    bail!("{} holds something else than an earlier export: choose another place, or empty it", place.display())
}

impl Place {
    /// Starts a folder for `place`.
    pub fn new(place: &Path) -> Result<Place> {
        check(place)?;
        let failed = || format!("cannot write {}", place.display());
        let parent = place.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).with_context(failed)?;
        let beside = tempfile::Builder::new().prefix(".lladr-").tempdir_in(parent).with_context(failed)?;
        std::fs::create_dir(beside.path().join("new")).with_context(failed)?;
        Ok(Place { place: place.to_owned(), beside, files: Vec::new() })
    }

    /// A file to be written; its folders are made.
    fn create(&mut self, name: &str) -> Result<BufWriter<File>> {
        let path = self.beside.path().join("new").join(name);
        let failed = || format!("cannot write {name}");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(failed)?;
        }
        self.files.push(name.to_owned());
        Ok(BufWriter::with_capacity(1 << 18, File::create(path).with_context(failed)?))
    }

    /// A file at once.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut file = self.create(name)?;
        file.write_all(bytes).and_then(|()| file.flush()).with_context(|| format!("cannot write {name}"))
    }

    /// A file of lines; gzip'd if its name says so.
    pub fn lines(&mut self, name: &str, lines: impl Iterator<Item = String>) -> Result<()> {
        let file = self.create(name)?;
        let put = |out: &mut dyn Write| -> std::io::Result<()> {
            for line in lines {
                out.write_all(line.as_bytes())?;
                out.write_all(b"\n")?;
            }
            out.flush()
        };
        let done = if name.ends_with(".gz") {
            let mut packed = GzEncoder::new(file, Compression::default());
            put(&mut packed).and_then(|()| packed.finish()?.flush())
        } else {
            let mut file = file;
            put(&mut file)
        };
        done.with_context(|| format!("cannot write {name}"))
    }

    /// A table of rows in numpy's format.
    pub fn rows(&mut self, name: &str, numbers: &[f32], width: usize) -> Result<()> {
        self.write(name, &npy::write(numbers, width))
    }

    /// `train.tsv`, `valid.tsv`, `test.tsv`: head TAB relation TAB tail, as `line` writes them; empty splits too.
    pub fn splits(
        &mut self,
        graph: &KnowledgeGraph,
        ending: &str,
        line: impl Fn(&Triple) -> String,
    ) -> Result<[usize; 3]> {
        for split in Split::ALL {
            self.lines(&format!("{}{ending}", split.name()), graph.triples(split).iter().map(&line))?;
        }
        Ok(Split::ALL.map(|split| graph.triples(split).len()))
    }

    /// Moves the folder to its place; what was exported there before goes.
    pub fn finish(self) -> Result<Vec<String>> {
        let failed = || format!("cannot write {}", self.place.display());
        let (made, old) = (self.beside.path().join("new"), self.beside.path().join("old"));
        if self.place.exists() {
            std::fs::rename(&self.place, &old).with_context(failed)?;
        }
        std::fs::rename(&made, &self.place).with_context(failed)?;
        Ok(self.files)
    }
}

/// Identifiers of a triple's parts.
pub fn ids<'a>(graph: &'a KnowledgeGraph, triple: &Triple) -> [&'a str; 3] {
    let entity = |row: u32| graph.vocabulary.entities().get(row as usize).map_or("", |it| it.id.as_str());
    let relation = graph.vocabulary.relation(triple.relation()).map_or("", |it| it.id.as_str());
    [entity(triple.head), relation, entity(triple.tail)]
}
