//! `lladr explain` and `lladr info` on the bundled pack.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn lladr(args: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_lladr")).args(args).output()
}

fn starter() -> String {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    folder.to_string_lossy().into_owned()
}

#[test]
fn a_pair_is_explained_for_and_against() -> Outcome {
    let pack = starter();
    let output = lladr(&["explain", "--pack", &pack, "--drug", "metformin", "--disease", "DOID:9352", "--json", "-"])?;
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    for part in ["For it", "Against it", "paths of at most", "not how it came about", "By its number of triples"] {
        assert!(words.to_lowercase().contains(&part.to_lowercase()), "{part} in {words}");
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let explanation = &told["explanation"];
    assert_eq!(explanation["drug"]["id"], "Compound::DB00331");
    assert!(explanation["groups"].as_array().is_some_and(|groups| !groups.is_empty()), "{explanation}");
    assert!(told["texts"].as_array().is_some_and(|texts| texts.iter().all(|text| text["by"] != "")));
    let swapped = lladr(&["explain", "--pack", &pack, "--drug", "DOID:9352", "--disease", "metformin"])?;
    assert!(String::from_utf8_lossy(&swapped.stderr).contains("is no Compound"));
    Ok(())
}

#[test]
fn a_pack_says_what_it_holds() -> Outcome {
    let output = lladr(&["info", &starter(), "--json", "-"])?;
    assert!(output.status.success());
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let sum =
        |list: &str, of: &str| told[list].as_array().map(|list| list.iter().filter_map(|it| it[of].as_u64()).sum());
    let triples: Option<u64> =
        told["manifest"]["split"]["triples"].as_array().map(|it| it.iter().filter_map(Value::as_u64).sum());
    assert_eq!(sum("relations", "triples"), triples);
    assert!(sum("types", "count") > Some(800));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("licence") && words.contains("MRR") && words.contains("Compound"), "{words}");
    Ok(())
}
