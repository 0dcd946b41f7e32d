//! Pictures of the page: wide, medium, narrow, dark and without WebGPU.
//!
//! They go to `target/screenshots`; `cargo xtask test --update-screenshot` makes one of them the README's.
#![cfg(feature = "browser")]

use std::time::Duration;

use anyhow::{Result, ensure};
use lladr_tests::browser::{Explorer, Flavour, explore, root};

#[tokio::test]
async fn wide() -> Result<()> {
    explore(Flavour::WebGpu, async |page| {
        let png = picture(page, "wide", 1440, 900).await?;
        if std::env::var_os("LLADR_UPDATE_SCREENSHOT").is_some() {
            std::fs::create_dir_all(root().join("docs"))?;
            std::fs::write(root().join("docs/screenshot.png"), png)?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn medium() -> Result<()> {
    explore(Flavour::WebGpu, async |page| picture(page, "medium", 1024, 768).await.map(drop)).await
}

#[tokio::test]
async fn narrow() -> Result<()> {
    explore(Flavour::WebGpu, async |page| picture(page, "narrow", 390, 844).await.map(drop)).await
}

#[tokio::test]
async fn dark() -> Result<()> {
    explore(Flavour::WebGpu, async |page| {
        page.prefer_dark().await?;
        picture(page, "dark", 1440, 900).await?;
        let colour = page.evaluate("return getComputedStyle(document.body).backgroundColor", Vec::new()).await?;
        let shades: Vec<u32> = colour
            .as_str()
            .unwrap_or_default()
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|n| n.parse().ok())
            .collect();
        ensure!(
            shades.len() >= 3 && shades[..3].iter().all(|shade| *shade < 100),
            "the background is not dark: {colour}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_webgpu() -> Result<()> {
    explore(Flavour::NoWebGpu, async |page| picture(page, "no-webgpu", 1440, 900).await.map(drop)).await
}

#[tokio::test]
async fn settings_and_reasons() -> Result<()> {
    explore(Flavour::NoWebGpu, async |page| {
        page.resize(1440, 900).await?;
        page.open_running("?text=masked&model=rotate&dim=32").await?;
        page.press("settings-open").await?;
        page.both_shades("settings-wide").await?;
        page.press("train-step").await?;
        page.until("an epoch is done", async || Ok((page.number("epoch-value").await? >= 1.0).then_some(()))).await?;
        page.press("settings-open").await?;
        page.press("ranking-row").await?;
        page.text("why-not").await?;
        page.both_shades("why-wide").await?;
        page.resize(390, 844).await?;
        page.press("tab-details").await?;
        page.both_shades("why-narrow").await?;
        page.press("tab-train").await?;
        page.both_shades("settings-narrow").await
    })
    .await
}

/// The page with its ranking, in a window of a size; nothing may stick out sideways.
async fn picture(page: &Explorer, name: &str, width: u32, height: u32) -> Result<Vec<u8>> {
    page.resize(width, height).await?;
    page.open_ranked("").await?;
    // The map draws a moment after the ranking.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let overflow = page.evaluate(overflow, Vec::new()).await?.as_f64().unwrap_or(0.0);
    let png = page.screenshot(name).await?;
    ensure!(overflow <= 0.0, "at {width} pixels the page scrolls sideways by {overflow}");
    Ok(png)
}
