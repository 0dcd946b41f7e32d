//! A small pack with a model, a map, text vectors and rankings, as files to damage.
#![allow(dead_code, reason = "each test uses what it needs")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use lladr_core::graph::{KnowledgeGraph, Roles, SplitTriples, Triple, Vocabulary};
use lladr_core::model::{Model, initial_rows};
use lladr_core::pack::{self, Contents, Manifest, NamedBytes, Notes, Precision, Storage, TextVectors, sha256_hex};
use lladr_core::settings::Settings;
use serde_json::{Value, json};

pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Numbers in a row of the model.
pub const DIM: usize = 4;
pub const TREATS: &str = "Hetionet::CtD::Compound:Disease";
pub const DISEASES: [&str; 2] = ["Disease::D1", "Disease::D2"];

/// The files of the pack, `pack.json` first, its rows in this precision.
pub fn files(rows: Precision) -> Outcome<Vec<NamedBytes>> {
    let mut vocabulary = Vocabulary::default();
    let facts = [
        ("Compound::A", TREATS, DISEASES[0]),
        ("Compound::B", TREATS, DISEASES[0]),
        ("Compound::C", TREATS, DISEASES[1]),
        ("Compound::A", "Hetionet::CbG::Compound:Gene", "Gene::1"),
        (DISEASES[0], "Hetionet::DaG::Disease:Gene", "Gene::1"),
        (DISEASES[1], "Hetionet::DaG::Disease:Gene", "Gene::2"),
    ];
    let train: Vec<Triple> = facts
        .into_iter()
        .map(|(head, relation, tail)| {
            let (head, tail) = (vocabulary.entity_or_add(head), vocabulary.entity_or_add(tail));
            Triple::new(head, vocabulary.relation_or_add(relation), tail)
        })
        .collect();
    let (entities, relations) = (vocabulary.entities().len(), vocabulary.relations().len());
    let kind = |name: &str| vocabulary.type_row(name).ok_or("no such type");
    let treatments = vocabulary.relation_row(TREATS).into_iter().collect();
    let roles = Roles { drug: kind("Compound")?, disease: kind("Disease")?, treatments };
    let graph = KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, Some(roles))?;
    let settings = Settings { dim: DIM as u32, ..Settings::default() };
    let numbers = initial_rows(settings.interaction, [entities, relations], DIM, settings.gamma, 1);
    let model = Model::new(settings.interaction, settings.gamma, entities, relations, DIM, numbers)?;
    let text = TextVectors { dims: 3, templates: vec![("name".into(), vec![0.5; 3 * entities])] };
    let (notes, layout) = (Notes::default(), vec![0.25; 2 * entities]);
    let contents = Contents {
        graph: &graph,
        model: Some(&model),
        notes: &notes,
        layout: Some(&layout),
        text: Some(&text),
        rankings: &[],
    };
    let manifest: Manifest = serde_json::from_value(json!({
        "format": "lladr-pack", "version": pack::VERSION, "title": "Toy", "description": "A toy.",
        "licence": "CC0-1.0", "sources": [{"name": "nobody", "licence": "CC0-1.0", "used_for": "all"}],
        "made_by": "a test", "split": {"rule": "by hand", "seed": 0, "triples": [0, 0, 0]},
        "roles": {"drug_type": "Compound", "disease_type": "Disease", "default_disease": DISEASES[0],
            "treatments": [TREATS]},
        "model": {"settings": settings, "epochs": 1, "metrics": []},
        "layout": {"method": "by hand", "metrics": []},
        "texts": {"written_by": "nobody", "date": "", "leaks": [], "vectors": "",
            "templates": [{"name": "name", "prompt": ""}]},
        "files": [],
    }))?;
    Ok(pack::write(manifest, &contents, Storage { rows, ..Storage::WORK })?)
}

/// Changes the manifest.
pub fn edited(mut files: Vec<NamedBytes>, edit: impl FnOnce(&mut Value)) -> Outcome<Vec<NamedBytes>> {
    let mut manifest = serde_json::from_slice(&files[0].1)?;
    edit(&mut manifest);
    files[0].1 = serde_json::to_vec(&manifest)?;
    Ok(files)
}

/// Number of a file, whether it is gzip'd or not.
pub fn place(files: &[NamedBytes], stem: &str) -> usize {
    let is_it = |(name, _): &NamedBytes| name.trim_end_matches(".gz") == stem;
    files.iter().position(is_it).expect("the pack holds such a file")
}

/// Puts other bytes in a file's place, which the manifest lists truthfully, as they are.
pub fn replaced(mut files: Vec<NamedBytes>, stem: &str, bytes: Vec<u8>) -> Outcome<Vec<NamedBytes>> {
    let at = place(&files, stem);
    let entry = entry(stem, &bytes, bytes.len());
    files[at] = (stem.to_owned(), bytes);
    edited(files, |manifest| manifest["files"][at - 1] = entry)
}

/// An entry of the manifest.
pub fn entry(name: &str, stored: &[u8], unpacked: usize) -> Value {
    json!({"name": name, "bytes": stored.len(), "unpacked_bytes": unpacked, "sha256": sha256_hex(stored)})
}

/// Writes files into a new folder.
pub fn put(folder: &Path, files: &[NamedBytes]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    files.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

pub fn lladr(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(arguments).stdin(Stdio::null());
    command
}

pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The command failed with an error on standard error that says all this, and did not panic.
#[track_caller]
pub fn refused(what: &str, output: &Output, expected: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what}: {}", words(output));
    assert!(said.starts_with("lladr: ") && !said.contains("panicked"), "{what}: {said}");
    for part in expected {
        assert!(said.contains(part), "{what}: {said:?} does not say {part:?}");
    }
}

/// What lies in a folder, sorted.
pub fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<std::io::Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}
