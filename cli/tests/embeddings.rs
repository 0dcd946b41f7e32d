//! `lladr import-embeddings`: rows of other programs into a small pack, matched by name, reported, measured.

mod small;

use std::path::{Path, PathBuf};

use small::*;

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
fn training_goes_on_from_imported_rows() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (pack, folder, saved) = (pack(home.path()), dglke(home.path(), true), home.path().join("rows.safetensors"));
    let done = lladr(&[
        "import-embeddings",
        "dglke",
        text(&folder),
        "--gamma",
        "12",
        "--pack",
        text(&pack),
        "--save",
        text(&saved),
    ]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let rows = |folder: &Path| {
        let pack = lladr_core::pack::read(&files(folder), u64::MAX).expect("the pack is whole");
        pack.model.expect("a model").rows().to_vec()
    };
    let far = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let out = home.path().join("out");
    let train = |more: &[&str]| {
        let common =
            ["train", "--pack", text(&pack), "--dim", "6", "--gamma", "12", "--epochs", "1", "--out", text(&out)];
        let done = lladr(&[&common[..], more].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        far(&rows(&pack), &rows(&out))
    };
    let near = train(&["--initial", text(&saved), "--lr", "0.001"]);
    assert!(near > 0.0 && near < 0.01, "a small step from the rows: {near}");
    assert!(train(&["--lr", "0.001"]) > 0.5, "another start");
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
            "l2",
            vec![("translation", 0..6)],
            6.0 - (0..6).map(|k| (h[k] - t[k] - r[k]).powi(2)).sum::<f64>().sqrt(),
        ),
        ("diagonal", "dot", vec![("diagonal", 0..6)], (0..6).map(|k| h[k] * r[k] * t[k]).sum::<f64>()),
        ("complex_diagonal", "dot", vec![("real", 0..3), ("imag", 3..6)], (0..3).map(complex).sum::<f64>()),
    ];
    for (operator, comparator, parts, expected) in cases {
        let mut lines = String::new();
        // As in its dynamic mode: an operator for the left-hand side first, whose numbers are not these.
        for (side, first) in [("lhs", 70), ("rhs", 30)] {
            for (part, columns) in &parts {
                for (at, name) in [GBD, CTD].iter().enumerate() {
                    lines +=
                        &format!("{name}\t{side}\t{operator}\t{part}\t6{}\n", numbers(first + at, columns.clone()));
                }
            }
        }
        std::fs::write(folder.join("relation_types_parameters.tsv"), &lines).expect("a file can be written");
        let pack = pack(home.path());
        let import = ["import-embeddings", "pbg", text(&folder), "--pack", text(&pack)];
        let untold = lladr(&import);
        assert!(String::from_utf8_lossy(&untold.stderr).contains("say --comparator"));
        let cosine = lladr(&[&import[..], &["--comparator", "cos"]].concat());
        assert!(String::from_utf8_lossy(&cosine.stderr).contains("comparator cos is not among"));
        let done = lladr(&[&import[..], &["--comparator", comparator]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let pack = lladr_core::pack::read(&files(&pack), u64::MAX).expect("the pack is whole");
        let card = pack.manifest.model.as_ref().expect("a card");
        assert!(card.origin.contains("ranks heads"), "{}", card.origin);
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
    let done = lladr(&["import-embeddings", "pbg", text(&folder), "--pack", text(&pack), "--comparator", "dot"]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("the operator affine"));
    std::fs::write(folder.join("config.json"), r#"{"comparator": "dot", "bias": true}"#)
        .expect("a file can be written");
    let done = lladr(&["import-embeddings", "pbg", text(&folder), "--pack", text(&pack)]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("bias"));
}

/// Files that DRKG's authors published, read with NumPy 1.26 for the figures.
#[test]
#[ignore = "needs LLADR_DATA, a folder with drkg/"]
fn published_matrices_are_read_as_numpy_reads_them() {
    let folder = PathBuf::from(std::env::var_os("LLADR_DATA").expect("LLADR_DATA is set")).join("drkg");
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("a file");
        lladr_cli::embeddings::npy::read(bytes.as_slice(), bytes.len() as u64).expect("a matrix")
    };
    let relations = read("DRKG_TransR_relation.npy");
    assert_eq!((relations.rows, relations.width), (107, 400));
    let at = |row: usize, column: usize| relations.numbers[row * 400 + column];
    assert_eq!([at(0, 0), at(50, 123), at(106, 399)], [-0.044_243_746, -0.081_068_19, 0.086_714_186]);
    // Double precision, by columns.
    let map = read("tsne_entity_TransE_l2.npy");
    assert_eq!((map.rows, map.width), (2, 97_238));
    let at = |row: usize, column: usize| map.numbers[row * 97_238 + column];
    assert_eq!([at(0, 0), at(1, 0), at(0, 5), at(1, 97_237)], [7.519_22, -16.386_055, 0.166_193_59, 7.946_040_6]);
    let names = lladr_cli::embeddings::names::parse(
        std::io::BufReader::new(std::fs::File::open(folder.join("entities.tsv")).expect("a file")),
        97_238,
    );
    let names = names.expect("a table");
    assert_eq!((names.len(), names[0].0.as_str(), names[0].1), (97_238, "Gene::2157", 0));
}
