//! `lladr pack` and `lladr pack verify` on broken packs: each kind of damage is an error that names the file, and
//! nothing is written.

mod toy;

use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use lladr_core::pack::{NamedBytes, Precision};
use serde_json::{Value, json};
use toy::{DIM, DISEASES, Outcome, edited, entry, files, lladr, names, place, put, refused, replaced, words};

const ENTITIES: usize = 7;
const RELATIONS: usize = 3;
const MODEL: &str = "model.safetensors";
const LAYOUT: &str = "layout.safetensors";
const TEXT: &str = "text.safetensors";

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes)?;
    encoder.finish()
}

/// Safetensors of these tensors: name, type, shape, bytes.
fn tensors(all: &[(&str, &str, [usize; 2], Vec<u8>)]) -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, dtype, shape, bytes) in all {
        let from = data.len();
        data.extend(bytes);
        let about = json!({"dtype": dtype, "shape": shape, "data_offsets": [from, data.len()]});
        header.insert((*name).to_owned(), about);
    }
    let header = Value::Object(header).to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

fn singles(count: usize, last: f32) -> Vec<u8> {
    let numbers = (1..count).map(|at| at as f32 / 10.0).chain([last]);
    numbers.flat_map(f32::to_le_bytes).collect()
}

/// A model of bytes with these scales of entities.
fn bytes_with(scales: Option<Vec<u8>>) -> Vec<u8> {
    let rows = |rows: usize| ([rows, DIM], vec![1u8; rows * DIM]);
    let ((entity_shape, entity), (relation_shape, relation)) = (rows(ENTITIES), rows(RELATIONS));
    let mut all = vec![
        ("entity", "I8", entity_shape, entity),
        ("relation", "I8", relation_shape, relation),
        ("relation.scale", "F32", [RELATIONS, 1], singles(RELATIONS, 0.5)),
    ];
    if let Some(scales) = scales {
        all.push(("entity.scale", "F32", [scales.len() / 4, 1], scales));
    }
    tensors(&all)
}

fn rows_with(last: f32) -> Vec<u8> {
    tensors(&[
        ("entity", "F32", [ENTITIES, DIM], singles(ENTITIES * DIM, last)),
        ("relation", "F32", [RELATIONS, DIM], singles(RELATIONS * DIM, 0.5)),
    ])
}

/// The model in shards of so many rows each, said to be `claimed`, in the place of one file.
fn sharded(mut all: Vec<NamedBytes>, rows: &[usize], claimed: usize) -> Outcome<Vec<NamedBytes>> {
    let at = place(&all, "model.safetensors");
    all.remove(at);
    let mut entries = Vec::new();
    for (shard, count) in rows.iter().enumerate() {
        let mut parts = vec![("entity", "F32", [*count, DIM], singles(count * DIM, 0.5))];
        if shard == 0 {
            parts.push(("relation", "F32", [RELATIONS, DIM], singles(RELATIONS * DIM, 0.5)));
        }
        let (name, bytes) = (format!("model-{:05}-of-{claimed:05}.safetensors", shard + 1), tensors(&parts));
        entries.push(entry(&name, &bytes, bytes.len()));
        all.push((name, bytes));
    }
    edited(all, |manifest| {
        if let Some(files) = manifest["files"].as_array_mut() {
            files.remove(at - 1);
            files.extend(entries);
        }
    })
}

/// The pack as `lladr pack` makes it, its folder read back.
fn packed(home: &Path, quantize: &str) -> Outcome<Vec<NamedBytes>> {
    let (from, out) = (home.join("from"), home.join("packed"));
    put(&from, &files(Precision::F32)?)?;
    let output = lladr(&["pack", "--layout", "none", "--top-lists", "2", "--quantize", quantize, "--pack"])
        .arg(&from)
        .arg("--out")
        .arg(&out)
        .output()?;
    assert!(output.status.success(), "{}", words(&output));
    let mut all = vec![("pack.json".to_owned(), std::fs::read(out.join("pack.json"))?)];
    let listed: Value = serde_json::from_slice(&all[0].1)?;
    for entry in listed["files"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or_default().to_owned();
        all.push((name.clone(), std::fs::read(out.join(name))?));
    }
    std::fs::remove_dir_all(from)?;
    std::fs::remove_dir_all(out)?;
    Ok(all)
}

/// Verifies a pack, and makes another of it: both refuse.
#[track_caller]
fn both_refuse(home: &Path, what: &str, all: &[NamedBytes], expected: &[&str]) -> Outcome {
    let (pack, out) = (home.join("pack"), home.join("out"));
    put(&pack, all)?;
    refused(what, &lladr(&["pack", "verify"]).arg(&pack).output()?, expected);
    let output = lladr(&["pack", "--layout", "none", "--pack"]).arg(&pack).arg("--out").arg(&out).output()?;
    refused(what, &output, expected);
    std::fs::remove_dir_all(&pack)?;
    assert!(names(home)?.is_empty(), "{what}: something is left behind");
    Ok(())
}

#[test]
fn a_manifest_that_lies_is_refused() -> Outcome {
    let home = tempfile::tempdir()?;
    let good = || files(Precision::F32);
    let manifest = good()?[0].1.clone();
    let with = |bytes: Vec<u8>| -> Outcome<Vec<NamedBytes>> {
        let mut all = good()?;
        all[0].1 = bytes;
        Ok(all)
    };
    let first = |field: &'static str, value: Value| edited(good()?, |m| m["files"][0][field] = value);
    let second = good()?[2].0.clone();
    let twin = good()?[1].0.trim_end_matches(".gz").to_owned() + ".gz";
    let cases: Vec<(&str, Vec<NamedBytes>, &[&str])> = vec![
        ("none", good()?[1..].to_vec(), &["pack.json"]),
        ("empty", with(Vec::new())?, &["pack.json"]),
        ("cut", with(manifest[..manifest.len() / 2].to_vec())?, &["pack.json"]),
        ("too large", with(vec![b' '; 2 << 20])?, &["pack.json"]),
        ("sizes beyond reason", first("bytes", json!(1u64 << 60))?, &["pack.json", "claim to hold more"]),
        ("unpacked sizes", first("unpacked_bytes", json!(u64::MAX))?, &["pack.json"]),
        ("a name twice", first("name", json!(second))?, &["pack.json", "twice"]),
        (
            "a name twice, once packed",
            {
                let mut all = good()?;
                let bytes = gzip(b"x")?;
                let listed = entry(&twin, &bytes, 1);
                all = edited(all, |m| {
                    m["files"].as_array_mut().into_iter().for_each(|files| files.push(listed.clone()));
                })?;
                all.push((twin.clone(), bytes));
                all
            },
            &["pack.json", "twice"],
        ),
        (
            "itself",
            edited(good()?, |m| {
                let size = m["files"][0]["bytes"].clone();
                m["files"][0] = json!({"name": "pack.json", "bytes": size, "unpacked_bytes": size, "sha256": ""});
            })?,
            &["pack.json", "lists pack.json twice"],
        ),
    ];
    for (what, all, expected) in cases {
        both_refuse(home.path(), what, &all, expected)?;
    }
    std::fs::write(home.path().join("secret"), "x")?;
    for name in ["../secret", "/etc/passwd", "a/b", "a\\b", "..", ".hidden", "", "a\u{0}b", "C:secret"] {
        let folder = home.path().join("pack");
        put(&folder, &first("name", json!(name))?)?;
        for command in [&["pack", "verify"][..], &["info"]] {
            let output = lladr(command).arg(&folder).output()?;
            refused(name, &output, &["pack.json", "is not a plain file name"]);
        }
    }
    Ok(())
}

#[test]
fn a_damaged_file_is_named() -> Outcome {
    let home = tempfile::tempdir()?;
    let good = packed(home.path(), "f16")?;
    assert!(good.iter().filter(|(name, _)| name.starts_with("ranking-")).count() == 2);
    // Every file of a hosted pack is verified, rankings too.
    for at in 1..good.len() {
        let name = good[at].0.clone();
        let folder = home.path().join("pack");
        for damage in ["missing", "cut", "longer", "altered", "a folder"] {
            let mut all = good.clone();
            let bytes = &mut all[at].1;
            match damage {
                "cut" => bytes.truncate(bytes.len() / 2),
                "longer" => bytes.extend([0; 9]),
                "altered" => {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 1;
                }
                _ => drop(all.remove(at)),
            }
            put(&folder, &all)?;
            if damage == "a folder" {
                std::fs::create_dir(folder.join(&name))?;
            }
            let output = lladr(&["pack", "verify"]).arg(&folder).output()?;
            refused(&format!("{name}, {damage}"), &output, &[&name]);
            std::fs::remove_dir_all(&folder)?;
        }
    }
    put(&home.path().join("pack"), &good)?;
    std::fs::write(home.path().join("pack/notes.txt"), "mine")?;
    let output = lladr(&["pack", "verify"]).arg(home.path().join("pack")).output()?;
    refused("a stranger", &output, &["notes.txt"]);
    Ok(())
}

#[test]
fn bytes_that_are_no_pack_are_refused_under_true_hashes() -> Outcome {
    let home = tempfile::tempdir()?;
    let good = || files(Precision::F32);
    let model = |bytes: Vec<u8>| replaced(good()?, "model.safetensors", bytes);
    let scales = |last: f32| model(bytes_with(Some(singles(ENTITIES, last))));
    let layout = |rows: usize, last: f32| {
        let positions = tensors(&[("positions", "F32", [rows, 2], singles(rows * 2, last))]);
        replaced(good()?, "layout.safetensors", positions)
    };
    let text = |rows: usize, last: f32| {
        replaced(good()?, "text.safetensors", tensors(&[("name", "F32", [rows, 3], singles(rows * 3, last))]))
    };
    // 64 MiB of zeros, said to be a kilobyte.
    let bomb = {
        let (mut all, bytes) = (good()?, gzip(&vec![0; 64 << 20])?);
        let at = place(&all, "entities.tsv");
        let listed = entry("entities.tsv.gz", &bytes, 1000);
        all[at] = ("entities.tsv.gz".into(), bytes);
        edited(all, |m| m["files"][at - 1] = listed)?
    };
    let cut = {
        let (mut all, mut bytes) = (good()?, gzip(&good()?[1].1)?);
        bytes.truncate(bytes.len() / 2);
        let at = place(&all, "entities.tsv");
        let listed = entry("entities.tsv.gz", &bytes, 1000);
        all[at] = ("entities.tsv.gz".into(), bytes);
        edited(all, |m| m["files"][at - 1] = listed)?
    };
    let cases: Vec<(&str, Vec<NamedBytes>, &[&str])> = vec![
        ("a bomb", bomb, &["entities.tsv.gz", "does not unpack to the 1000 bytes"]),
        ("cut gzip", cut, &["entities.tsv.gz", "cannot be unpacked"]),
        ("NaN", model(rows_with(f32::NAN))?, &["row 6 holds a number that is not finite"]),
        ("infinity", model(rows_with(f32::INFINITY))?, &["row 6 holds a number that is not finite"]),
        ("no scales", model(bytes_with(None))?, &[MODEL, "entity.scale", "missing"]),
        ("few scales", model(bytes_with(Some(singles(ENTITIES - 1, 0.5))))?, &[MODEL, "6 × 1 scales do not fit 7"]),
        ("a negative scale", scales(-0.5)?, &[MODEL, "row 6 has the scale -0.5"]),
        ("an infinite scale", scales(f32::INFINITY)?, &[MODEL, "row 6 has the scale inf"]),
        ("a scale that is none", scales(f32::NAN)?, &[MODEL, "row 6 has the scale NaN"]),
        ("a shard too few", sharded(good()?, &[3, 2], 3)?, &["pack.json", "does not list model-00003-of-00003"]),
        ("rows too few", sharded(good()?, &[3, 2], 2)?, &[MODEL, "5 entities"]),
        ("rows too many", sharded(good()?, &[5, 5], 2)?, &["model-00002-of-00002", "do not fit"]),
        ("layout too short", layout(ENTITIES - 1, 0.5)?, &[LAYOUT, "7 of 2 were expected"]),
        ("layout of NaN", layout(ENTITIES, f32::NAN)?, &[LAYOUT, "row 6"]),
        ("text too long", text(ENTITIES + 1, 0.5)?, &[TEXT, "7 of 3 were expected"]),
        ("text of infinities", text(ENTITIES, f32::NEG_INFINITY)?, &[TEXT, "row 6"]),
    ];
    for (what, all, expected) in cases {
        both_refuse(home.path(), what, &all, expected)?;
    }
    // The ways to make them make good ones too.
    for (what, all) in [
        ("rows", model(rows_with(0.5))?),
        ("scales", scales(0.5)?),
        ("shards", sharded(good()?, &[3, 1, 3], 3)?),
        ("layout", layout(ENTITIES, 0.5)?),
        ("text", text(ENTITIES, 0.5)?),
    ] {
        let folder = home.path().join(what);
        put(&folder, &all)?;
        let output = lladr(&["pack", "verify"]).arg(&folder).output()?;
        assert!(output.status.success(), "{what}: {}", words(&output));
    }
    Ok(())
}

#[test]
fn a_ranking_must_be_what_the_model_gives() -> Outcome {
    let home = tempfile::tempdir()?;
    let good = packed(home.path(), "int8")?;
    let names = DISEASES.map(|disease| format!("ranking-{}.json", disease.replace(':', "-")));
    let bytes = |name: &str| good[place(&good, name)].1.clone();
    let verify = |what: &str, all: &[NamedBytes], expected: &[&str]| -> Outcome {
        let folder = home.path().join("pack");
        put(&folder, all)?;
        refused(what, &lladr(&["pack", "verify"]).arg(&folder).output()?, expected);
        Ok(std::fs::remove_dir_all(&folder)?)
    };
    let other = replaced(good.clone(), &names[0], bytes(&names[1]))?;
    verify("of another disease", &other, &[&names[0], "is the ranking of Disease::D2"])?;
    let mut swapped: Value = serde_json::from_slice(&bytes(&names[0]))?;
    swapped["rows"].as_array_mut().ok_or("a ranking has rows")?.swap(0, 1);
    let swapped = replaced(good.clone(), &names[0], serde_json::to_vec(&swapped)?)?;
    verify("in another order", &swapped, &[&names[0], "is not what the pack's model gives"])?;
    let text = replaced(good.clone(), &names[0], b"no JSON".to_vec())?;
    verify("no JSON", &text, &[&names[0], "is no ranking"])?;
    Ok(())
}

#[test]
fn packs_of_every_precision_are_verified_and_read_back() -> Outcome {
    let home = tempfile::tempdir()?;
    for quantize in ["f32", "f16", "int8"] {
        let all = packed(home.path(), quantize)?;
        let folder = home.path().join(quantize);
        put(&folder, &all)?;
        let output = lladr(&["pack", "verify", "--json", "-"]).arg(&folder).output()?;
        assert!(output.status.success(), "{quantize}: {}", words(&output));
        let found: Value = serde_json::from_slice(&output.stdout)?;
        assert_eq!((&found["entities"], &found["rankings"]), (&json!(ENTITIES), &json!(2)), "{quantize}");
        // What is packed again is the same, but for what the card says of rounding.
        let read = lladr_core::pack::read(&all, 1 << 30)?;
        let exact = lladr_core::pack::read(&files(Precision::F32)?, 1 << 30)?;
        let row = |pack: &lladr_core::pack::Pack, id: &str| -> Outcome<Vec<f32>> {
            let row = pack.graph.vocabulary.entity_row(id).ok_or("no such entity")?.index();
            let model = pack.model.as_ref().ok_or("no model")?;
            Ok(model.rows()[row * DIM..(row + 1) * DIM].to_vec())
        };
        for id in ["Compound::A", "Gene::2", DISEASES[1]] {
            let (ours, theirs) = (row(&read, id)?, row(&exact, id)?);
            let most = theirs.iter().fold(0f32, |most, x| most.max(x.abs()));
            let tolerance = match quantize {
                "f32" => 0.0,
                "f16" => most / 1024.0,
                _ => most / 127.0,
            };
            let far = ours.iter().zip(&theirs).find(|(a, b)| (*a - *b).abs() > tolerance);
            assert!(far.is_none(), "{quantize}, {id}: {far:?}");
        }
    }
    Ok(())
}

#[test]
fn a_source_without_a_licence_is_not_packed_unless_asked() -> Outcome {
    let home = tempfile::tempdir()?;
    let (table, pack, out) = (home.path().join("t.tsv"), home.path().join("pack"), home.path().join("out"));
    std::fs::write(&table, "Compound::A\ttreats\tDisease::B\n")?;
    let import = |more: &[&str]| {
        lladr(&["import", "tsv", "--source", "a friend", "--out"]).arg(&pack).arg(&table).args(more).output()
    };
    let make = |more: &[&str]| lladr(&["pack", "--pack"]).arg(&pack).arg("--out").arg(&out).args(more).output();
    assert!(import(&[])?.status.success());
    refused("no licence", &make(&[])?, &["no licence is known of a friend", "--licence", "--allow-unlicensed"]);
    assert!(!out.exists());
    let output = make(&["--allow-unlicensed"])?;
    assert!(output.status.success() && words(&output).contains("a friend"), "{}", words(&output));
    refused("verify", &lladr(&["pack", "verify"]).arg(&out).output()?, &["no licence is known of a friend"]);
    assert!(import(&["--licence", "CC0-1.0"])?.status.success());
    assert!(make(&[])?.status.success());
    Ok(())
}
