//! The built page starts, with WebGPU and without, at the root of a host and under a path of it.
#![cfg(feature = "browser")]

use anyhow::{Result, ensure};
use lladr_tests::browser::{Explorer, Flavour, Site, explore_site, root};
use lladr_tests::in_both;

async fn starts(page: &Explorer) -> Result<()> {
    page.open("").await?;
    let shows_text = async || {
        let text = page.evaluate("return document.body.innerText.trim()", Vec::new()).await?;
        Ok(text.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    };
    let text = page.until("the page shows text", shows_text).await?;
    ensure!(text.contains("LLaDR"), "the page does not say its name: {text}");
    Ok(())
}

in_both!(starts);

/// A project's page lies under a path on most static hosts.
#[tokio::test]
async fn starts_under_a_path() -> Result<()> {
    explore_site(Site::under("/some/project/").await?, Flavour::NoWebGpu, starts).await
}

/// No build may need a weaker policy than the page states.
#[test]
fn built_page_has_no_inline_script() -> Result<()> {
    let html = std::fs::read_to_string(root().join("dist/index.html"))?;
    for tag in html.split("<script").skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        ensure!(tag.contains(" src="), "an inline script: <script{tag}>");
    }
    Ok(())
}
