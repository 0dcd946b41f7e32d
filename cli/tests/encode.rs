//! `lladr encode` with a server: vectors for a pack, resumed, checked, reduced.

mod stub;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use safetensors::SafeTensors;
use serde_json::{Value, json};
use stub::{Reply, Request, Stub};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn encode(out: &Path, more: &[&str]) -> Command {
    let starter: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lladr"));
    command.args(["encode", "--pack"]).arg(starter).arg("--out").arg(out).args(more);
    command.env_remove("OPENAI_BASE_URL").env_remove("OPENAI_API_KEY").stdin(Stdio::null());
    command
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Vectors that differ from text to text: shares of some letters.
fn vectors(request: &Request, width: usize) -> Value {
    let vector = |text: &Value| -> Vec<f64> {
        let text = text.as_str().unwrap_or_default().to_lowercase();
        let letters = "etaoinshrdlucm".chars().take(width);
        letters.map(|letter| 1.0 + text.matches(letter).count() as f64 * 10.0 / text.len() as f64).collect()
    };
    let texts = request.body["input"].as_array().cloned().unwrap_or_default();
    // In another order than asked: the index counts.
    let data = texts.iter().enumerate().rev().map(|(at, text)| json!({ "index": at, "embedding": vector(text) }));
    json!({ "data": data.collect::<Vec<_>>() })
}

fn asked_texts(server: &Stub) -> usize {
    server.asked().iter().filter_map(|request| request.body["input"].as_array().map(Vec::len)).sum()
}

#[test]
fn a_server_encodes_a_pack_and_a_broken_run_goes_on() -> Outcome {
    let home = tempfile::tempdir()?;
    let out = home.path().join("pack");
    let failing = Stub::start(|at, request| match at {
        0 => Reply::Status(500, "", String::new()),
        1 => Reply::Json(json!({ "data": [] })),
        2 => Reply::Cut,
        3..9 => Reply::Json(vectors(request, 12)),
        _ => Reply::Status(403, "", String::new()),
    });
    let options = ["--model-name", "m", "--batch", "500", "--dims", "6"];
    let output = encode(&out, &options).args(["--base-url", &failing.url, "--concurrency", "2"]).output()?;
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(!out.exists() && home.path().join("pack.vectors.bin").exists());

    let server = Stub::start(|_, request| Reply::Json(vectors(request, 12)));
    let output = encode(&out, &options).args(["--base-url", &server.url]).output()?;
    assert!(output.status.success(), "{}", words(&output));
    let (first, words_of_first) = (asked_texts(&server), words(&output));
    let total: usize = words_of_first.split(" distinct texts").next().and_then(|n| n.parse().ok()).ok_or("no count")?;
    assert_eq!(first, total - 6 * 500, "what came before the stop is not asked for again");
    assert!(server.asked().iter().all(|request| request.path == "/v1/embeddings"));

    let manifest: Value = serde_json::from_slice(&std::fs::read(out.join("pack.json"))?)?;
    let card = manifest["texts"]["vectors"].as_str().unwrap_or_default();
    assert!(card.starts_with("m, as its server pools, length 1; centred, reduced from 12 to 6 principal"), "{card}");
    assert_eq!(manifest["texts"]["templates"].as_array().map(Vec::len), Some(4));

    // Another reduction needs no server, and the same one gives the same bytes.
    let offline = ["--base-url", "http://127.0.0.1:9", "--model-name", "m"];
    let again = encode(&out, &options).args(&offline[..2]).output()?;
    assert!(again.status.success(), "{}", words(&again));
    assert_eq!(serde_json::from_slice::<Value>(&std::fs::read(out.join("pack.json"))?)?, manifest);
    for (reduce, dims) in [("projection", 6), ("none", 12)] {
        let more = ["--reduce", reduce, "--dims", "6", "--templates", "name,good"];
        let output = encode(&out, &offline).args(more).output()?;
        assert!(output.status.success(), "{}", words(&output));
        let file = std::fs::read(out.join("text.safetensors")).or_else(|_| unpacked(&out))?;
        let tensors = SafeTensors::deserialize(&file)?;
        assert_eq!(tensors.names().len(), 2);
        assert_eq!(tensors.tensor("good")?.shape(), [1824, dims]);
    }
    Ok(())
}

fn unpacked(pack: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(pack.join("text.safetensors.gz"))?;
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes)?;
    Ok(bytes)
}

#[test]
fn vectors_of_two_lengths_or_without_length_are_refused() -> Outcome {
    let home = tempfile::tempdir()?;
    let out = home.path().join("pack");
    let server = Stub::start(|at, request| Reply::Json(vectors(request, 12 - at.min(1))));
    let options = ["--model-name", "m", "--batch", "2000", "--concurrency", "1", "--dims", "6"];
    let output = encode(&out, &options).args(["--base-url", &server.url]).output()?;
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("a vector of 11 numbers, and 12 before"), "{}", words(&output));

    let server = Stub::start(|_, request| {
        let texts = request.body["input"].as_array().map_or(0, Vec::len);
        Reply::Json(json!({ "data": vec![json!({ "embedding": [0.0, 0.0] }); texts] }))
    });
    let other = home.path().join("other");
    let output = encode(&other, &options).args(["--base-url", &server.url]).output()?;
    assert!(words(&output).contains("has no length"), "{}", words(&output));

    // Too short for --dims: told after the first vectors, not after the last.
    let server = Stub::start(|_, request| Reply::Json(vectors(request, 5)));
    let short = home.path().join("short");
    let options = ["--model-name", "m", "--batch", "100", "--concurrency", "1", "--dims", "6"];
    let output = encode(&short, &options).args(["--base-url", &server.url]).output()?;
    assert!(words(&output).contains("--dims 6 is more than the encoder's 5 numbers"), "{}", words(&output));
    assert_eq!((output.status.code(), server.asked().len()), (Some(1), 1));
    Ok(())
}

#[test]
fn wrong_options_say_what_to_do() -> Outcome {
    let home = tempfile::tempdir()?;
    let out = home.path().join("pack");
    let said = |more: &[&str]| encode(&out, more).output().map(|output| (output.status.code(), words(&output)));
    let (code, text) = said(&["--model-name", "m"])?;
    assert!(code == Some(1) && text.contains("--base-url"), "{text}");
    let (code, text) = said(&["--model", "/nowhere"])?;
    let expected = if cfg!(feature = "encode") { "config.json" } else { "--features encode" };
    assert!(code == Some(1) && text.contains(expected), "{text}");
    let (code, text) = said(&["--model", "/nowhere", "--model-name", "m"])?;
    assert!(code == Some(2) && text.contains("cannot be used with"), "{text}");
    let (code, text) = said(&["--model-name", "m", "--templates", "bad"])?;
    assert!(code == Some(2) && text.contains("name, original, good, masked"), "{text}");
    Ok(())
}
