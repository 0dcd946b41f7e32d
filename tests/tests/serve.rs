//! The static server does what any static host does, and no more.
#![cfg(feature = "browser")]

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Status line and headers of an answer, in lower case, and its body.
async fn get(root: &Path, prefix: &str, path: &str) -> Result<(String, Vec<u8>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (root, prefix) = (root.to_path_buf(), prefix.to_owned());
    let server = tokio::spawn(async move { xtask::server::serve(listener, &root, &prefix).await });
    let mut stream = TcpStream::connect(address).await?;
    // Written by hand: a client would tidy up a path that tries to leave the folder.
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    server.abort();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").context("no headers")?;
    Ok((String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec()))
}

fn site() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("dist");
    std::fs::create_dir_all(root.join("packs"))?;
    std::fs::write(folder.path().join("secret"), "secret")?;
    for (name, text) in [("index.html", "<p>"), ("page.js", "1"), ("page_bg.wasm", "\0asm"), ("packs/x.tsv.gz", "gz")] {
        std::fs::write(root.join(name), text)?;
    }
    Ok(folder)
}

#[tokio::test]
async fn tells_types_and_keeps_nothing() -> Result<()> {
    let site = site()?;
    let root = site.path().join("dist");
    for (path, kind) in [("/", "text/html"), ("/page.js", "text/javascript"), ("/page_bg.wasm", "application/wasm")] {
        let (head, _) = get(&root, "/", path).await?;
        ensure!(head.starts_with("http/1.1 200") && head.contains(&format!("content-type: {kind}")), "{path}: {head}");
        ensure!(head.contains("cache-control: no-cache"), "{path}: {head}");
    }
    let (head, body) = get(&root, "/", "/packs/x.tsv.gz").await?;
    ensure!(!head.contains("content-encoding") && body == b"gz", "a stored file is served as it is: {head}");
    Ok(())
}

#[tokio::test]
async fn stays_in_its_folder_and_under_its_path() -> Result<()> {
    let site = site()?;
    let root = site.path().join("dist");
    for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/packs/../../secret", "/missing.js"] {
        let (head, body) = get(&root, "/", path).await?;
        ensure!(!head.starts_with("http/1.1 200") && body != b"secret", "{path}: {head}");
    }
    let (inside, _) = get(&root, "/some/project/", "/some/project/page.js").await?;
    let (outside, _) = get(&root, "/some/project/", "/page.js").await?;
    ensure!(inside.starts_with("http/1.1 200") && outside.starts_with("http/1.1 404"), "{inside}\n{outside}");
    Ok(())
}
