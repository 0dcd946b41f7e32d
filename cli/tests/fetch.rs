//! `lladr fetch` from a server that cuts, ignores ranges and answers with the wrong file.
#![allow(clippy::disallowed_methods, reason = "a server waits for its clients")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use md5::{Digest, Md5};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A file of 100,000 bytes.
fn archive() -> Vec<u8> {
    (0..100_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the server does with one request: a status that refuses, or the file from where it was asked for, cut after so
/// many bytes.
#[derive(Clone, Copy)]
enum Turn {
    Refuse(u16),
    Cut(usize),
    Whole,
    /// Everything, whatever range was asked for.
    NoRanges,
}

/// Serves the archive; gives the address and the ranges that were asked for.
fn serve(turns: &'static [Turn]) -> (String, Arc<Mutex<Vec<u64>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/drkg.tar.gz", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let ranges = asked.clone();
    std::thread::spawn(move || {
        let file = archive();
        for (at, stream) in listener.incoming().flatten().enumerate() {
            let mut stream = stream;
            let lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
            let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let range = head
                .iter()
                .find_map(|line| line.to_lowercase().strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
            ranges.lock().expect("no test panics in it").push(range.unwrap_or(0));
            let turn = turns.get(at).copied().unwrap_or(Turn::Whole);
            let start = if matches!(turn, Turn::NoRanges) { 0 } else { range.unwrap_or(0) as usize };
            let body = &file[start.min(file.len())..];
            let (status, more) = match turn {
                Turn::Refuse(status) => (status, String::new()),
                _ if start >= file.len() => (416, String::new()),
                _ if start > 0 => (206, format!("Content-Range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len())),
                _ => (200, String::new()),
            };
            let body = if status < 300 { body } else { b"" };
            let sent = if let Turn::Cut(most) = turn { &body[..body.len().min(most)] } else { body };
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(sent);
        }
    });
    (url, asked)
}

fn fetch(to: &Path, more: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_lladr")).args(["fetch", "drkg", "--to"]).arg(to).args(more).output()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stood() -> Outcome {
    let home = tempfile::tempdir()?;
    let (url, asked) = serve(&[Turn::Refuse(503), Turn::Cut(30_000), Turn::Cut(20_000)]);
    let output = fetch(home.path(), &["--url", &url, "--md5", &md5(&archive()), "--json", "-"])?;
    assert!(output.status.success(), "{}", error(&output));
    assert_eq!(std::fs::read(home.path().join("drkg.tar.gz"))?, archive());
    assert!(!home.path().join("drkg.tar.gz.part").exists());
    let starts = asked.lock().expect("no test panics in it").clone();
    assert_eq!(starts.len(), 4);
    assert_eq!(starts[..2], [0, 0]);
    assert!(starts[2] > 0 && starts[3] > starts[2], "{starts:?}");
    // A file that is there and right is not fetched again.
    assert!(fetch(home.path(), &["--url", &url, "--md5", &md5(&archive())])?.status.success());
    assert_eq!(asked.lock().expect("no test panics in it").len(), 4);
    Ok(())
}

#[test]
fn a_later_run_goes_on_and_a_stale_part_is_found_out() -> Outcome {
    let home = tempfile::tempdir()?;
    let (url, _) = serve(&[Turn::Cut(30_000)]);
    let right = md5(&archive());
    let output = fetch(home.path(), &["--url", &url, "--md5", &right, "--retries", "0"])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(error(&output).contains("goes on from"), "{}", error(&output));
    assert!(!home.path().join("drkg.tar.gz").exists());
    // What stands there is of another file: it is taken up, found wrong, and fetched anew.
    std::fs::write(home.path().join("drkg.tar.gz.part"), vec![7; 40_000])?;
    assert!(fetch(home.path(), &["--url", &url, "--md5", &right])?.status.success());
    assert_eq!(std::fs::read(home.path().join("drkg.tar.gz"))?, archive());
    Ok(())
}

#[test]
fn servers_without_ranges_send_all_again() -> Outcome {
    let home = tempfile::tempdir()?;
    let (url, _) = serve(&[Turn::Cut(30_000), Turn::NoRanges]);
    assert!(fetch(home.path(), &["--url", &url, "--md5", &md5(&archive())])?.status.success());
    assert_eq!(std::fs::read(home.path().join("drkg.tar.gz"))?, archive());
    Ok(())
}

#[test]
fn another_file_than_the_right_one_is_not_kept() -> Outcome {
    let home = tempfile::tempdir()?;
    let (url, _) = serve(&[]);
    let output = fetch(home.path(), &["--url", &url])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(error(&output).contains(&format!("--md5 {} takes it", md5(&archive()))), "{}", error(&output));
    assert_eq!(std::fs::read_dir(home.path())?.count(), 0);
    let (gone, _) = serve(&[Turn::Refuse(404)]);
    assert!(error(&fetch(home.path(), &["--url", &gone])?).contains("404"));
    assert!(error(&fetch(home.path(), &["--md5", "12"])?).contains("32 hexadecimal digits"));
    Ok(())
}

#[test]
fn an_archive_at_hand_is_checked_and_copied() -> Outcome {
    let home = tempfile::tempdir()?;
    let own = home.path().join("mine.tar.gz");
    std::fs::write(&own, archive())?;
    let from = own.to_string_lossy().into_owned();
    let to = home.path().join("to");
    assert!(error(&fetch(&to, &["--from", &from])?).contains(&md5(&archive())));
    assert!(fetch(&to, &["--from", &from, "--md5", "any"])?.status.success());
    assert_eq!(std::fs::read(to.join("drkg.tar.gz"))?, archive());
    Ok(())
}
