//! `lladr import-embeddings`: rows of other programs into a small pack, matched by name, reported, measured.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const CTD: &str = "Hetionet::CtD::Compound:Disease";
const GBD: &str = "Hetionet::CbG::Compound:Gene";

fn lladr(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lladr")).args(args).output().expect("lladr starts")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Entities of the small graph.
fn entities() -> Vec<String> {
    let of = |kind: &str, count: usize| (0..count).map(|at| format!("{kind}::{at}")).collect::<Vec<_>>();
    [of("Compound", 12), of("Disease", 4), of("Gene", 5)].concat()
}

/// Numbers that differ, without a pattern that a mistake would keep.
fn number(row: usize, column: usize) -> f32 {
    ((row * 7919 + column * 104_729 + 13) % 1000) as f32 / 500.0 - 1.0
}

/// `.npy`, single precision, rows as [`number`] says.
fn npy(path: &Path, rows: usize, width: usize, number: impl Fn(usize, usize) -> f32) {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    header += &" ".repeat(117 - header.len());
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for row in 0..rows {
        (0..width).for_each(|column| bytes.extend(number(row, column).to_le_bytes()));
    }
    std::fs::write(path, bytes).expect("a file can be written");
}

/// A pack of the small graph.
fn pack(home: &Path) -> PathBuf {
    let mut rows = String::new();
    for drug in 0..12 {
        rows += &format!("Compound::{drug}\t{CTD}\tDisease::{}\n", drug % 4);
        rows += &format!("Compound::{drug}\t{GBD}\tGene::{}\n", drug % 5);
    }
    let table = home.join("triples.tsv");
    std::fs::write(&table, rows).expect("a file can be written");
    let pack = home.join("pack");
    let done =
        lladr(&["import", "tsv", text(&table), "--out", text(&pack), "--licence", "CC0-1.0", "--hold-out", "0.2"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    pack
}

fn told(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("JSON was asked for")).expect("it is JSON")
}

fn write_table(path: &Path, names: &[String], id_first: bool) {
    let line =
        |(at, name): (usize, &String)| if id_first { format!("{at}\t{name}\n") } else { format!("{name}\t{at}\n") };
    std::fs::write(path, names.iter().enumerate().map(line).collect::<String>()).expect("a file can be written");
}

/// A folder as DGL-KE leaves it, with rows for a gene that the pack lacks and none for one of its drugs.
fn dglke(home: &Path, id_first: bool) -> PathBuf {
    let folder = home.join(if id_first { "id-first" } else { "name-first" });
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let mut names: Vec<String> = entities().into_iter().filter(|name| name != "Compound::3").rev().collect();
    names.push("Gene::77".into());
    npy(&folder.join("small_TransE_l2_entity.npy"), names.len(), 6, number);
    npy(&folder.join("small_TransE_l2_relation.npy"), 2, 6, |row, column| number(row + 50, column));
    write_table(&folder.join("entities.tsv"), &names, id_first);
    write_table(&folder.join("relations.tsv"), &[GBD.into(), CTD.into()], id_first);
    folder
}

#[test]
fn dglke_rows_are_placed_by_name_in_both_column_orders() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let pack = pack(home.path());
    let mut models = Vec::new();
    for id_first in [false, true] {
        let (out, json) = (home.path().join(format!("out-{id_first}")), home.path().join("told.json"));
        let done = lladr(&[
            "import-embeddings",
            "dglke",
            text(&dglke(home.path(), id_first)),
            "--gamma",
            "12",
            "--pack",
            text(&pack),
            "--out",
            text(&out),
            "--json",
            text(&json),
        ]);
        let words = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{words}{}", String::from_utf8_lossy(&done.stderr));
        for said in ["1 of Compound", "Gene::77", "Compound::3", "gamma 12"] {
            assert!(words.contains(said), "no {said:?} in {words}");
        }
        let told = told(&json);
        assert_eq!((&told["model"], &told["gamma"], &told["dim"]), (&"transe_l2".into(), &12.0.into(), &6.into()));
        let entities = &told["entities"];
        assert_eq!(
            (&entities["matched"], &entities["missing"], &entities["unused"]),
            (&20.into(), &1.into(), &1.into())
        );
        assert_eq!((&told["triples"]["before"], &told["triples"]["after"]), (&24.into(), &22.into()));
        let card = &told["card"];
        let protocols: Vec<&str> =
            card["metrics"].as_array().expect("metrics").iter().filter_map(|line| line["protocol"].as_str()).collect();
        assert!(!protocols.is_empty());
        for protocol in protocols {
            assert!(protocol.contains("no test") != protocol.starts_with("degree-only"), "{protocol}");
        }
        assert!(card["origin"].as_str().is_some_and(|origin| origin.contains("DGL-KE") && origin.contains("leaked")));
        models.push(lladr_core::pack::read(&files(&out), u64::MAX).expect("the pack is whole"));
    }
    assert_eq!(models[0].model, models[1].model);

    // Every row is the one that the table gives its name.
    let pack = &models[0];
    let model = pack.model.as_ref().expect("a model");
    let names: Vec<String> = entities().into_iter().filter(|name| name != "Compound::3").rev().collect();
    for (at, entity) in pack.graph.vocabulary.entities().iter().enumerate() {
        let row = names.iter().position(|name| *name == entity.id).expect("it had a row");
        let expected: Vec<f32> = (0..6).map(|column| number(row, column)).collect();
        assert_eq!(model.entity(lladr_core::ids::EntityId(at as u32)), expected, "{}", entity.id);
    }
    let treats = pack.graph.vocabulary.relation_row(CTD).expect("the relation");
    assert_eq!(model.relation(treats), (0..6).map(|column| number(51, column)).collect::<Vec<_>>());
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let file = |entry: std::fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"))
    };
    entries.map(|entry| file(entry.expect("an entry"))).collect()
}

#[test]
fn entities_without_rows_can_be_refused_or_get_zeros() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (pack, folder, out) = (pack(home.path()), dglke(home.path(), true), home.path().join("out"));
    let import = |missing: &str| {
        lladr(&[
            "import-embeddings",
            "dglke",
            text(&folder),
            "--gamma",
            "12",
            "--pack",
            text(&pack),
            "--out",
            text(&out),
            "--missing",
            missing,
            "--test-unseen",
        ])
    };
    let refused = import("refuse");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("1 entities and 0 relations have no row"));
    assert!(!out.exists());
    assert!(import("zero").status.success());
    let pack = lladr_core::pack::read(&files(&out), u64::MAX).expect("the pack is whole");
    let row = pack.graph.vocabulary.entity_row("Compound::3").expect("it stays");
    assert_eq!(pack.model.as_ref().expect("a model").entity(row), [0.0; 6]);
    let card = pack.manifest.model.expect("a card");
    assert!(card.metrics.iter().all(|line| !line.protocol.contains("no test")));
    assert!(card.origin.contains("1 entities and 0 relations had no row"));
}

#[test]
fn rotate_of_dglke_gets_its_phases_in_radians() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (pack, folder) = (pack(home.path()), home.path().join("rotate"));
    std::fs::create_dir(&folder).expect("a folder can be made");
    npy(&folder.join("x_RotatE_entity.npy"), 21, 4, number);
    npy(&folder.join("x_RotatE_relation.npy"), 2, 2, number);
    write_table(&folder.join("entities.tsv"), &entities(), true);
    write_table(&folder.join("relations.tsv"), &[GBD.into(), CTD.into()], true);
    std::fs::write(
        folder.join("config.json"),
        r#"{"model": "RotatE", "gamma": 6.0, "emb_size": 2, "double_ent": true, "dataset": "x", "emap_file": "entities.tsv"}"#,
    )
    .expect("a file can be written");
    let done = lladr(&["import-embeddings", "dglke", text(&folder), "--pack", text(&pack)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let pack = lladr_core::pack::read(&files(&pack), u64::MAX).expect("the pack is whole");
    let (model, vocabulary) = (pack.model.expect("a model"), &pack.graph.vocabulary);
    assert_eq!(model.gamma, 6.0);
    // DGL-KE's own formula, in double precision.
    let unit = (6.0 + 2.0) / 2.0 / std::f64::consts::PI;
    let row = |row: usize, width: usize| (0..width).map(|k| f64::from(number(row, k))).collect::<Vec<_>>();
    let (h, r, t) = (row(2, 4), row(1, 2), row(13, 4));
    let distance: f64 = (0..2)
        .map(|k| {
            let (sin, cos) = (r[k] / unit).sin_cos();
            let (re, im) = (h[k] * cos - h[k + 2] * sin - t[k], h[k] * sin + h[k + 2] * cos - t[k + 2]);
            re.hypot(im)
        })
        .sum();
    let triple = lladr_core::graph::Triple::new(
        vocabulary.entity_row("Compound::2").expect("a drug"),
        vocabulary.relation_row(CTD).expect("a relation"),
        vocabulary.entity_row("Disease::1").expect("a disease"),
    );
    assert!((f64::from(model.score(&triple)) - (6.0 - distance)).abs() < 1e-5);
}

#[test]
fn what_does_not_fit_is_said_before_anything_is_written() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (pack, folder) = (pack(home.path()), dglke(home.path(), true));
    let says = |args: &[&str], what: &str| {
        let done = lladr(&[&["import-embeddings"], args, &["--pack", text(&pack)]].concat());
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(1) && error.contains(what), "{error}");
    };
    says(&["dglke", text(&folder)], "say --gamma");
    says(&["dglke", text(&folder), "--gamma", "12", "--model", "TransR"], "TransR is not among");
    says(&["dglke", text(&folder), "--gamma", "0"], "gamma must lie");
    says(&["npy", "--model", "distmult"], "say --entities-npy");
    npy(&folder.join("small_TransE_l2_relation.npy"), 2, 5, number);
    says(&["dglke", text(&folder), "--gamma", "12"], "have 6 numbers and those of relations 5");
    let matrix = folder.join("small_TransE_l2_entity.npy");
    let bytes = std::fs::read(&matrix).expect("a file");
    std::fs::write(&matrix, &bytes[..bytes.len() - 4]).expect("a file can be written");
    says(&["dglke", text(&folder), "--gamma", "12"], "small_TransE_l2_entity.npy");
    npy(&folder.join("second_TransE_l2_entity.npy"), 2, 5, number);
    says(&["dglke", text(&folder), "--gamma", "12"], "holds 2 files that end in _entity.npy");
}
