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

fn word2vec(path: &Path, names: &[String], width: usize) {
    let line = |(at, name): (usize, &String)| {
        let numbers: Vec<String> = (0..width).map(|column| number(at, column).to_string()).collect();
        format!("{name} {}\n", numbers.join(" "))
    };
    let lines: String = names.iter().enumerate().map(line).collect();
    std::fs::write(path, format!("{} {width}\n{lines}", names.len())).expect("a file can be written");
}

#[test]
fn vectors_without_relations_become_text_that_training_is_anchored_to() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (pack, vectors) = (pack(home.path()), home.path().join("vectors.txt"));
    let names: Vec<String> = entities().into_iter().filter(|name| name != "Gene::2").collect();
    word2vec(&vectors, &names, 8);
    let done = lladr(&["import-embeddings", "word2vec", text(&vectors), "--pack", text(&pack)]);
    assert_eq!(done.status.code(), Some(2), "relations or a template must be named");
    let import = ["import-embeddings", "word2vec", text(&vectors), "--pack", text(&pack), "--template", "name"];
    let done = lladr(&import);
    let words = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && words.contains("1 of Gene"), "{words}");
    let read = lladr_core::pack::read(&files(&pack), u64::MAX).expect("the pack is whole");
    assert!(read.model.is_none());
    let stored = read.text.as_ref().and_then(|text| text.of(lladr_core::settings::Template::Name)).expect("vectors");
    let row = |id: &str| read.graph.vocabulary.entity_row(id).expect("an entity").index();
    assert_eq!(stored[row("Gene::2") * 8..][..8], [0.0; 8]);
    let at = names.iter().position(|name| name == "Gene::3").expect("an entity");
    for (column, stored) in stored[row("Gene::3") * 8..][..8].iter().enumerate() {
        assert!((stored - number(at, column)).abs() < 1e-3, "half precision");
    }
    let card = read.manifest.texts.expect("a card");
    let genes = card.coverage.iter().find(|line| line.kind == "Gene").expect("a line");
    assert_eq!((genes.entities, genes.described), (5, 4));

    // Again, in its own place; then another length, which the only template may have; then training with it.
    assert!(lladr(&import).status.success());
    word2vec(&vectors, &names, 4);
    assert!(lladr(&import).status.success());
    let train = ["train", "--pack", text(&pack), "--dim", "4", "--epochs", "1", "--rho", "0.6", "--zeta-anchor", "0.5"];
    let done = lladr(&[&train[..], &["--template", "name"]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // A second template must be as long.
    word2vec(&vectors, &names, 6);
    let done = lladr(&["import-embeddings", "word2vec", text(&vectors), "--pack", text(&pack), "--template", "good"]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("have 4 numbers and these 6"));
}

#[test]
fn vectors_with_relations_become_a_model() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (pack, vectors, relations) = (pack(home.path()), home.path().join("e.txt"), home.path().join("r.txt"));
    word2vec(&vectors, &entities(), 4);
    word2vec(&relations, &[CTD.into(), GBD.into()], 4);
    let done = lladr(&[
        "import-embeddings",
        "word2vec",
        text(&vectors),
        "--relations",
        text(&relations),
        "--model",
        "distmult",
        "--pack",
        text(&pack),
    ]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = lladr_core::pack::read(&files(&pack), u64::MAX).expect("the pack is whole");
    assert_eq!(read.model.expect("a model").interaction, lladr_core::model::Interaction::DistMult);
}

/// A pack with a trained model.
fn trained(home: &Path, model: &str) -> PathBuf {
    let (from, out) = (pack(home), home.join(format!("trained-{model}")));
    let done =
        lladr(&["train", "--pack", text(&from), "--model", model, "--dim", "8", "--epochs", "2", "--out", text(&out)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

#[test]
fn what_is_exported_for_dglke_and_pykeen_comes_back_the_same() {
    let home = tempfile::tempdir().expect("a folder can be made");
    for interaction in lladr_core::model::Interaction::ALL {
        let from = trained(home.path(), interaction.name());
        let before = lladr_core::pack::read(&files(&from), u64::MAX).expect("a pack").model.expect("a model");
        for format in ["dglke", "pykeen"] {
            let (there, back) = (home.path().join(format), home.path().join("back"));
            let done = lladr(&["export", format, "--pack", text(&from), "--out", text(&there)]);
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let done = lladr(&[
                "import-embeddings",
                format,
                text(&there),
                "--pack",
                text(&from),
                "--out",
                text(&back),
                "--missing",
                "refuse",
            ]);
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let after = lladr_core::pack::read(&files(&back), u64::MAX).expect("a pack").model.expect("a model");
            assert_eq!((after.interaction, after.gamma), (before.interaction, before.gamma));
            let worst = before.rows().iter().zip(after.rows()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-6, "{format} {}: {worst}", interaction.name());
        }
    }
}

#[test]
fn pykeens_own_rotate_is_another_distance_and_only_a_start() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (from, there) = (trained(home.path(), "rotate"), home.path().join("there"));
    assert!(lladr(&["export", "pykeen", "--pack", text(&from), "--out", text(&there)]).status.success());
    std::fs::write(there.join("model.json"), r#"{"interaction": "RotatE", "norm": 2, "gamma": null}"#).expect("a file");
    let json = home.path().join("told.json");
    let import = ["import-embeddings", "pykeen", text(&there), "--pack", text(&from), "--json", text(&json)];
    let refused = lladr(&import);
    assert!(refused.status.code() == Some(1) && String::from_utf8_lossy(&refused.stderr).contains("--as-start"));
    assert!(lladr(&[&import[..], &["--as-start"]].concat()).status.success());
    let told = told(&json);
    assert!(told["card"]["origin"].as_str().is_some_and(|origin| origin.contains("not PyKEEN's")));
    std::fs::write(there.join("model.json"), r#"{"interaction": "TuckER"}"#).expect("a file");
    assert!(String::from_utf8_lossy(&lladr(&import).stderr).contains("TuckER is not among"));
}

#[test]
fn an_export_has_the_triples_and_names_and_replaces_only_an_export() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let from = trained(home.path(), "complex");
    let out = home.path().join("out");
    let export =
        |format: &[&str]| lladr(&[&["export"], format, &["--pack", text(&from), "--out", text(&out)]].concat());
    let lines = |name: &str| -> Vec<String> {
        std::fs::read_to_string(out.join(name)).expect("a file").lines().map(str::to_owned).collect()
    };
    assert!(export(&["tsv"]).status.success());
    let triples = ["train.tsv", "valid.tsv", "test.tsv"].map(|name| lines(name).len());
    assert_eq!((triples.iter().sum::<usize>(), triples[2]), (24, 2));
    assert_eq!(lines("entities.tsv").len(), 22);
    assert!(lines("train.tsv").iter().all(|line| line.split('\t').count() == 3));

    assert!(export(&["projector", "--type", "Disease"]).status.success());
    assert!(!out.join("train.tsv").exists(), "the earlier export is gone");
    assert_eq!((lines("vectors.tsv").len(), lines("metadata.tsv").len()), (4, 5));
    assert!(lines("vectors.tsv").iter().all(|line| line.split('\t').count() == 8));
    assert!(String::from_utf8_lossy(&export(&["projector", "--type", "Drug"]).stderr).contains("no type Drug"));

    assert!(export(&["pbg", "--partitions", "3"]).status.success());
    let config = lines("config.py").join("\n");
    for said in
        ["'Compound': {'num_partitions': 3}", "'operator': 'complex_diagonal'", "comparator='dot'", "dimension=8"]
    {
        assert!(config.contains(said), "no {said} in {config}");
    }
    std::fs::remove_file(out.join("export.json")).expect("it was there");
    let refused = export(&["tsv"]);
    assert!(refused.status.code() == Some(1) && out.join("config.py").exists());
    assert!(String::from_utf8_lossy(&export(&["pbg", "--model", "rotate"]).stderr).contains("rotate"));
}

#[test]
fn pbg_rows_score_as_its_formula_says() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let folder = home.path().join("pbg");
    std::fs::create_dir(&folder).expect("a folder can be made");
    let numbers = |row: usize, columns: std::ops::Range<usize>| {
        columns.map(|column| format!("\t{:.9}", number(row, column))).collect::<String>()
    };
    let rows: String =
        entities().iter().enumerate().map(|(at, name)| format!("{name}{}\n", numbers(at, 0..6))).collect();
    std::fs::write(folder.join("entity_embeddings.tsv"), rows).expect("a file can be written");
    // Score of its own formula, in double precision, for drug 2 and disease 1, whose rows are 2 and 13; relation 31.
    let row = |row: usize| (0..6).map(|column| f64::from(number(row, column))).collect::<Vec<_>>();
    let (h, r, t) = (row(2), row(31), row(13));
    let complex = |k: usize| {
        // Re(h conj(r t)).
        let (re, im) = (r[k] * t[k] - r[k + 3] * t[k + 3], r[k] * t[k + 3] + r[k + 3] * t[k]);
        h[k] * re + h[k + 3] * im
    };
    let cases = [
        (
            "translation",
            vec![("translation", 0..6)],
            6.0 - (0..6).map(|k| (h[k] - t[k] - r[k]).powi(2)).sum::<f64>().sqrt(),
        ),
        ("diagonal", vec![("diagonal", 0..6)], (0..6).map(|k| h[k] * r[k] * t[k]).sum::<f64>()),
        ("complex_diagonal", vec![("real", 0..3), ("imag", 3..6)], (0..3).map(complex).sum::<f64>()),
    ];
    for (operator, parts, expected) in cases {
        let mut lines = String::new();
        for (at, name) in [GBD, CTD].iter().enumerate() {
            for (part, columns) in &parts {
                lines += &format!("{name}\trhs\t{operator}\t{part}\t6{}\n", numbers(30 + at, columns.clone()));
            }
        }
        std::fs::write(folder.join("relation_types_parameters.tsv"), &lines).expect("a file can be written");
        let pack = pack(home.path());
        let done = lladr(&["import-embeddings", "pbg", text(&folder), "--pack", text(&pack)]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let pack = lladr_core::pack::read(&files(&pack), u64::MAX).expect("the pack is whole");
        let vocabulary = &pack.graph.vocabulary;
        let triple = lladr_core::graph::Triple::new(
            vocabulary.entity_row("Compound::2").expect("a drug"),
            vocabulary.relation_row(CTD).expect("a relation"),
            vocabulary.entity_row("Disease::1").expect("a disease"),
        );
        let found = f64::from(pack.model.expect("a model").score(&triple));
        assert!((found - expected).abs() < 1e-5, "{operator}: {found}, {expected}");
    }
    std::fs::write(folder.join("relation_types_parameters.tsv"), format!("{CTD}\trhs\taffine\ttranslation\t1\t0.5\n"))
        .expect("a file can be written");
    let pack = pack(home.path());
    let done = lladr(&["import-embeddings", "pbg", text(&folder), "--pack", text(&pack)]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("the operator affine"));
}
