//! Writes good files to begin with into `corpus/`, a folder per target.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use lladr_cli::embeddings::npy;
use lladr_core::backend::{Parameters, RunSpec};
use lladr_core::pack::{Precision, sha256_hex};
use lladr_core::plan::PlanShape;
use lladr_core::settings::Settings;
use lladr_core::train::Checkpoint;
use lladr_fuzz::{TABLE, files};

fn put(target: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(sha256_hex(bytes)), bytes)?)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["._drkg.tsv", "folder/drkg.tsv"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(TABLE.len() as u64);
        archive.append_data(&mut header, name, TABLE.as_bytes())?;
    }
    let archive = archive.into_inner()?;
    for bytes in [TABLE.as_bytes(), &gzip(TABLE.as_bytes())?, &archive, &gzip(&archive)?] {
        put("table", bytes)?;
    }
    put("table", b"\xef\xbb\xbfhead\trelation\ttail\r\naspirin\ttreats\tpain\r\n")?;

    for (how, precision) in Precision::ALL.into_iter().enumerate() {
        let files = files(precision)?;
        put("manifest", &files[0].1)?;
        for (at, (name, bytes)) in files[1..].iter().enumerate() {
            let how = how as u8 + if name.ends_with(".gz") { 4 } else { 0 };
            put("pack", &[&[at as u8, how], bytes.as_slice()].concat())?;
            if name.ends_with(".gz") {
                let mut unpacked = Vec::new();
                std::io::copy(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut unpacked)?;
                put("pack", &[&[at as u8, how - 4], unpacked.as_slice()].concat())?;
            }
        }
    }

    let settings = Settings { dim: 4, ..Settings::default() };
    let Settings { batch, negatives, seed, .. } = settings;
    let spec = RunSpec { settings, shape: PlanShape { entities: 3, relations: 2, triples: 5, batch, negatives, seed } };
    let parameters = Parameters { rows: vec![0.5; 5 * 4], state: vec![0.0; spec.state_len()], free: Vec::new() };
    put("checkpoint", &Checkpoint { spec, step: 1, parameters }.to_bytes()?)?;

    put("npy", &npy::write(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3))?;
    for (kind, order, shape, bytes) in
        [("<c8", "True", "(2, 1)", 16), (">f8", "False", "(1, 2)", 16), ("<f2", "False", "(2, 2)", 8)]
    {
        let header = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        put("npy", &[b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &vec![0; bytes]].concat())?;
    }
    put("word2vec", b"2 3\na 1 2 3\nb c 4 5 6\n")?;
    put("word2vec", &[b"2 1\na ", &1f32.to_le_bytes()[..], b"\nb ", &2f32.to_le_bytes(), b"\n"].concat())?;
    put("word2vec", b"name\tid\na\t0\nb\t1\n")?;
    put("word2vec", b"0\ta\n1\tb\n")?;
    Ok(())
}
