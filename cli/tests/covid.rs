//! DRKG's COVID-19 notebook with small rows: released-style files in, its ranking out.
//!
//! The notebook (drug_repurpose/COVID-19_drug_repurposing.ipynb of github.com/gnn4dr/DRKG) scores every candidate drug
//! with every coronavirus node as `log σ(12 − ‖h + r − t‖₂)` and takes the best of each drug. The test makes rows of that
//! form, ranks them here in double precision, and compares with `lladr rank`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const TREATMENTS: [&str; 2] = ["Hetionet::CtD::Compound:Disease", "GNBR::T::Compound:Disease"];
/// Another relation of the graph, whose rows would put other drugs first.
const OTHER: &str = "GNBR::Sa::Compound:Disease";
const GAMMA: f64 = 12.0;
const DIM: usize = 16;
const DRUGS: usize = 60;
/// Some of the notebook's nodes: proteins of the virus that DRKG types as diseases, and diseases.
const COVID: [&str; 5] = [
    "Disease::SARS-CoV2 E",
    "Disease::SARS-CoV2 nsp5_C145A",
    "Disease::SARS-CoV2 orf9c",
    "Disease::MESH:D045169",
    "Disease::MESH:D001351",
];
const OTHERS: [&str; 3] = ["Disease::MESH:D003924", "Disease::DOID:9352", "Gene::5742"];

fn drug(at: usize) -> String {
    format!("Compound::DB{at:05}")
}

/// All entities, in the order of the rows: not the pack's.
fn entities() -> Vec<String> {
    let drugs = (0..DRUGS).map(|at| drug((at * 37) % DRUGS));
    COVID.into_iter().chain(OTHERS).map(str::to_owned).chain(drugs).collect()
}

/// Draws in −1 to 1 that have no pattern in row or column.
fn draw(row: usize, column: usize) -> f32 {
    let mut x =
        (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (column as u64 + 7).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x >> 40) as f32) / (1u64 << 23) as f32 - 1.0
}

/// Rows as long as DRKG's are for its margin: distances from about 6 to 20.
fn entity_number(row: usize, column: usize) -> f32 {
    3.0 * draw(row, column)
}

fn relation_number(row: usize, column: usize) -> f32 {
    draw(1000 + row, column)
}

fn npy(path: &Path, rows: usize, number: impl Fn(usize, usize) -> f32) {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {DIM}), }}");
    header += &" ".repeat(117 - header.len());
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for row in 0..rows {
        (0..DIM).for_each(|column| bytes.extend(number(row, column).to_le_bytes()));
    }
    std::fs::write(path, bytes).expect("a file can be written");
}

fn lladr(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_lladr")).args(args).output().expect("lladr starts");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn relations() -> [&'static str; 3] {
    [OTHER, TREATMENTS[1], TREATMENTS[0]]
}

/// A graph that states some treatments, known ones of the coronavirus too: they stay in the list.
fn graph(home: &Path) -> String {
    let mut triples = String::new();
    for at in 0..DRUGS {
        let disease = COVID.into_iter().chain(OTHERS).filter(|id| id.starts_with("Disease")).nth(at % 7);
        triples += &format!("{}\t{}\t{}\n", drug(at), relations()[at % 3], disease.expect("seven diseases"));
        triples += &format!("{}\tGNBR::E::Compound:Gene\tGene::5742\n", drug(at));
    }
    let file = home.join("triples.tsv");
    std::fs::write(&file, triples).expect("a file can be written");
    let pack = home.join("pack").to_string_lossy().into_owned();
    lladr(&["import", "tsv", &file.to_string_lossy(), "--out", &pack, "--licence", "CC0-1.0", "--hold-out", "0"]);
    pack
}

/// The notebook, in double precision: drugs and their scores, best first.
fn notebook(candidates: &[String], top: usize) -> Vec<(String, f64)> {
    let names = entities();
    let row = |name: &str| names.iter().position(|known| known == name).expect("it has a row");
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for drug in candidates {
        for treatment in TREATMENTS {
            let relation = relations().iter().position(|known| *known == treatment).expect("it has a row");
            for disease in COVID {
                let (h, t) = (row(drug), row(disease));
                let squares = (0..DIM).map(|k| {
                    let numbers =
                        [entity_number(h, k), relation_number(relation, k), entity_number(t, k)].map(f64::from);
                    (numbers[0] + numbers[1] - numbers[2]).powi(2)
                });
                let score = GAMMA - squares.sum::<f64>().sqrt();
                let own = best.entry(drug).or_insert(f64::NEG_INFINITY);
                *own = own.max(log_sigmoid(score));
            }
        }
    }
    let mut ranking: Vec<(String, f64)> = best.into_iter().map(|(drug, score)| (drug.to_owned(), score)).collect();
    ranking.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranking.truncate(top);
    ranking
}

/// The pack with the rows from released-style files, whose tables are of one order of columns or the other.
fn imported(home: &Path, id_first: bool) -> String {
    let (pack, names) = (graph(home), entities());
    let embed = home.join("embed");
    std::fs::create_dir_all(&embed).expect("a folder can be made");
    npy(&embed.join("DRKG_TransE_l2_entity.npy"), names.len(), entity_number);
    npy(&embed.join("DRKG_TransE_l2_relation.npy"), 3, relation_number);
    let table = |names: &[String]| -> String {
        let line = |(at, name): (usize, &String)| match id_first {
            true => format!("{at}\t{name}\n"),
            false => format!("{name}\t{at}\n"),
        };
        names.iter().enumerate().map(line).collect()
    };
    std::fs::write(embed.join("entities.tsv"), table(&names)).expect("a file can be written");
    std::fs::write(embed.join("relations.tsv"), table(&relations().map(str::to_owned))).expect("a file can be written");
    let model = home.join("model").to_string_lossy().into_owned();
    let from = embed.to_string_lossy().into_owned();
    let words = lladr(&["import-embeddings", "dglke", &from, "--gamma", "12", "--pack", &pack, "--out", &model]);
    assert!(words.contains("matched   68 entities") && words.contains("GNBR::E::Compound:Gene"), "{words}");
    model
}

/// One drug in six is no candidate.
fn candidates() -> Vec<String> {
    (0..DRUGS).filter(|at| at % 6 != 0).map(drug).collect()
}

fn log_sigmoid(score: f64) -> f64 {
    -(-score).exp().ln_1p()
}

#[test]
fn every_score_is_the_notebooks_in_both_column_orders() {
    let candidates = candidates();
    let expected = notebook(&candidates, candidates.len());
    assert!(expected[0].1 > -1.0 && expected[19].1 > -10.0, "scores of the notebook's size");
    for id_first in [false, true] {
        let home = tempfile::tempdir().expect("a folder can be made");
        let folder = imported(home.path(), id_first);
        let entries = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry"));
        let files: Vec<_> = entries
            .map(|entry| {
                (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"))
            })
            .collect();
        let pack = lladr_core::pack::read(&files, u64::MAX).expect("the pack is whole");
        let (model, vocabulary) = (pack.model.expect("a model"), &pack.graph.vocabulary);
        let entity = |id: &str| vocabulary.entity_row(id).expect("it is in the pack");
        for (drug, expected) in &expected {
            let scores = TREATMENTS.iter().flat_map(|relation| COVID.map(|disease| (*relation, disease)));
            let best = scores
                .map(|(relation, disease)| {
                    let relation = vocabulary.relation_row(relation).expect("it is in the pack");
                    f64::from(model.score(&lladr_core::graph::Triple::new(entity(drug), relation, entity(disease))))
                })
                .fold(f64::NEG_INFINITY, f64::max);
            assert!((log_sigmoid(best) - expected).abs() < 1e-4, "{drug}: {best}, {expected}");
        }
    }
}

#[test]
fn the_ranking_is_the_notebooks() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let model = imported(home.path(), false);
    let (candidates, names) = (candidates(), entities());
    let expected = notebook(&candidates, 20);
    // As infer_drug.tsv: drug TAB row.
    let line = |drug: &String| {
        let row = names.iter().position(|known| known == drug).expect("it has a row");
        format!("{drug}\t{row}\n")
    };
    let list = home.path().join("infer_drug.tsv").to_string_lossy().into_owned();
    std::fs::write(&list, candidates.iter().map(line).collect::<String>()).expect("a file can be written");
    let told = home.path().join("ranking.tsv").to_string_lossy().into_owned();
    let mut args = vec!["rank", "--pack", &model, "--candidates", &list, "--top", "20"];
    COVID.iter().for_each(|id| args.extend(["--disease", id]));
    TREATMENTS.iter().for_each(|id| args.extend(["--relation", id]));
    args.extend(["--tsv", &told]);
    lladr(&args);
    let text = std::fs::read_to_string(&told).expect("the table was asked for");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).expect(name);
    let (id, score) = (column("drug"), column("score"));
    let cells = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    let found: Vec<(&str, f64)> =
        cells.map(|cells| (cells[id], log_sigmoid(cells[score].parse().expect("a number")))).collect();
    assert_eq!(found.len(), expected.len());
    for ((found, score), (drug, expected)) in found.iter().zip(&expected) {
        assert_eq!(found, drug);
        assert!((score - expected).abs() < 1e-4, "{drug}: {score}, {expected}");
    }
}
