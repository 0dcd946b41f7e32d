//! `lladr names` on tables as their publishers write them, on hostile ones, and on diseases that are there twice.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lladr_core::graph::{KnowledgeGraph, Split};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn lladr(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(arguments);
    command
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn read(folder: &Path) -> Result<lladr_core::pack::Pack, Box<dyn std::error::Error>> {
    let manifest = std::fs::read(folder.join("pack.json"))?;
    let mut files = vec![("pack.json".to_owned(), manifest.clone())];
    let manifest: Value = serde_json::from_slice(&manifest)?;
    for entry in manifest["files"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or_default();
        files.push((name.to_owned(), std::fs::read(folder.join(name))?));
    }
    Ok(lladr_core::pack::read(&files, 1 << 30)?)
}

/// A pack of these triples, `head relation tail` each.
fn import(home: &Path, triples: &str, hold_out: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let (table, pack) = (home.join("triples.tsv"), home.join("pack"));
    std::fs::write(&table, triples)?;
    let output = lladr(&["import", "tsv", "--hold-out", hold_out, "--licence", "CC0", "--out"])
        .arg(&pack)
        .arg(&table)
        .output()?;
    assert!(output.status.success(), "{}", words(&output));
    Ok(pack)
}

const GRAPH: &str = "Compound::DB00331\tHetionet::CtD::Compound:Disease\tDisease::DOID:9352\n\
    Compound::DB00331\tDRUGBANK::target::Compound:Gene\tGene::5562;5563\n\
    Compound::CHEMBL25\tDRUGBANK::target::Compound:Gene\tGene::5742\n\
    Compound::CHEBI:15365\tDRUGBANK::target::Compound:Gene\tGene::5742\n\
    Compound::CHEBI:15365\tGNBR::T::Compound:Disease\tDisease::MESH:D003924\n\
    Compound::DB00331\tSIDER::causes::Compound:Side Effect\tSide Effect::C0001849\n";

#[test]
fn tables_of_all_kinds_name_a_graph() -> Outcome {
    let home = tempfile::tempdir()?;
    let pack = import(home.path(), GRAPH, "0")?;
    let table = |name: &str, text: &str| -> Result<String, std::io::Error> {
        let path = home.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let tables = [
        table(
            "vocabulary.csv",
            "DrugBank ID,Accession Numbers,Common name,CAS,UNII,Synonyms,Standard InChI Key\n\
             DB00331,APRD01099,Metformin,657-24-9,9100L32L2N,\"1,1-Dimethylbiguanide | Metformina\",XZ\n\
             DB99999,,Unobtainium,,,,\n,,Nameless,,,,\n",
        )?,
        table(
            "gene_info",
            "#Format: tax_id GeneID Symbol LocusTag Synonyms description (tab is used as a separator)\n\
             9606\t5562\tPRKAA1\t-\tAMPK\tprotein kinase A1\n9606\t5563\tPRKAA2\t-\t-\tprotein kinase A2\n\
             9606\t5742\tPTGS2\t-\tCOX-2|COX2\tprostaglandin-endoperoxide synthase 2\n9606\t1\tNEWENTRY\t-\t-\t-\n",
        )?,
        table(
            "doid.obo",
            "format-version: 1.2\nontology: doid\n\n[Term]\nid: DOID:28\nname: endocrine system disease\n\n\
             [Term]\nid: DOID:9352\nname: type 2 diabetes mellitus\nsynonym: \"NIDDM\" EXACT []\n\
             synonym: \"sugar\" NARROW []\nxref: MESH:D003924\nis_a: DOID:28 ! endocrine system disease\n\n\
             [Term]\nid: DOID:1\nname: gone\nis_obsolete: true\n",
        )?,
        table("molecules.tsv", "chembl_id\tpref_name\nCHEMBL25\tASPIRIN\n")?,
        table("names.tsv", "Compound::CHEBI:15365\tAcetylsalicylic acid\tChEBI\nGene::5742\tCyclooxygenase 2\tmine\n")?,
        format!("pairs={}", table("own.txt", "UMLS:C0001849\tAIDS dementia complex\nonly one cell\n")?),
    ];
    let (out, told) = (home.path().join("named"), home.path().join("told.json"));
    let mut command = lladr(&["names", "--licence", "own.txt=CC0", "--pack"]);
    let output = command.arg(&pack).arg("--out").arg(&out).arg("--json").arg(&told).args(&tables).output()?;
    assert!(output.status.success(), "{}", words(&output));

    let named = read(&out)?;
    let of = |id: &str| {
        let row = named.graph.vocabulary.entity_row(id);
        let entity = row.and_then(|row| named.graph.vocabulary.entity(row));
        entity.map(|e| (e.label.clone(), e.synonyms.join("|"), e.area.clone())).unwrap_or_default()
    };
    let is = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(of("Compound::DB00331"), is("Metformin", "Metformina|1,1-Dimethylbiguanide", ""));
    assert_eq!(of("Gene::5562;5563"), is("PRKAA1; PRKAA2", "", ""));
    let gene = "prostaglandin-endoperoxide synthase 2|Cyclooxygenase 2|COX2|COX-2";
    assert_eq!(of("Gene::5742"), is("PTGS2", gene, ""));
    assert_eq!(of("Disease::DOID:9352"), is("type 2 diabetes mellitus", "NIDDM", "endocrine"));
    assert_eq!(of("Disease::MESH:D003924"), is("type 2 diabetes mellitus", "", "endocrine"));
    assert_eq!(of("Compound::CHEMBL25"), is("Aspirin", "", ""));
    assert_eq!(of("Compound::CHEBI:15365"), is("Acetylsalicylic acid", "", ""));
    assert_eq!(of("Side Effect::C0001849"), is("AIDS dementia complex", "", ""));
    let sources: Vec<_> = named.manifest.sources.iter().map(|s| (s.name.as_str(), s.licence.as_str())).collect();
    assert!(sources.contains(&("Disease Ontology", "CC0 1.0")), "{sources:?}");
    assert_eq!(sources.last(), Some(&("a table of names", "CC0")));

    let told: Value = serde_json::from_slice(&std::fs::read(&told)?)?;
    assert_eq!(
        told["all"],
        json!({
            "type": "all", "entities": 8,
            "before": {"named": 0, "with_synonyms": 0, "with_area": 0},
            "after": {"named": 8, "with_synonyms": 3, "with_area": 2},
        })
    );
    let skipped = |at: usize| told["tables"][at]["skipped"].clone();
    let reasons =
        |id, name, kind, old| json!({"no_identifier": id, "no_name": name, "other_kind": kind, "obsolete": old});
    assert_eq!(skipped(0), reasons(1, 0, 0, 0));
    assert_eq!(skipped(1), reasons(0, 0, 1, 0));
    assert_eq!((skipped(2), &told["tables"][2]["rows"]), (reasons(0, 0, 0, 1), &json!(3)));
    assert_eq!(skipped(5), reasons(0, 1, 0, 0));
    assert_eq!(told["tables"][0]["unused_rows"], 1);

    // Once more gives the same bytes: what is named stays, and no source is listed twice.
    let again = home.path().join("again");
    let mut command = lladr(&["names", "--licence", "own.txt=CC0", "--pack"]);
    let output = command.arg(&out).arg("--out").arg(&again).args(&tables).output()?;
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(read(&again)?.hash, read(&out)?.hash);
    Ok(())
}

#[test]
fn tables_that_are_none_are_told_before_any_work() -> Outcome {
    let home = tempfile::tempdir()?;
    let pack = import(home.path(), GRAPH, "0")?;
    let said = |name: &str, bytes: &[u8], format: &str| -> Result<_, std::io::Error> {
        let path = home.path().join(name);
        std::fs::write(&path, bytes)?;
        let output = lladr(&["names", "--pack"]).arg(&pack).arg(format!("{format}{}", path.display())).output()?;
        Ok((output.status.code(), words(&output)))
    };
    let before = read(&pack)?.hash;
    for (bytes, format, what) in [
        (&b"nothing known\n"[..], "", "fit no known format"),
        (b"", "", "fit no known format"),
        (b"mesh_id\tname\n", "mesh-tsv=", "lacks one of the columns mesh_id, mesh_name"),
        (b"\x1f\x8b\x08broken", "", "cannot read"),
        (&[b"id\tname\n".as_slice(), &vec![b'x'; 17 << 20]].concat(), "", "longer than 16 MiB"),
        (
            &[b"DrugBank ID,Accession Numbers,Common name,Synonyms\n\"".as_slice(), &vec![b'\n'; 17 << 20]].concat(),
            "",
            "MiB",
        ),
    ] {
        let (code, text) = said("table", bytes, format)?;
        assert!(code == Some(1) && text.contains(what), "{what}: {code:?} {text}");
    }
    assert_eq!(read(&pack)?.hash, before);
    let (code, text) = said("idle.tsv", b"id\tname\nDOID:1\tnothing here\n", "")?;
    assert!(code == Some(3) && text.contains("no row is about an entity"), "{text}");
    Ok(())
}

/// Unordered pairs of a split, by identifier.
fn pairs(graph: &KnowledgeGraph, split: Split) -> BTreeSet<[String; 2]> {
    let id = |row: u32| graph.vocabulary.entities()[row as usize].id.clone();
    let pair = |head, tail| {
        let mut pair = [id(head), id(tail)];
        pair.sort_unstable();
        pair
    };
    graph.triples(split).iter().map(|t| pair(t.head, t.tail)).collect()
}

#[test]
fn diseases_that_are_there_twice_become_one_without_a_leak() -> Outcome {
    let home = tempfile::tempdir()?;
    let mut triples = String::new();
    // Thirty diseases, each as DOID and as MESH, and drugs that treat both; one heading stands for two classes.
    for disease in 0..30 {
        for drug in 0..6 {
            let drug = (disease * 5 + drug * 7) % 40;
            triples += &format!("Compound::DB{drug:05}\tHetionet::CtD::Compound:Disease\tDisease::DOID:{disease}\n");
            triples += &format!("Compound::DB{drug:05}\tGNBR::T::Compound:Disease\tDisease::MESH:D{disease}\n");
            triples += &format!("Compound::DB{drug:05}\tGNBR::T::Compound:Disease\tDisease::MESH:D{}\n", 29 - disease);
        }
        triples += &format!("Disease::DOID:{disease}\tHetionet::DrD::Disease:Disease\tDisease::MESH:D{disease}\n");
    }
    let pack = import(home.path(), &triples, "0.2")?;
    let xrefs = home.path().join("xrefs.tsv");
    let mut table = "doid_code\tdoid_name\tresource\tresource_id\n".to_owned();
    for disease in 0..29 {
        table += &format!("DOID:{disease}\tdisease {disease}\tMSH\tD{disease}\n");
    }
    table += "DOID:7\tdisease 7\tMSH\tD29\nDOID:8\tdisease 8\tUMLS\tC0001\nDOID:9\tdisease 9\tMSH\tD999\n";
    std::fs::write(&xrefs, table)?;
    let before = read(&pack)?;
    let (out, told) = (home.path().join("merged"), home.path().join("told.json"));
    let run = |more: &[&str]| {
        let mut command = lladr(&["names", "--pack"]);
        command.arg(&pack).arg("--xrefs").arg(&xrefs).arg("--json").arg(&told).args(more).output()
    };
    let output = run(&[])?;
    assert!(output.status.success(), "{}", words(&output));
    let found =
        json!({"doid": 30, "mesh": 30, "twins": 28, "one_to_one_in_graph_only": 1, "by_name": 0, "ambiguous": 2});
    let json: Value = serde_json::from_slice(&std::fs::read(&told)?)?;
    assert_eq!(json["twins"], json!({ "found": found, "merged": null }));
    assert_eq!(read(&pack)?.hash, before.hash, "it was only told");

    let output = run(&["--merge", "--out", &out.display().to_string()])?;
    assert!(output.status.success(), "{}", words(&output));
    let after = read(&out)?;
    assert_eq!(after.graph.entity_count(), before.graph.entity_count() - 28);
    let [train, valid, test] = Split::ALL.map(|split| pairs(&after.graph, split));
    assert!(train.is_disjoint(&test) && train.is_disjoint(&valid) && valid.is_disjoint(&test));
    let merged = |id: &String| match id.strip_prefix("Disease::MESH:D") {
        Some("7" | "29") | None => id.clone(),
        Some(number) => format!("Disease::DOID:{number}"),
    };
    let json: Value = serde_json::from_slice(&std::fs::read(&told)?)?;
    let count = |key: &str| json["twins"]["merged"][key].as_u64().unwrap_or_default();
    assert!(count("newly_held_out") > 0 && count("self_loops") == 28, "{json}");
    for old in pairs(&before.graph, Split::Test) {
        let mut pair = old.clone().map(|id| merged(&id));
        pair.sort_unstable();
        assert!(test.contains(&pair) || count("given_back") > 0, "{old:?} was held out");
    }
    let entity =
        after.graph.vocabulary.entity_row("Disease::DOID:3").and_then(|row| after.graph.vocabulary.entity(row));
    assert_eq!(entity.map(|e| e.synonyms.clone()), Some(vec!["MESH:D3".to_owned()]));
    assert!(after.default_disease.is_some());
    Ok(())
}

#[test]
fn a_pack_with_a_model_is_not_merged() -> Outcome {
    let home = tempfile::tempdir()?;
    let xrefs = home.path().join("xrefs.tsv");
    std::fs::write(&xrefs, "doid_code\tdoid_name\tresource\tresource_id\nDOID:9352\tt2d\tMSH\tD003924\n")?;
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    let run =
        |more: &[&str]| lladr(more).arg("--out").arg(home.path().join("out")).arg("--pack").arg(&starter).output();
    let output = run(&["names", "--xrefs", &xrefs.display().to_string(), "--merge"])?;
    assert!(output.status.code() == Some(1) && words(&output).contains("the pack has a model"), "{}", words(&output));
    assert!(!home.path().join("out").exists());
    assert_eq!(run(&["names"])?.status.code(), Some(2), "no table");
    Ok(())
}

#[test]
#[ignore = "needs LLADR_DATA"]
fn real_tables_name_drkg() -> Outcome {
    let data = PathBuf::from(std::env::var("LLADR_DATA")?);
    let home = tempfile::tempdir()?;
    let entities = std::fs::read_to_string(data.join("drkg/entities.tsv"))?;
    let mut triples = String::new();
    for id in entities.lines().filter_map(|line| line.split('\t').next()) {
        triples +=
            &format!("Disease::DOID:10652\tx::any::Disease:{}\t{id}\n", id.split("::").next().unwrap_or_default());
    }
    let pack = import(home.path(), &triples, "0")?;
    let told = home.path().join("told.json");
    let names = data.join("names");
    let mut command = lladr(&["names", "--merge", "--json"]);
    command.arg(&told).arg("--pack").arg(&pack).arg("--xrefs").arg(names.join("do_xrefs.tsv.gz"));
    for table in
        ["drugbank_vocabulary.csv.gz", "Homo_sapiens.gene_info.gz", "do_term_names.tsv.gz", "do_slim_terms.tsv"]
    {
        command.arg(names.join(table));
    }
    for table in ["mesh_terms.tsv.gz", "uberon_terms.tsv.gz", "sider_side_effect_terms.tsv", "drugcentral_classes.tsv"]
    {
        command.arg(names.join(table));
    }
    let output = command.arg(names.join("pathways.tsv.gz")).arg(data.join("drkg/names.tsv.gz")).output()?;
    assert!(output.status.success(), "{}", words(&output));
    let told: Value = serde_json::from_slice(&std::fs::read(&told)?)?;
    let named = |kind: &str| {
        let line = told["types"].as_array().into_iter().flatten().find(|line| line["type"] == kind);
        line.and_then(|line| line["after"]["named"].as_u64()).unwrap_or_default()
    };
    assert_eq!((named("Disease"), named("Gene"), named("Compound")), (5103, 20_880, 22_483));
    assert_eq!(told["twins"]["found"]["twins"], 122);
    Ok(())
}
