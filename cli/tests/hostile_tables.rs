//! `lladr import` of what is no table: an error that names the file and says what to do, and nothing is left behind.

mod toy;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use toy::{Outcome, lladr, names, refused, words};

const ROW: &str = "Compound::A\ttreats\tDisease::B\n";

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A tar archive of files, whatever their names.
fn tar(files: &[(&str, &[u8])]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // The library's own way would refuse such a name.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, *bytes)?;
    }
    archive.into_inner()
}

#[test]
fn what_is_no_table_is_refused_with_advice() -> Outcome {
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(ROW.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let many = ROW.repeat(5000);
    let packed = gzip(many.as_bytes())?;
    let long = format!("{}\tr\tb\n", "x".repeat(10 << 20));
    let types: String = (0..300).map(|at| format!("T{at}::1\tr\tB::1\n")).collect();
    let archive = tar(&[("drkg.tsv", many.as_bytes())])?;
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("empty", Vec::new(), &["it is empty", "tabs"]),
        ("only-lines", b"\n\n\r\n".to_vec(), &["none of its 0 rows", "head TAB relation TAB tail"]),
        ("only-header", b"head\trelation\ttail\n".to_vec(), &["none of its 1 rows"]),
        ("binary", (0..=255).collect(), &["no text"]),
        ("utf-16", utf16, &["UTF-16", "save it as UTF-8"]),
        ("latin-1", b"Compound::\xe4\tr\tb\n".to_vec(), &["none of its 1 rows"]),
        ("one-long-line", long.into_bytes(), &["none of its 1 rows"]),
        ("lone-cr", ROW.replace('\n', "\r").repeat(3).into_bytes(), &["CR alone", "line feeds"]),
        ("commas", b"a,r,b\n".to_vec(), &["commas", "save it with tabs"]),
        ("two-columns", b"a\tb\n".to_vec(), &["none of its 1 rows"]),
        ("four-columns", b"a\tr\tb\t1\n".to_vec(), &["none of its 1 rows"]),
        ("empty-cells", b"\t\t\nGene::\tr\tb\n".to_vec(), &["none of its"]),
        ("types", types.into_bytes(), &["more than 256 kinds", "write identifiers as Type::id"]),
        ("zip", b"PK\x03\x04rest".to_vec(), &["zip", "unpack it"]),
        ("page", b"<!DOCTYPE html><html>".to_vec(), &["web page"]),
        ("cut-gzip", packed[..packed.len() / 2].to_vec(), &[]),
        ("no-crc", packed[..packed.len() - 4].to_vec(), &[]),
        ("twice", gzip(&packed)?, &["packed by gzip twice"]),
        ("only-magic", b"\x1f\x8b".to_vec(), &[]),
        ("without-table", tar(&[("a.txt", b"a"), ("deep/b.tsv", b"b")])?, &["without drkg.tsv (a.txt, deep/b.tsv)"]),
        ("two-tables", tar(&[("drkg.tsv", ROW.as_bytes()), ("x/drkg.tsv", ROW.as_bytes())])?, &["two files called"]),
        ("empty-table", tar(&[("drkg.tsv", b"")])?, &["drkg.tsv: it is empty"]),
        ("cut-archive", archive[..archive.len() / 2].to_vec(), &["no whole tar archive"]),
        ("gzip-cut-archive", gzip(&archive)?[..200].to_vec(), &[]),
    ];
    let home = tempfile::tempdir()?;
    for (name, bytes, expected) in cases {
        let (file, out) = (home.path().join(format!("{name}.file")), home.path().join("out"));
        std::fs::write(&file, bytes)?;
        let output = lladr(&["import", "tsv"]).arg(&file).arg("--out").arg(&out).output()?;
        let file_name = format!("{name}.file");
        refused(name, &output, &[&[file_name.as_str()], *expected].concat());
        let nodes = home.path().join("nodes");
        std::fs::write(&nodes, "id\tname\tkind\n")?;
        let output = lladr(&["import", "hetionet", "--edges"])
            .arg(&file)
            .arg("--nodes")
            .arg(&nodes)
            .arg("--out")
            .arg(&out)
            .output()?;
        refused(name, &output, &[&file_name]);
        std::fs::remove_file(&file)?;
        assert_eq!(names(home.path())?, ["nodes"], "{name}: something is left behind");
    }
    let output = lladr(&["import", "tsv", "nowhere.tsv", "--out"]).arg(home.path().join("out")).output()?;
    refused("missing", &output, &["nowhere.tsv"]);
    let output = lladr(&["import", "tsv"]).arg(home.path()).arg("--out").arg(home.path().join("out")).output()?;
    refused("a folder", &output, &[&home.path().display().to_string()]);
    Ok(())
}

#[test]
fn names_in_an_archive_lead_nowhere() -> Outcome {
    let home = tempfile::tempdir()?;
    let file = home.path().join("odd.tar.gz");
    let climbing = tar(&[("../../escaped.tsv", b"x"), ("/tmp/../drkg.tsv", ROW.as_bytes())])?;
    std::fs::write(&file, gzip(&climbing)?)?;
    let out = home.path().join("deep/pack");
    let output = lladr(&["import", "tsv"]).arg(&file).arg("--out").arg(&out).output()?;
    assert!(output.status.success(), "the table is read, and nothing is unpacked: {}", words(&output));
    assert_eq!(names(home.path())?, ["deep", "odd.tar.gz"]);
    assert_eq!(names(&home.path().join("deep"))?, ["pack"]);
    Ok(())
}

/// A header in an archive that claims, and brings, a name of half a gibibyte.
#[test]
fn a_long_name_in_an_archive_takes_no_memory() -> Outcome {
    const LENGTH: u64 = 1 << 29;
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_path("././@LongLink")?;
    header.set_size(LENGTH);
    header.set_cksum();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(header.as_bytes())?;
    let block = vec![b'a'; 1 << 20];
    for _ in 0..LENGTH >> 20 {
        encoder.write_all(&block)?;
    }
    encoder.write_all(&tar(&[("drkg.tsv", ROW.as_bytes())])?)?;
    let home = tempfile::tempdir()?;
    let (file, out) = (home.path().join("long.tar.gz"), home.path().join("pack"));
    std::fs::write(&file, encoder.finish()?)?;
    let mut command = std::process::Command::new("sh");
    // 384 MiB of address space are less than the name.
    command.args(["-c", "ulimit -v 393216; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_lladr"), "import", "tsv"]);
    let output = command.arg(&file).arg("--out").arg(&out).output()?;
    assert!(output.status.success(), "{}", words(&output));
    Ok(())
}

#[test]
fn rows_that_a_pack_cannot_hold_are_mended_or_left_out() -> Outcome {
    let home = tempfile::tempdir()?;
    let (file, out) = (home.path().join("odd.tsv"), home.path().join("pack"));
    let text =
        "\u{feff}aspirin\ttreats\tpain\nA::a\rb\tr\tB::1\nA::a b\tr\tB::1\n::x\tr\tB::1\na|b\tr|s\tC::\u{2028}\n";
    std::fs::write(&file, text)?;
    let output = lladr(&["import", "tsv"]).arg(&file).arg("--out").arg(&out).output()?;
    assert!(output.status.success(), "{}", words(&output));
    assert!(
        words(&output).contains("2 rows with an identifier without a type, kept as Entity::"),
        "{}",
        words(&output)
    );
    let output = lladr(&["info"]).arg(&out).output()?;
    assert!(output.status.success(), "what import writes can be read: {}", words(&output));
    Ok(())
}
