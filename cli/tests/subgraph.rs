//! `lladr subgraph` on the bundled pack, model and texts included, and on a graph of the user's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lladr_core::graph::Split;
use lladr_core::pack::Pack;
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn read(folder: &Path) -> Result<Pack, Box<dyn std::error::Error>> {
    let manifest = std::fs::read(folder.join("pack.json"))?;
    let mut files = vec![("pack.json".to_owned(), manifest.clone())];
    let manifest: Value = serde_json::from_slice(&manifest)?;
    for entry in manifest["files"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or_default();
        files.push((name.to_owned(), std::fs::read(folder.join(name))?));
    }
    Ok(lladr_core::pack::read(&files, 1 << 30)?)
}

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter")
}

/// `lladr subgraph` of a pack with these options.
fn subgraph(pack: &Path, out: &Path, more: &[&str]) -> std::io::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["subgraph", "--pack"]).arg(pack).arg("--out").arg(out).args(more).output()
}

#[test]
fn a_part_takes_its_rows_and_notes_along() -> Outcome {
    let home = tempfile::tempdir()?;
    let (out, told) = (home.path().join("part"), home.path().join("told.json"));
    let json = told.display().to_string();
    let options = ["--around", "type 2 diabetes mellitus", "--hops", "3", "--most-entities", "150", "--json", &json];
    let output = subgraph(&starter(), &out, &options)?;
    assert!(output.status.success(), "{}", words(&output));
    let (whole, part) = (read(&starter())?, read(&out)?);
    assert_eq!(part.graph.entity_count(), 150);
    let model = |pack: &Pack, id: &str| {
        let row = pack.graph.vocabulary.entity_row(id);
        row.and_then(|row| pack.model.as_ref().map(|model| model.entity(row).to_vec()))
    };
    for entity in part.graph.vocabulary.entities() {
        assert_eq!(model(&part, &entity.id), model(&whole, &entity.id), "{}", entity.id);
    }
    assert!(part.text.is_some() && part.layout.is_some() && !part.notes.descriptions.is_empty());
    let shown = part.default_disease.and_then(|row| part.graph.vocabulary.entity(row));
    assert_eq!(shown.map(|entity| entity.label.as_str()), Some("type 2 diabetes mellitus"));
    assert!(part.manifest.description.starts_with("The part around type 2 diabetes mellitus (within 3 hops): 150 of"));
    assert!(
        part.manifest.model.as_ref().is_some_and(|card| card.metrics.is_empty()),
        "what was measured is of the whole"
    );

    let told: Value = serde_json::from_slice(&std::fs::read(&told)?)?;
    let sum = |table: &str, when: &str| -> u64 {
        told[table].as_object().into_iter().flatten().filter_map(|(_, line)| line[when].as_u64()).sum()
    };
    assert_eq!((sum("types", "after"), sum("types", "before")), (150, whole.graph.entity_count() as u64));
    let triples = |pack: &Pack| Split::ALL.map(|split| pack.graph.triples(split).len() as u64);
    assert_eq!(sum("relations", "after"), triples(&part).iter().sum::<u64>());
    assert_eq!(
        [sum("triples", "before"), sum("triples", "after")],
        [&whole, &part].map(|p| triples(p).iter().sum::<u64>())
    );
    assert_eq!(told["held_out_pairs"]["after"].as_u64(), Some(triples(&part)[1..].iter().sum::<u64>()));

    let again = home.path().join("again");
    assert!(subgraph(&starter(), &again, &options)?.status.success());
    assert_eq!(std::fs::read(out.join("pack.json"))?, std::fs::read(again.join("pack.json"))?);
    Ok(())
}

#[test]
fn sources_of_which_nothing_is_left_are_named_no_more() -> Outcome {
    let home = tempfile::tempdir()?;
    let (pack, nodes, edges) = (home.path().join("pack"), home.path().join("nodes.tsv"), home.path().join("edges.tsv"));
    let ids = ["Compound::a", "Compound::b", "Disease::d", "Gene::1", "Gene::2"];
    std::fs::write(&nodes, ids.map(|id| format!("{id}\tname of {id}\tx\n")).concat())?;
    std::fs::write(
        &edges,
        "Compound::a\tCtD\tDisease::d\nCompound::a\tCbG\tGene::1\nGene::1\tGiG\tGene::2\nCompound::b\tCbG\tGene::2\n",
    )?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["import", "hetionet", "--hold-out", "0", "--nodes"]).arg(&nodes).arg("--edges").arg(&edges);
    assert!(command.arg("--out").arg(&pack).output()?.status.success());
    let out = home.path().join("part");
    let part = |more: &[&str]| -> Result<Pack, Box<dyn std::error::Error>> {
        let output = subgraph(&pack, &out, &[&["--around", "Compound::a"], more].concat())?;
        if output.status.success() { read(&out) } else { Err(words(&output).into()) }
    };
    assert_eq!(part(&["--hops", "1"])?.graph.entity_count(), 3);
    assert_eq!(part(&[])?.manifest.sources[0].used_for, "3 triples");
    assert_eq!(part(&["--hops", "9"])?.graph.entity_count(), 5);
    assert_eq!(part(&["--hops", "9", "--without-types", "Disease"])?.graph.entity_count(), 4);
    assert_eq!(part(&["--hops", "9", "--relations", "*::CbG::*,*CtD*"])?.graph.entity_count(), 3);
    assert_eq!(part(&["--meta-path", "Compound-gene-gene-Compound"])?.graph.entity_count(), 4);
    let error = |more: &[&str]| part(more).map_or_else(|error| error.to_string(), |_| String::new());
    assert!(error(&["--meta-path", "Gene-Disease"]).contains("no seed is of a type at an end"));
    assert!(error(&["--meta-path", "Drug-Gene"]).contains("it has Compound, Disease, Gene"));
    assert!(error(&["--relations", "Hetionet::CtG"]).contains("fits no relation"));
    assert!(error(&["--around", "name of compound::c"]).contains("did you mean Compound::"));
    assert!(error(&["--types", "Disease", "--relations", "*CbG*"]).contains("no training triple leads anywhere"));
    assert!(error(&["--around", "Gene::1", "--around", "Gene::2", "--most-entities", "2"]).contains("no room"));
    assert!(error(&["--hops", "0"]).contains("--hops"));
    Ok(())
}

#[test]
#[ignore = "needs LLADR_DATA"]
fn hetionet_around_alzheimers_disease() -> Outcome {
    let data = PathBuf::from(std::env::var("LLADR_DATA")?).join("hetionet");
    let home = tempfile::tempdir()?;
    let (pack, out) = (home.path().join("pack"), home.path().join("part"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["import", "hetionet", "--nodes"]).arg(data.join("hetionet-v1.0-nodes.tsv")).arg("--edges");
    let output = command.arg(data.join("hetionet-v1.0-edges.sif.gz")).arg("--out").arg(&pack).output()?;
    assert!(output.status.success(), "{}", words(&output));
    let options = ["--around", "Disease::DOID:10652", "--most-entities", "5000"];
    let output = subgraph(&pack, &out, &options)?;
    assert!(output.status.success(), "{}", words(&output));
    let part = read(&out)?;
    assert_eq!(part.graph.entity_count(), 5000);
    // Of 230 held-out pairs, 34 have an end that is further than two hops.
    assert_eq!(part.graph.triples(Split::Valid).len() + part.graph.triples(Split::Test).len(), 196);
    for triple in part.graph.triples(Split::Test) {
        assert!(part.graph.degree(triple.entity(lladr_core::graph::Side::Head)) > 0);
        assert!(part.graph.degree(triple.entity(lladr_core::graph::Side::Tail)) > 0);
    }
    Ok(())
}
