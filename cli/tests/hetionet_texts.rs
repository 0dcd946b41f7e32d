//! Descriptions of a large graph: Hetionet in DRKG's naming, with fifty thousand held-out pairs.
#![allow(clippy::disallowed_methods, reason = "the test measures wall time")]

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use flate2::read::MultiGzDecoder;
use lladr_core::graph::{KnowledgeGraph, Roles, Split, SplitRule, Triple, Vocabulary, split_by_pair};
use lladr_core::ids::EntityId;
use lladr_core::pack::{self, Contents, Manifest, Notes, Storage};
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn unpacked(path: &Path) -> Outcome<String> {
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}

/// Hetionet with its treatments, or with its side effects too, held out.
fn hetionet(data: &Path, held_out: &[&str], share: f32) -> Outcome<(Manifest, KnowledgeGraph)> {
    let mut vocabulary = Vocabulary::default();
    let mut triples = Vec::new();
    for line in unpacked(&data.join("hetionet-drkg/hetionet_drkg.tsv.gz"))?.lines() {
        let [head, relation, tail] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        let (head, tail) = (vocabulary.entity_or_add(head), vocabulary.entity_or_add(tail));
        triples.push(Triple::new(head, vocabulary.relation_or_add(relation), tail));
    }
    for line in unpacked(&data.join("hetionet-drkg/names.tsv.gz"))?.lines() {
        let row = line.split_once('\t').and_then(|(id, name)| Some((vocabulary.entity_row(id)?, name)));
        row.iter().for_each(|(row, name)| vocabulary.set_label(*row, name));
    }
    let relation = |id: &&str| vocabulary.relation_row(id).ok_or_else(|| format!("no triple of {id}"));
    let relations = held_out.iter().map(relation).collect::<Result<Vec<_>, _>>()?;
    let rule = SplitRule { relations: relations.clone(), share, first: Vec::new(), seed: 1 };
    let splits = split_by_pair(&vocabulary, &triples, &rule);
    let kind = |name: &str| vocabulary.type_row(name).ok_or_else(|| format!("no {name}"));
    let roles = Roles { drug: kind("Compound")?, disease: kind("Disease")?, treatments: relations[..2].to_vec() };
    let manifest = json!({
        "format": "lladr-pack", "version": 1, "title": "Hetionet", "description": "", "licence": "mixed",
        "sources": [], "made_by": "a test", "files": [],
        "split": { "rule": "", "seed": 1, "triples": [0, 0, 0] },
        "roles": { "drug_type": "Compound", "disease_type": "Disease", "treatments": held_out[..2],
            "default_disease": "Disease::DOID:9352" },
    });
    Ok((serde_json::from_value(manifest)?, KnowledgeGraph::new(vocabulary, splits, Some(roles))?))
}

#[test]
#[ignore = "needs LLADR_DATA"]
fn descriptions_of_a_large_graph_are_masked_in_seconds() -> Outcome {
    let data = PathBuf::from(std::env::var("LLADR_DATA")?);
    let home = tempfile::tempdir()?;
    // A place where the pack stays, to go on from.
    let place = std::env::var("LLADR_SCRATCH").map_or(home.path().to_owned(), PathBuf::from);
    let treatments = ["Hetionet::CtD::Compound:Disease", "Hetionet::CpD::Compound:Disease"];
    let more = [treatments[0], treatments[1], "Hetionet::CcSE::Compound:Side Effect"];
    let mut leaks = HashMap::new();
    for (name, held_out, share) in [("treatments", &treatments[..], 0.1), ("fifty-thousand", &more[..], 0.18)] {
        let (manifest, graph) = hetionet(&data, held_out, share)?;
        let notes = Notes::default();
        let contents = Contents { graph: &graph, model: None, notes: &notes, layout: None, text: None, rankings: &[] };
        let (folder, out) = (place.join(name), place.join(format!("{name}-described")));
        // The open texts name no drug of these pairs: one text that gives an answer away is written here.
        let own = place.join(format!("{name}.tsv"));
        let is_treatment = |t: &&Triple| graph.roles.as_ref().is_some_and(|it| it.treatments.contains(&t.relation()));
        let pair = graph.triples(Split::Test).iter().find(is_treatment).ok_or("no treatment is held out")?;
        let entity = |row| graph.vocabulary.entity(EntityId(row)).ok_or("no such row");
        let (drug, disease) = (entity(pair.head)?, entity(pair.tail)?);
        let text = format!("{} is a medicine that doctors have given against {} for years.", drug.label, disease.label);
        std::fs::write(&own, format!("entity\ttext\tsource\tlicence\tvia\n{}\t{text}\tus\tCC0-1.0\t\n", drug.id))?;
        std::fs::create_dir_all(&folder)?;
        for (file, bytes) in pack::write(manifest, &contents, Storage::WORK)? {
            std::fs::write(folder.join(file), bytes)?;
        }
        for (from, table) in [(&folder, data.join("descriptions/descriptions_open.tsv.gz")), (&out, own)] {
            let started = Instant::now();
            let output = Command::new(env!("CARGO_BIN_EXE_lladr"))
                .args(["describe", "--pack"])
                .arg(from)
                .arg("--out")
                .arg(&out)
                .arg("--from")
                .arg(table)
                .output()?;
            eprintln!("{name}: {:.1} s", started.elapsed().as_secs_f64());
            eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success());
        }
        let manifest: Value = serde_json::from_slice(&std::fs::read(out.join("pack.json"))?)?;
        leaks.insert(name, manifest["texts"]["leaks"].clone());
    }
    for (name, lines) in [("treatments", &leaks["treatments"]), ("fifty-thousand", &leaks["fifty-thousand"])] {
        let named = |template: &str| {
            let line = lines.as_array().and_then(|lines| lines.iter().find(|line| line["template"] == template));
            line.and_then(|line| line["named"].as_u64())
        };
        assert!(named("good") > Some(0) && named("masked") == Some(0), "{name}: {lines}");
    }
    Ok(())
}
