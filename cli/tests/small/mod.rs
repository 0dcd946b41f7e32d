//! A small pack, files of other programs for it, and the program itself: for tests of what comes in and goes out.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub const CTD: &str = "Hetionet::CtD::Compound:Disease";
pub const GBD: &str = "Hetionet::CbG::Compound:Gene";

pub fn lladr(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lladr")).args(args).output().expect("lladr starts")
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Entities of the small graph.
pub fn entities() -> Vec<String> {
    let of = |kind: &str, count: usize| (0..count).map(|at| format!("{kind}::{at}")).collect::<Vec<_>>();
    [of("Compound", 12), of("Disease", 4), of("Gene", 5)].concat()
}

/// Numbers that differ, without a pattern that a mistake would keep.
pub fn number(row: usize, column: usize) -> f32 {
    ((row * 7919 + column * 104_729 + 13) % 1000) as f32 / 500.0 - 1.0
}

/// `.npy`, single precision, rows as [`number`] says.
pub fn npy(path: &Path, rows: usize, width: usize, number: impl Fn(usize, usize) -> f32) {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    header += &" ".repeat(117 - header.len());
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for row in 0..rows {
        (0..width).for_each(|column| bytes.extend(number(row, column).to_le_bytes()));
    }
    std::fs::write(path, bytes).expect("a file can be written");
}

/// A pack of the small graph.
pub fn pack(home: &Path) -> PathBuf {
    let mut rows = String::new();
    for drug in 0..12 {
        rows += &format!("Compound::{drug}\t{CTD}\tDisease::{}\n", drug % 4);
        rows += &format!("Compound::{drug}\t{GBD}\tGene::{}\n", drug % 5);
    }
    let table = home.join("triples.tsv");
    std::fs::write(&table, rows).expect("a file can be written");
    let pack = home.join("pack");
    let done =
        lladr(&["import", "tsv", text(&table), "--out", text(&pack), "--licence", "CC0-1.0", "--hold-out", "0.2"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    pack
}

pub fn told(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("JSON was asked for")).expect("it is JSON")
}

pub fn write_table(path: &Path, names: &[String], id_first: bool) {
    let line =
        |(at, name): (usize, &String)| if id_first { format!("{at}\t{name}\n") } else { format!("{name}\t{at}\n") };
    std::fs::write(path, names.iter().enumerate().map(line).collect::<String>()).expect("a file can be written");
}

pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let file = |entry: std::fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"))
    };
    entries.map(|entry| file(entry.expect("an entry"))).collect()
}

/// A pack with a trained model.
pub fn trained(home: &Path, model: &str) -> PathBuf {
    let (from, out) = (pack(home), home.join(format!("trained-{model}")));
    let done =
        lladr(&["train", "--pack", text(&from), "--model", model, "--dim", "8", "--epochs", "2", "--out", text(&out)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}
