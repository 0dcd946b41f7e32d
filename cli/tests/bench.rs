//! `lladr bench` on tiny graphs: the table, the JSON, peers that work and peers that do not.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

#[allow(clippy::unwrap_used, reason = "a test")]
fn bench(args: &[&str], folder: &Path) -> (Output, Value) {
    let file = folder.join("told.json");
    let output = Command::new(env!("CARGO_BIN_EXE_lladr"))
        .args(["bench", "--quick", "--seconds", "0.01", "--json"])
        .arg(&file)
        .args(args)
        .output()
        .unwrap();
    let told = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    (output, told.unwrap_or(Value::Null))
}

#[test]
fn prints_our_own_figures() {
    let folder = tempfile::tempdir().unwrap();
    let (output, told) = bench(&["--rounds", "2"], folder.path());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for row in ["T1", "T2", "T4", "E1", "E2"] {
        assert!(text.lines().any(|line| line.starts_with(&format!("| {row} | "))), "no {row}:\n{text}");
    }
    let width = |line: &str| line.matches('|').count();
    let widths: Vec<usize> = text.lines().filter(|line| line.starts_with('|')).map(width).collect();
    assert!(widths.iter().all(|columns| *columns == 10), "{text}");
    assert!(text.contains("T5 was not measured: it needs --wasm"), "{text}");

    let outcomes = told["outcomes"].as_array().unwrap();
    // Two of T1, T2 and E1, four of T4, five of E2.
    assert_eq!(outcomes.len(), 15);
    for outcome in outcomes {
        assert_eq!(outcome["turns"].as_array().unwrap().len(), 2);
        assert!(outcome["turns"][0]["work"].as_f64().unwrap() > 0.0);
        assert!(outcome["lines"][0]["value"].as_f64().unwrap() > 0.0, "{outcome}");
    }
    assert!(told["machine"]["model"].is_string() && told["quick"] == true);
}

/// A shell stands in for Python: it takes the program's path and options, too.
#[cfg(unix)]
#[test]
fn runs_beside_peers_and_notes_those_that_fail() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"peer": "slow", "torch": "0.1", "work": 1, "wall_s": 1, "cpu_s": 1}"#;
    let peer = format!("echo some chatter\necho '{{\"ready\": true}}'\nwhile read line; do echo '{answer}'; done\n");
    std::fs::write(folder.path().join("chunked_torch.py"), peer).unwrap();
    std::fs::write(
        folder.path().join("sgemm.py"),
        "echo '{\"ready\": true}'\nread line\necho '{\"peer\": \"sgemm\", \"work\": -1}'\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("pykeen_speed.py"), "exit 1\n").unwrap();
    let directory = folder.path().to_str().unwrap();
    let (output, told) =
        bench(&["t1", "T2", "--rounds", "2", "--peers", "/bin/sh", "--peers-dir", directory], folder.path());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let lines: Vec<&Value> =
        told["outcomes"].as_array().unwrap().iter().flat_map(|outcome| outcome["lines"].as_array().unwrap()).collect();
    let beside: Vec<&Value> = lines.iter().filter(|line| line["beside"] == "slow (torch 0.1)").copied().collect();
    assert_eq!(beside.len(), 2, "{text}");
    // One triple a second is no match.
    assert!(beside.iter().all(|line| line["verdict"] == "met" && line["value"].as_f64().unwrap() > 3.0));
    let notes = told["notes"].to_string();
    assert!(notes.contains("left out: the peer's answer has no positive work"), "{notes}");
    assert!(notes.contains("pykeen_speed.py with /bin/sh: the peer ended without an answer"), "{notes}");
}

#[test]
fn refuses_nonsense() {
    let folder = tempfile::tempdir().unwrap();
    for (args, expected) in [
        (&["T3"][..], "invalid value 'T3'"),
        (&["--rounds", "0"], "0 is not in 1..=1000"),
        (&["--wasm", "no-such-module.wasm"], "cannot read no-such-module.wasm"),
    ] {
        let (output, _) = bench(args, folder.path());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(expected), "{args:?}: {told}");
    }
}
