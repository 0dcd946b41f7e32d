//! `lladr evaluate` on the bundled pack: its card's numbers, questions of one's own, and what is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter")
}

fn lladr(args: &[&str]) -> Output {
    let pack = starter();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["evaluate", "--pack"]).arg(pack).args(args).output().expect("lladr starts")
}

fn json(args: &[&str]) -> Value {
    let done = lladr(&[args, &["--json", "-"]].concat());
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("standard output is JSON")
}

fn metric(told: &Value, scorer: &str, question: &str, name: &str) -> f64 {
    let lines = told["evaluations"].as_array().expect("a list");
    let line = lines.iter().find(|line| line["scorer"] == scorer && line["question"] == question);
    line.expect("it was asked")["metrics"][name].as_f64().expect("a number")
}

#[test]
fn the_numbers_are_those_of_the_packs_card() {
    let told = json(&[]);
    let manifest = std::fs::read(starter().join("pack.json")).expect("the pack is there");
    let card: Value = serde_json::from_slice(&manifest).expect("it is JSON");
    let mut compared = 0;
    for line in card["model"]["metrics"].as_array().expect("a list") {
        let name = line["name"].as_str().expect("a name");
        let scorer = if line["protocol"].as_str().expect("words").starts_with("degree") { "degree" } else { "model" };
        let question = if name.ends_with("(drugs)") { "drugs for a disease" } else { "diseases for a drug" };
        let key = match name.split(' ').next() {
            Some("MRR") => "mrr",
            Some("Hits@10") => "hits_at_10",
            Some("AMRI") => "amri",
            _ => continue,
        };
        let (found, expected) = (metric(&told, scorer, question, key), line["value"].as_f64().expect("a number"));
        assert!((found - expected).abs() < 1e-4, "{scorer}, {name}: {found}, the card says {expected}");
        compared += 1;
    }
    assert_eq!(compared, 12, "three numbers of two sides and two scorers");
}

#[test]
fn a_question_of_ones_own_has_its_protocol_and_its_numbers() {
    let own = ["--relation", "treatments", "--side", "head"];
    // The drugs of the graph are all heads of treatments: the same candidates as in the usual question.
    let asked = |args: &[&str]| json(&[&own[..], args].concat());
    let mrr = |told: &Value| metric(told, "model", "treatments", "mrr");
    let typed = asked(&["--candidates", "type"]);
    assert!((mrr(&typed) - metric(&json(&[]), "model", "drugs for a disease", "mrr")).abs() < 1e-9);
    let protocol = typed["evaluations"][0]["protocol"].as_str().expect("words");
    assert!(protocol.contains("for heads, filtered") && protocol.contains("true answer’s type"), "{protocol}");

    let all = asked(&["--candidates", "all"]);
    assert!(mrr(&all) <= mrr(&typed), "more candidates, no better ranks");
    assert!(mrr(&asked(&["--candidates", "all", "--unfiltered"])) < mrr(&all), "known answers stand in the way");
    let drawn = |seed| mrr(&asked(&["--candidates", "50", "--seed", seed]));
    assert!(drawn("1") > mrr(&typed) && drawn("1") == drawn("1") && drawn("1") != drawn("2"));
    let ties = |rule| metric(&asked(&["--ties", rule]), "degree", "treatments", "mrr");
    assert!(ties("optimistic") > ties("realistic") && ties("realistic") > ties("pessimistic"), "degrees tie");
    assert_eq!(json(&["--split", "valid"])["split"], "valid");
}

#[test]
fn groups_are_told_and_add_up() {
    let told = lladr(&["--side", "both", "--by", "side,degree"]);
    let words = String::from_utf8_lossy(&told.stdout);
    assert!(words.contains("by side:") && words.contains("tails") && words.contains("by degree:"), "{words}");
    assert!(words.contains("degree  MRR"), "the baseline stands beside the model: {words}");
    let told = json(&["--by", "disease"]);
    let line = &told["evaluations"][0];
    let queries = |value: &Value| value["metrics"]["queries"].as_u64().expect("a number");
    let by_side: u64 = line["by_side"].as_array().expect("a list").iter().map(queries).sum();
    assert_eq!(by_side, queries(line));
}

#[test]
fn what_cannot_be_asked_is_refused_in_words() {
    let refused = |args: &[&str], code: i32, words: &str| {
        let done = lladr(args);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
    };
    refused(&["--candidates", "1"], 2, "from 2 on");
    refused(&["--split", "train"], 2, "valid, test");
    refused(&["--by", "colour"], 2, "category");
    refused(&["--relation", "Hetionet::CtD::Compound:Diseases"], 1, "did you mean");
    refused(&["--relation", "Hetionet::DpS::Disease:Symptom"], 1, "holds no such triple");
    refused(&["--checkpoint", "no-such-file"], 1, "cannot read no-such-file");
    refused(&["--checkpoint", "Cargo.toml"], 1, "Cargo.toml");
}
