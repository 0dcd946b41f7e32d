//! `lladr describe` against a server that fails in the ways of real ones, and from tables.

#![allow(clippy::disallowed_methods, reason = "a test measures wall time")]

mod stub;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stub::{Reply, Stub, chat, description, name};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const KEY: &str = "sk-test-0123456789";

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter")
}

/// `lladr describe` of the starter pack, not yet run.
fn describe(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["describe", "--pack"]).arg(starter()).arg("--out").arg(out).args(more);
    command.env_remove("OPENAI_BASE_URL").env("OPENAI_API_KEY", KEY).stdin(Stdio::null());
    command
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn manifest(pack: &Path) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(serde_json::from_slice(&std::fs::read(pack.join("pack.json"))?)?)
}

#[test]
fn a_server_that_fails_in_all_ways_is_asked_until_it_answers() -> Outcome {
    let home = tempfile::tempdir()?;
    let server = Stub::start(|at, request| match at {
        0 => Reply::Status(429, "Retry-After: 1\r\n", json!({"error": {"message": "slow down"}}).to_string()),
        1 => Reply::Status(500, "", "oops".into()),
        2 => Reply::Status(503, "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", String::new()),
        3 => Reply::Hang,
        4 => Reply::Cut,
        5 => Reply::Status(200, "", "{\"choices\": [".into()),
        6 => Reply::Json(json!({ "choices": [] })),
        7 => Reply::Html,
        8 => chat("I'm sorry, but I can't help with that.", "stop"),
        9 => chat(&description(&request.prompt()), "length"),
        10 => chat("", "stop"),
        _ => chat(&description(&request.prompt()), "stop"),
    });
    let out = home.path().join("pack");
    let json = home.path().join("result.json");
    let started = Instant::now();
    let output = describe(&out, &["--base-url", &server.url, "--model", "m", "--types", "Compound", "--limit", "5"])
        .args(["--timeout", "1", "--attempts", "4", "--retries", "9", "--json"])
        .arg(&json)
        .output()?;
    assert!(output.status.success(), "{}", words(&output));
    assert!(started.elapsed() >= Duration::from_secs(1), "Retry-After was waited for");
    let asked = server.asked();
    assert_eq!(asked.len(), 11 + 5);
    assert!(asked.iter().all(|request| request.path == "/v1/chat/completions"));
    assert!(asked[0].headers.to_lowercase().contains(&format!("authorization: bearer {KEY}")));
    assert_eq!(asked[0].body["temperature"], 0.7);

    let result: Value = serde_json::from_slice(&std::fs::read(&json)?)?;
    assert_eq!((&result["texts"], &result["requests"]), (&json!(5), &json!(8)));
    let card = &manifest(&out)?["texts"];
    assert!(card["written_by"].as_str().is_some_and(|by| by.ends_with("m, a language model")));
    assert_eq!(card["coverage"].as_array().map(Vec::len), Some(2 * 12), "{}", card["coverage"]);
    let answers = std::fs::read_to_string(home.path().join("pack.answers.jsonl"))?;
    assert_eq!(answers.lines().count(), 8, "answers that are no description count as asked");
    let everything = words(&output) + &answers + &manifest(&out)?.to_string();
    assert!(!everything.contains(KEY));

    // Once more: all is there, and the same bytes come out.
    let first = std::fs::read(out.join("pack.json"))?;
    let again = describe(&out, &["--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--types", "Compound"])
        .args(["--limit", "5"])
        .output()?;
    assert!(again.status.success(), "{}", words(&again));
    assert_eq!(std::fs::read(out.join("pack.json"))?, first);
    Ok(())
}

#[test]
fn a_wrong_key_stops_at_once_and_is_not_shown() -> Outcome {
    let home = tempfile::tempdir()?;
    let message = format!("Incorrect API key provided: {KEY}.\u{1b}[31m");
    let server = Stub::start(move |_, _| Reply::Status(401, "", json!({"error": {"message": message}}).to_string()));
    let out = home.path().join("pack");
    let output = describe(&out, &["--base-url", &server.url, "--model", "m"]).output()?;
    assert_eq!(output.status.code(), Some(1));
    let words = words(&output);
    assert!(words.contains("Incorrect API key provided: [key]") && words.contains("--key-env"), "{words}");
    assert!(!words.contains(KEY) && !words.contains('\u{1b}'));
    // Each of the four threads may have asked once.
    assert!(server.asked().len() <= 4);
    assert!(!out.exists());
    Ok(())
}

#[test]
fn a_server_that_is_gone_ends_the_run() -> Outcome {
    let home = tempfile::tempdir()?;
    let server = Stub::start(|_, _| Reply::Status(500, "", String::new()));
    let out = home.path().join("pack");
    let output = describe(&out, &["--base-url", &server.url, "--model", "m", "--retries", "0"]).output()?;
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("8 requests in a row got no answer"), "{}", words(&output));
    assert!(server.asked().len() < 16);
    Ok(())
}

#[test]
fn what_no_answer_describes_is_listed_and_the_exit_code_says_so() -> Outcome {
    let home = tempfile::tempdir()?;
    let server = Stub::start(|_, request| match name(&request.prompt()).as_str() {
        "Metformin" => chat("As an AI, I cannot answer.", "stop"),
        _ => chat(&description(&request.prompt()), "stop"),
    });
    let out = home.path().join("pack");
    let run = || describe(&out, &["--base-url", &server.url, "--model", "m", "--types", "Compound"]).output();
    let output = run()?;
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    assert!(words(&output).contains("Compound::DB00331, good: it refuses"), "{}", words(&output));
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|request| name(&request.prompt()) == "Metformin").count(), 3);
    assert_eq!(run()?.status.code(), Some(3));
    assert_eq!(server.asked().len(), asked.len(), "what was refused three times is not asked again");
    Ok(())
}

#[test]
fn a_killed_run_goes_on_and_asks_nothing_twice() -> Outcome {
    let home = tempfile::tempdir()?;
    // The first server answers thirty times and is silent then.
    let first = Stub::start(|at, request| match at {
        0..30 => chat(&description(&request.prompt()), "stop"),
        _ => Reply::Hang,
    });
    let out = home.path().join("pack");
    let cache = home.path().join("pack.answers.jsonl");
    let options =
        ["--model", "m", "--types", "Compound", "--limit", "60", "--template", "original", "--template", "good"];
    let mut child = describe(&out, &options).args(["--base-url", &first.url]).stdout(Stdio::null()).spawn()?;
    let lines = || std::fs::read_to_string(&cache).unwrap_or_default().lines().count();
    let started = Instant::now();
    while lines() < 30 {
        assert!(started.elapsed() < Duration::from_secs(60), "{} answers came", lines());
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    assert!(!out.exists());
    // The kill came in the middle of a line.
    let whole = std::fs::read(&cache)?;
    std::fs::write(&cache, [&whole[..], b"{\"key\":\"12"].concat())?;

    let second = Stub::start(|_, request| chat(&description(&request.prompt()), "stop"));
    let output = describe(&out, &options).args(["--base-url", &second.url]).output()?;
    assert!(output.status.success(), "{}", words(&output));
    let prompts = |requests: &[stub::Request]| requests.iter().map(stub::Request::prompt).collect::<Vec<_>>();
    let (before, after) = (prompts(&first.asked()[..30]), prompts(&second.asked()));
    assert_eq!(after.len(), 120 - 30);
    let all: BTreeSet<&String> = before.iter().chain(&after).collect();
    assert_eq!(all.len(), 120, "nothing that was answered is asked again");
    Ok(())
}

#[test]
fn a_dry_run_asks_nothing_and_tells_the_price() -> Outcome {
    let home = tempfile::tempdir()?;
    let server = Stub::start(|_, _| Reply::Hang);
    let out = home.path().join("pack");
    let output = describe(&out, &["--base-url", &server.url, "--model", "m", "--dry-run", "--limit", "1000"])
        .args(["--price-in", "1", "--price-out", "10", "--json", "-"])
        .output()?;
    assert!(output.status.success(), "{}", words(&output));
    let result: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(result["requests"], 1000);
    let price = result["price"].as_f64().unwrap_or_default();
    // 1,000 answers of 135 tokens are 1.35, and prompts of some hundred characters come on top.
    assert!((1.4..1.6).contains(&price), "{price}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Write a structured record of"));
    assert!(server.asked().is_empty() && !out.exists());
    Ok(())
}

#[test]
fn a_table_of_texts_joins_a_pack_with_its_sources() -> Outcome {
    let home = tempfile::tempdir()?;
    let table = home.path().join("texts.tsv");
    std::fs::write(
        &table,
        "entity\ttext\tsource\tlicence\tvia\n\
         Compound::DB00331\tA biguanide that is used for type 2 diabetes mellitus.\tMine\tCC-BY-4.0\t\n\
         Disease::DOID:0000\tA disease.\tMine\tCC-BY-4.0\t\n",
    )?;
    let out = home.path().join("pack");
    let output = describe(&out, &["--date", "2026-11-23", "--from"]).arg(&table).output()?;
    assert!(output.status.success(), "{}", words(&output));
    assert!(words(&output).contains("1 rows name what is not in the pack"), "{}", words(&output));
    let manifest = manifest(&out)?;
    assert!(manifest["sources"].to_string().contains("CC-BY-4.0"));
    assert!(manifest["texts"]["written_by"].as_str().is_some_and(|by| by.ends_with("; Mine")), "{manifest}");
    assert!(!out.join("text.safetensors.gz").exists(), "vectors of other texts are dropped");
    let missing = describe(&out, &["--from", "/nowhere/texts.tsv"]).output()?;
    assert_eq!(missing.status.code(), Some(1));
    Ok(())
}

#[test]
fn wrong_options_say_what_to_do() -> Outcome {
    let home = tempfile::tempdir()?;
    let out = home.path().join("pack");
    let said = |more: &[&str]| describe(&out, more).output().map(|output| (output.status.code(), words(&output)));
    let (code, text) = said(&["--model", "m"])?;
    assert!(code == Some(1) && text.contains("--base-url"), "{text}");
    let (code, text) = said(&["--model", "m", "--base-url", "http://127.0.0.1:9", "--types", "Drug"])?;
    assert!(code == Some(1) && text.contains("it has Compound"), "{text}");
    let (code, _) = said(&[])?;
    assert_eq!(code, Some(2));
    Ok(())
}
