//! Packs: what is written is read, and nothing hostile gets further than an error that names the file.

use lladr_core::graph::Split;
use lladr_core::ids::EntityId;
use lladr_core::model::{Interaction, Model, initial_rows};
use lladr_core::pack::{
    self, Case, Caution, CautionKind, Contents, Description, Evidence, Grade, Manifest, ModelCard, NamedBytes, Notes,
    Precision, RoleNames, SplitCard, Storage, sha256_hex,
};
use lladr_core::settings::Settings;
use lladr_tests::{assert_close, toy};
use proptest::prelude::*;
use serde_json::{Value, json};

fn manifest() -> Manifest {
    Manifest {
        format: "lladr-pack".into(),
        version: pack::VERSION,
        title: "Clinic".into(),
        description: "A toy.".into(),
        licence: "CC0-1.0".into(),
        sources: Vec::new(),
        made_by: "a test".into(),
        roles: Some(RoleNames {
            drug_type: "Compound".into(),
            disease_type: "Disease".into(),
            treatments: vec!["Hetionet::CtD::Compound:Disease".into(), "GNBR::T::Compound:Disease".into()],
            default_disease: "Disease::DOID:0".into(),
        }),
        split: SplitCard { rule: "by hand".into(), seed: 0, triples: [0; 3] },
        model: Some(ModelCard {
            settings: Settings { dim: 4, ..Settings::default() },
            epochs: 0,
            metrics: Vec::new(),
            origin: String::new(),
        }),
        layout: None,
        texts: None,
        files: Vec::new(),
    }
}

fn notes() -> Notes {
    let (drug, disease) = (EntityId(0), toy::CLINIC_DISEASE);
    let text = |what: &str| format!("a text about {what}");
    Notes {
        evidence: vec![Evidence { drug, disease, grade: Grade::OffLabel }],
        cautions: vec![Caution { drug, about: disease, kind: CautionKind::Worsens }],
        cases: vec![Case {
            id: "one".into(),
            title: "A case".into(),
            drug,
            disease,
            story: text("the case"),
            look_for: text("what to look for"),
        }],
        descriptions: vec![Description {
            entity: drug,
            original: text("it"),
            good: text("it, in order"),
            masked: String::new(),
        }],
    }
}

fn files() -> Vec<NamedBytes> {
    let graph = toy::clinic();
    let settings = Settings::default();
    let model = Model::new(
        settings.interaction,
        settings.gamma,
        12,
        3,
        4,
        initial_rows(settings.interaction, [12, 3], 4, 6.0, 1),
    )
    .expect("fits");
    let contents = Contents {
        graph: &graph,
        model: Some(&model),
        notes: &notes(),
        layout: Some(&[0.25; 24]),
        text: None,
        rankings: &[(pack::ranking_name("Disease::DOID:0"), b"{}".to_vec())],
    };
    pack::write(manifest(), &contents, Storage::PAGE).expect("a good pack is written")
}

/// Replaces a file by other bytes that the manifest describes truthfully, and edits the manifest.
fn with(name: &str, unpacked: Option<&[u8]>, edit: impl Fn(&mut Value)) -> Vec<NamedBytes> {
    let mut files = files();
    let mut manifest: Value = serde_json::from_slice(&files[0].1).expect("a manifest");
    if let Some(bytes) = unpacked {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, bytes).expect("memory");
        let stored = encoder.finish().expect("memory");
        // Stored as it is where compressing saves nothing: the replacement is compressed in any case.
        let is_it = |known: &str| known == name || Some(known) == name.strip_suffix(".gz");
        for entry in manifest["files"].as_array_mut().expect("a list") {
            if entry["name"].as_str().is_some_and(is_it) {
                *entry = json!({"name": name, "bytes": stored.len(), "unpacked_bytes": bytes.len(), "sha256": sha256_hex(&stored)});
            }
        }
        for (known, bytes) in &mut files {
            if is_it(known) {
                bytes.clone_from(&stored);
                *known = name.to_owned();
            }
        }
    }
    edit(&mut manifest);
    files[0].1 = serde_json::to_vec(&manifest).expect("JSON");
    files
}

fn tensor(name: &str, dtype: &str, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let header = json!({name: {"dtype": dtype, "shape": shape, "data_offsets": [0, bytes.len()]}}).to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), bytes].concat()
}

#[track_caller]
fn refused(files: &[NamedBytes], expected: &str) {
    let message = pack::read(files, pack::MOST_IN_BROWSER).expect_err("the pack is bad").to_string();
    assert!(message.contains(expected), "{message:?} does not say {expected:?}");
}

#[test]
fn a_pack_comes_back_as_it_was() {
    let (graph, files) = (toy::clinic(), files());
    let read = pack::read(&files, pack::MOST_IN_BROWSER).expect("a good pack");
    for split in Split::ALL {
        assert_eq!(read.graph.triples(split), graph.triples(split));
    }
    assert_eq!(read.graph.vocabulary.entities(), graph.vocabulary.entities());
    assert_eq!(read.graph.vocabulary.relations(), graph.vocabulary.relations());
    assert_eq!(read.graph.roles, graph.roles);
    assert_eq!(read.default_disease, Some(toy::CLINIC_DISEASE));
    // Rows are stored in half precision.
    let rows = read.model.expect("a model").rows().to_vec();
    assert_close("rows", &rows, &initial_rows(Interaction::TransEL2, [12, 3], 4, 6.0, 1), 5e-4);
    assert_eq!(files, self::files(), "the same input gives the same bytes");
}

#[test]
fn rows_come_back_as_exactly_as_they_were_stored() {
    let exact = pack::read(&files(), pack::MOST_IN_BROWSER).expect("a good pack");
    let model = exact.model.as_ref().expect("a model");
    for (rows, tolerance) in [(Precision::F32, 0.0), (Precision::F16, 1e-3), (Precision::Int8, 0.02)] {
        let storage = Storage { rows, ..Storage::PAGE };
        let files = pack::write(exact.manifest.clone(), &exact.contents(), storage).expect("a good pack is written");
        let read = pack::read(&files, pack::MOST_IN_BROWSER).expect("a good pack").model.expect("a model");
        assert_eq!(read.rows(), rows.rounded(model.rows(), model.dim()), "{}", rows.name());
        assert_close(rows.name(), read.rows(), model.rows(), tolerance);
    }
    assert_eq!(Precision::Int8.rounded(&[0.0, 0.0, -2.0, 1.0], 2), [0.0, 0.0, -2.0, 64.0 * 2.0 / 127.0]);
}

#[test]
fn missing_and_damaged_files_are_named() {
    refused(&[], "pack.json: it is missing");
    // A ranking is for the page alone: `read` does not ask for it.
    let is_read = |at: &usize| !files()[*at].0.starts_with(pack::RANKING);
    for at in (1..files().len()).filter(is_read) {
        let mut missing = files();
        let name = missing.remove(at).0;
        refused(&missing, &format!("{name}: it is missing"));
        let mut short = files();
        short[at].1.pop();
        refused(&short, &format!("{name}: "));
        refused(&short, "the file is incomplete");
        let mut altered = files();
        let middle = altered[at].1.len() / 2;
        altered[at].1[middle] ^= 1;
        refused(&altered, "was altered or damaged");
    }
}

#[test]
fn other_formats_and_versions_are_told_apart() {
    let text = |bytes: &[u8]| vec![("pack.json".to_owned(), bytes.to_vec())];
    refused(&text(b"\xff\xfe"), "not readable as JSON");
    refused(&text(b"{}"), "this is not a LLaDR pack");
    refused(&text(br#"{"format":"lladr-pack","version":2}"#), "this pack has version 2; this program reads version 1");
    refused(&text(br#"{"format":"lladr-pack"}"#), "no version");
    refused(&text(br#"{"format":"lladr-pack","version":1}"#), "a field is wrong");
    refused(&text(&vec![b' '; 2 << 20]), "too large");
}

#[test]
fn claims_beyond_reason_are_refused_unread() {
    refused(&with("", None, |m| m["files"][1]["bytes"] = json!(1u64 << 40)), "more than 512 MiB");
    refused(&with("", None, |m| m["files"][1]["unpacked_bytes"] = json!(u64::MAX)), "more than 512 MiB");
    refused(&with("", None, |m| m["files"][1]["unpacked_bytes"] = json!(3)), "does not unpack to the 3 bytes");
    refused(&with("", None, |m| m["files"][1]["name"] = json!("../secret")), "not a plain file name");
    refused(&with("", None, |m| m["model"]["settings"]["dim"] = json!(4_000_000_000u32)), "dimension");
    refused(&with("", None, |m| m["roles"]["drug_type"] = json!("Spell")), "no entity is of the type");
    refused(&with("", None, |m| m["roles"]["treatments"] = json!(["cures"])), "does not exist");
}

#[test]
fn bad_tables_name_their_line() {
    let entities = |text: &str| with("entities.tsv.gz", Some(text.as_bytes()), |_| ());
    refused(&entities(""), "it is empty");
    refused(&entities("name\tid\tsynonyms\tarea\n"), "its header is not id, name, synonyms, area");
    refused(&entities("id\tname\tsynonyms\tarea\nCompound::1\tone\n"), "line 2 has 2 columns, 4 were expected");
    refused(
        &entities("id\tname\tsynonyms\tarea\nnonsense\tone\t\t\n"),
        "line 2: \"nonsense\" does not have the form Type::identifier",
    );
    refused(
        &entities("id\tname\tsynonyms\tarea\nA::1\tx\t\t\nA::1\ty\t\t\n"),
        "line 3: the entity A::1 is listed twice",
    );
    refused(
        &with("entities.tsv.gz", Some(b"id\tname\tsynonyms\tarea\nA::\xff\tx\t\t\n"), |_| ()),
        "line 2 is not UTF-8",
    );
}

#[test]
fn bad_tensors_are_told_apart() {
    let graph = |bytes: &[u8]| with("graph.safetensors.gz", Some(bytes), |_| ());
    refused(&graph(b"short"), "not a valid safetensors file");
    refused(&graph(&[&u64::MAX.to_le_bytes()[..], b"{}"].concat()), "not a valid safetensors file");
    refused(&graph(&tensor("train", "U32", &[usize::MAX, 3], &[0; 12])), "not a valid safetensors file");
    refused(&graph(&tensor("valid", "U32", &[1, 3], &[0; 12])), "tensor \"train\": it is missing");
    refused(&graph(&tensor("train", "F32", &[1, 3], &[0; 12])), "it holds F32, [U32] was expected");
    refused(&graph(&tensor("train", "U32", &[3], &[0; 12])), "two dimensions were expected");
    refused(&graph(&tensor("train", "U32", &[6, 2], &[0; 48])), "rows of 2 numbers are no triples");

    let model = |entity: &[u8], shape: &[usize]| {
        with("model.safetensors.gz", Some(&tensor("entity", "F32", shape, entity)), |_| ())
    };
    refused(&model(&[0; 48], &[3, 4]), "tensor \"relation\": it is missing");
}

#[test]
fn rows_out_of_range_and_numbers_that_are_none_are_refused() {
    let header = json!({
        "train": {"dtype": "U32", "shape": [1, 3], "data_offsets": [0, 12]},
        "valid": {"dtype": "U32", "shape": [0, 3], "data_offsets": [12, 12]},
        "test": {"dtype": "U32", "shape": [0, 3], "data_offsets": [12, 12]},
    })
    .to_string();
    let triple: Vec<u8> = [0u32, 0, 4_000_000].iter().flat_map(|x| x.to_le_bytes()).collect();
    let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &triple].concat();
    refused(&with("graph.safetensors.gz", Some(&bytes), |_| ()), "triple 0 names a row that does not exist");

    let rows = |bad: f32| -> Vec<u8> {
        (0..60).map(|at| if at == 9 { bad } else { 0.5f32 }).flat_map(f32::to_le_bytes).collect()
    };
    let header = json!({
        "entity": {"dtype": "F32", "shape": [12, 4], "data_offsets": [0, 192]},
        "relation": {"dtype": "F32", "shape": [3, 4], "data_offsets": [192, 240]},
    })
    .to_string();
    for bad in [f32::NAN, f32::INFINITY] {
        let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &rows(bad)].concat();
        refused(&with("model.safetensors.gz", Some(&bytes), |_| ()), "row 2 holds a number that is not finite");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever a file holds, reading ends in a value or an error.
    #[test]
    fn random_bytes_never_panic(which in 0..5usize, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let names = ["pack.json", "entities.tsv.gz", "relations.tsv.gz", "graph.safetensors.gz", "model.safetensors.gz"];
        let files = if which == 0 {
            vec![("pack.json".to_owned(), bytes)]
        } else {
            with(names[which], Some(&bytes), |_| ())
        };
        let _ = pack::read(&files, pack::MOST_IN_BROWSER);
    }

    /// Nor does a safetensors header with odd numbers.
    #[test]
    fn odd_shapes_never_panic(rows in any::<u32>(), width in any::<u32>(), start in any::<u32>(), end in any::<u32>()) {
        let header = json!({"train": {"dtype": "U32", "shape": [rows, width], "data_offsets": [start, end]}}).to_string();
        let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 24]].concat();
        let _ = pack::read(&with("graph.safetensors.gz", Some(&bytes), |_| ()), pack::MOST_IN_BROWSER);
    }
}

#[test]
fn notes_are_read_as_written() {
    let pack = pack::read(&files(), pack::MOST_IN_BROWSER).expect("a good pack");
    assert_eq!(pack.notes, notes());
    assert_eq!(pack.notes.grade(EntityId(0), toy::CLINIC_DISEASE), Some(Grade::OffLabel));
    assert_eq!(pack.notes.grade(EntityId(1), toy::CLINIC_DISEASE), None);
    assert_eq!(pack.notes.cautions(EntityId(0)).len(), 1);
    assert!(pack.notes.description(EntityId(0)).is_some() && pack.notes.description(EntityId(1)).is_none());
    assert_eq!(pack.layout, Some(vec![0.25; 24]));
}

#[test]
fn strange_notes_are_refused() {
    let bad = |file: &str, text: &str| with(file, Some(text.as_bytes()), |_| ());
    refused(&bad("evidence.tsv.gz", "drug\tdisease\tgrade\nCompound::9\tDisease::DOID:0\tapproved\n"), "Compound::9");
    let row = format!("drug\tdisease\tgrade\n{0}\t{0}\tcertain\n", "Disease::DOID:0");
    refused(&bad("evidence.tsv.gz", &row), "\"certain\" is none of approved, off-label");
    refused(&bad("cautions.tsv.gz", "drug\tabout\n"), "its header is not drug, about, kind");
    refused(&bad("cases.tsv.gz", "id\ttitle\tdrug\tdisease\tstory\tlook_for\na\tb\n"), "line 2 has 2 columns");
    refused(&bad("descriptions.tsv.gz", "id\toriginal\tgood\tmasked\nnobody\ta\tb\tc\n"), "nobody");
    let layout = |dtype: &str, shape: &[usize], bytes: &[u8]| tensor("positions", dtype, shape, bytes);
    refused(&with("layout.safetensors.gz", Some(&layout("F32", &[1, 2], &[0; 8])), |_| ()), "12 of 2 were expected");
    let quality = |field: &'static str, value: Value| {
        with("", None, move |m| {
            let mut own = json!({"metric": "euclidean", "k": 5, "knn_recall": 0.5, "trustworthiness": 0.9});
            own[field] = value.clone();
            m["layout"] = json!({"method": "UMAP", "metrics": [], "quality": own});
        })
    };
    let words = pack::read(&quality("k", json!(5)), pack::MOST_IN_BROWSER)
        .expect("it is a good one")
        .manifest
        .layout
        .map(|card| card.words());
    assert_eq!(
        words.as_deref(),
        Some("UMAP · of each point’s 5 nearest, 50 % are near on the map · trustworthiness 0.90")
    );
    for (field, value) in [("k", json!(0)), ("knn_recall", json!(1.5)), ("trustworthiness", json!(-1e300))] {
        refused(&quality(field, value), "the layout's quality");
    }
    refused(&quality("metric", json!("street")), "a field is wrong");
    let mut nan = vec![0; 96];
    nan[2..4].copy_from_slice(&[0xc0, 0x7f]);
    refused(&with("layout.safetensors.gz", Some(&layout("F32", &[12, 2], &nan)), |_| ()), "not finite");
}
