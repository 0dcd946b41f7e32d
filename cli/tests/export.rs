//! `lladr export`: what is in the folders, and that what comes back is the same.

mod small;

use small::*;

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
