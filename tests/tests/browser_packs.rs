//! Packs from strangers: broken ones are told in one message, names are text and nothing else.
#![cfg(feature = "browser")]

use std::path::Path;

use anyhow::{Context, Result, ensure};
use lladr_core::ids::EntityId;
use lladr_core::pack::{self, Storage};
use lladr_tests::browser::{Explorer, Flavour, Site, explore_site};
use serde_json::{Value, json};

/// One broken copy of the starter pack: `break_it` is given its folder. The message must hold `cause`.
async fn is_told(cause: &str, break_it: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let site = Site::with_packs(|packs| {
        let broken = packs.join("broken");
        lladr_tests::browser::copy_folder(&packs.join("starter"), &broken)?;
        break_it(&broken)
    })
    .await?;
    explore_site(site, Flavour::NoWebGpu, async |page| {
        // The browser itself logs a file that is missing.
        page.watch.expect("packs/broken/");
        page.open("?pack=broken").await?;
        let message = page.text("error").await?;
        println!("{message}");
        ensure!(message.contains("the pack broken") && message.contains(cause), "no {cause:?} in {message:?}");
        let shown =
            page.evaluate("return document.querySelectorAll('[data-testid=\"error\"]').length", Vec::new()).await?;
        ensure!(shown == 1, "{shown} messages");
        remains_usable(page).await
    })
    .await
}

/// After the message the same page ranks with the shipped pack, and trains.
async fn remains_usable(page: &Explorer) -> Result<()> {
    ensure!(!page.text("disclaimer").await?.is_empty());
    page.until("the starter pack is open instead", async || {
        Ok(page.text_now("pack-name").await?.is_some_and(|name| name == "Starter").then_some(()))
    })
    .await?;
    ensure!(!page.ranking().await?.is_empty());
    page.press("train-step").await?;
    page.until("an epoch is trained", async || Ok((page.number("epoch-value").await? >= 1.0).then_some(()))).await
}

/// Two packs are offered; the one that is chosen while the other is open is broken.
#[tokio::test]
async fn the_last_good_pack_stays_open() -> Result<()> {
    let site = Site::with_packs(|packs| {
        lladr_tests::browser::copy_folder(&packs.join("starter"), &packs.join("broken"))?;
        alter(&packs.join("broken"))?;
        let index = json!({"packs": [{"name": "starter", "title": "Starter"}, {"name": "broken", "title": "Broken"}]});
        Ok(std::fs::write(packs.join("index.json"), serde_json::to_vec(&index)?)?)
    })
    .await?;
    explore_site(site, Flavour::NoWebGpu, async |page| {
        let before = page.open_ranked("").await?;
        page.choose("pack-select", "broken").await?;
        let message = page.text("error").await?;
        ensure!(message.contains("SHA-256"), "{message:?}");
        ensure!(page.text("pack-name").await? == "Starter");
        ensure!(page.ranking().await?.len() >= before.len().min(50));
        ensure!(page.driver.current_url().await?.query().is_some_and(|query| query.contains("pack=starter")));
        let chosen = page.evaluate("return document.querySelector('.pack-select').value", Vec::new()).await?;
        ensure!(chosen == json!("starter"), "the select shows {chosen}");
        Ok(())
    })
    .await
}

/// Change one byte in the middle of the graph.
fn alter(folder: &Path) -> Result<()> {
    let path = graph_file(folder)?;
    let mut bytes = std::fs::read(&path)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(std::fs::write(path, bytes)?)
}

fn manifest_with(folder: &Path, change: impl FnOnce(&mut Value)) -> Result<()> {
    let path = folder.join("pack.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    change(&mut manifest);
    Ok(std::fs::write(path, serde_json::to_vec(&manifest)?)?)
}

/// The file of the pack with the graph.
fn graph_file(folder: &Path) -> Result<std::path::PathBuf> {
    let files = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let is_graph =
        |path: &std::path::PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("graph."));
    files.into_iter().find(is_graph).context("the pack has no graph")
}

#[tokio::test]
async fn tells_a_missing_manifest() -> Result<()> {
    is_told("pack.json is missing", |folder| Ok(std::fs::remove_file(folder.join("pack.json"))?)).await
}

#[tokio::test]
async fn tells_a_missing_file() -> Result<()> {
    is_told("graph.safetensors.gz is missing", |folder| Ok(std::fs::remove_file(graph_file(folder)?)?)).await
}

#[tokio::test]
async fn tells_a_truncated_file() -> Result<()> {
    is_told("is incomplete", |folder| {
        let path = graph_file(folder)?;
        let bytes = std::fs::read(&path)?;
        Ok(std::fs::write(path, &bytes[..bytes.len() / 2])?)
    })
    .await
}

#[tokio::test]
async fn tells_an_altered_byte() -> Result<()> {
    is_told("SHA-256", alter).await
}

#[tokio::test]
async fn tells_another_version() -> Result<()> {
    is_told("version 999", |folder| manifest_with(folder, |manifest| manifest["version"] = json!(999))).await
}

#[tokio::test]
async fn tells_a_huge_size() -> Result<()> {
    is_told("too large", |folder| {
        manifest_with(folder, |manifest| {
            for file in manifest["files"].as_array_mut().into_iter().flatten() {
                file["bytes"] = json!(u64::MAX / 2);
                file["unpacked_bytes"] = json!(u64::MAX / 2);
            }
        })
    })
    .await
}

#[tokio::test]
async fn tells_text_that_is_no_json() -> Result<()> {
    is_told("no JSON", |folder| Ok(std::fs::write(folder.join("pack.json"), "<!doctype html>")?)).await
}

/// Every name carries markup that would run if it were taken for markup.
#[tokio::test]
async fn shows_markup_in_names_as_text() -> Result<()> {
    const MARKUP: &str = "<img src=x onerror=\"window.__ran = true\">";
    let site = Site::with_packs(|packs| rename_all(&packs.join("starter"), |name| format!("{name} {MARKUP}"))).await?;
    explore_site(site, Flavour::NoWebGpu, async |page| {
        let rows = page.open_ranked("").await?;
        ensure!(
            rows.iter().all(|row| row.text.contains("<img src=x")),
            "names are not shown as they are: {:?}",
            rows[0]
        );
        let ran =
            page.evaluate("return window.__ran === true || !!document.querySelector('img[src=x]')", Vec::new()).await?;
        ensure!(ran == json!(false), "a name was taken for markup");
        Ok(())
    })
    .await
}

/// Rewrite a pack with other names.
fn rename_all(folder: &Path, name: impl Fn(&str) -> String) -> Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?));
    }
    let mut pack = pack::read(&files, pack::MOST_IN_BROWSER)?;
    let labels: Vec<String> = pack.graph.vocabulary.entities().iter().map(|entity| name(&entity.label)).collect();
    for (row, label) in (0..).zip(&labels) {
        pack.graph.vocabulary.set_label(EntityId(row), label);
    }
    // Without a ranking made beforehand: the engine makes it, from these names.
    for (file, bytes) in pack::write(pack.manifest.clone(), &pack.contents(), Storage::PAGE)? {
        std::fs::write(folder.join(file), bytes)?;
    }
    Ok(())
}
