//! `lladr train` on the bundled pack: runs that go on after any end, and training on from a pack's own model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A validating run, so that the best model must survive, too.
const RUN: [&str; 10] =
    ["--model", "rotate", "--dim", "16", "--negatives", "16", "--validate-every", "2", "--patience", "100"];

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter")
}

fn train(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["train", "--pack"]).arg(starter()).args(args);
    command
}

fn done(args: &[&str]) -> Output {
    let done = train(args).output().expect("lladr starts");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    done
}

fn refused(args: &[&str], words: &str) {
    let done = train(args).output().expect("lladr starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && said.contains(words), "{args:?}: {said}");
}

/// A folder with the paths of files in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Home(tempfile::tempdir().expect("a folder can be made"))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).expect("the file is there")
    }

    fn manifest(&self, pack: &str) -> Value {
        serde_json::from_slice(&self.read(&format!("{pack}/pack.json"))).expect("it is JSON")
    }
}

#[test]
fn a_run_that_is_resumed_ends_with_the_bytes_of_an_unbroken_one() {
    let home = Home::new();
    let [whole, part, rest] = ["whole", "part", "rest"].map(|name| home.path(name));
    let [whole_pack, rest_pack] = ["whole-pack", "rest-pack"].map(|name| home.path(name));
    done(&[&RUN[..], &["--epochs", "6", "--save", &whole, "--out", &whole_pack]].concat());
    done(&[&RUN[..], &["--epochs", "3", "--checkpoint", &part]].concat());
    let goes_on = ["--validate-every", "2", "--patience", "100", "--resume", &part, "--epochs", "6"];
    let told = done(&[&goes_on[..], &["--save", &rest, "--out", &rest_pack, "--json", "-"]].concat());
    assert_eq!(home.read("whole"), home.read("rest"));
    assert_eq!(home.manifest("whole-pack"), home.manifest("rest-pack"), "it lists the hashes of all files");
    let told: Value = serde_json::from_slice(&told.stdout).expect("standard output is JSON");
    assert_eq!((&told["end"], &told["options"]["epochs"]), (&Value::from("finished"), &Value::from(6)));
    assert!(told["resumed_at"].as_u64().is_some_and(|step| step > 0));
}

/// Starts a long run, waits for its first checkpoint, ends it by this signal, and resumes it.
fn ended_by(signal: &str, code: Option<i32>) {
    let home = Home::new();
    let [checkpoint, rest, whole] = ["checkpoint", "rest", "whole"].map(|name| home.path(name));
    let length = ["--epochs", "60"];
    let args = [&RUN[..], &length, &["--checkpoint", &checkpoint, "--every", "1"]].concat();
    let mut child = train(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("lladr starts");
    while !Path::new(&checkpoint).exists() {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it ended without a checkpoint");
        std::thread::sleep(Duration::from_millis(2));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("there is kill");
    assert!(sent.success());
    assert_eq!(child.wait().expect("it ends").code(), code, "the run was under way");
    let told = done(&["--resume", &checkpoint, "--validate-every", "2", "--patience", "100", "--save", &rest]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("resumed   at step"));
    done(&[&RUN[..], &length, &["--save", &whole]].concat());
    assert_eq!(home.read("whole"), home.read("rest"));
}

#[test]
#[cfg(unix)]
fn a_killed_run_goes_on_from_its_last_checkpoint() {
    ended_by("-KILL", None);
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_ends_in_good_order_and_goes_on() {
    ended_by("-INT", Some(3));
}

#[test]
fn an_interrupted_run_writes_what_was_asked_for() {
    let home = Home::new();
    let [checkpoint, out, json] = ["checkpoint", "out", "told.json"].map(|name| home.path(name));
    let args = ["--dim", "8", "--epochs", "100000", "--checkpoint", &checkpoint, "--every", "1", "--out", &out];
    let mut command = train(&[&args[..], &["--json", &json]].concat());
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("lladr starts");
    while !Path::new(&checkpoint).exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("there is kill");
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(3), "{said}");
    assert!(said.contains("of 100000; --resume"), "{said}");
    let told: Value = serde_json::from_slice(&home.read("told.json")).expect("it is JSON");
    assert_eq!(told["end"], "cancelled");
    let epochs = home.manifest("out")["model"]["epochs"].as_u64();
    assert!(epochs.is_some_and(|epochs| epochs < 100_000), "the card has the epochs that were done: {epochs:?}");
}

#[test]
fn a_packs_own_model_is_trained_on() {
    let home = Home::new();
    let out = home.path("out");
    // A step so small that the rows stay what they are.
    let still = ["--from-model", "--epochs", "1", "--lr", "0.0000001"];
    done(&[&still[..], &["--out", &out]].concat());
    let card = |manifest: &Value| manifest["model"].clone();
    let own: Value =
        serde_json::from_slice(&std::fs::read(starter().join("pack.json")).expect("it is there")).expect("it is JSON");
    let (own, card) = (card(&own), card(&home.manifest("out")));
    for key in ["interaction", "dim", "gamma"] {
        assert_eq!(card["settings"][key], own["settings"][key], "{key}");
    }
    assert!(card["origin"].as_str().is_some_and(|origin| origin.contains("300 epochs")), "{card}");
    let value = |card: &Value, at: usize| card["metrics"][at]["value"].as_f64().expect("a number");
    assert!((value(&card, 0) - value(&own, 0)).abs() < 2e-3, "the model is the pack's: {card}");

    // What is known of the rows stays known through a checkpoint.
    let [checkpoint, again] = ["checkpoint", "again"].map(|name| home.path(name));
    done(&[&still[..], &["--checkpoint", &checkpoint]].concat());
    done(&["--resume", &checkpoint, "--epochs", "2", "--out", &again]);
    assert_eq!(home.manifest("again")["model"]["origin"], card["origin"]);

    refused(&["--from-model", "--model", "distmult"], "mean nothing to --model distmult");
    refused(&["--from-model", "--dim", "32"], "has 64 numbers a row, not --dim 32");
    refused(&["--from-model", "--resume", &checkpoint], "cannot be used with");
    refused(&["--resume", &out], "cannot read");
}

#[test]
fn what_cannot_be_written_is_refused_before_the_run() {
    let home = Home::new();
    let folder = home.0.path().to_string_lossy().into_owned();
    for option in ["--save", "--checkpoint", "--json"] {
        refused(&["--epochs", "100000", option, &folder], "is a folder");
    }
    refused(&["--every", "5"], "--checkpoint");
    refused(&["--checkpoint", &home.path("x"), "--every", "soon"], "a number of epochs");
    refused(&["--epochs", "0"], "--epochs");
}
