//! What a visitor sees first: a ranking, what it is, and what it is not.
#![cfg(feature = "browser")]

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use lladr_tests::browser::{Explorer, Flavour, Site, explore, explore_site};
use lladr_tests::in_both;

in_both!(
    shows_a_ranking,
    shows_it_before_the_engine,
    marks_known_drugs_in_words,
    finds_a_disease_by_synonym,
    restores_a_link
);

async fn shows_a_ranking(page: &Explorer) -> Result<()> {
    let rows = page.open_ranked("").await?;
    ensure!(rows.len() >= 10, "only {} drugs are shown", rows.len());
    ensure!(rows.windows(2).all(|pair| pair[0].rank <= pair[1].rank), "the ranking is not in order: {rows:?}");
    let entities: BTreeSet<_> = rows.iter().map(|row| &row.entity).collect();
    ensure!(entities.len() == rows.len(), "a drug is shown twice: {rows:?}");

    let disclaimer = page.text("disclaimer").await?.to_lowercase();
    ensure!(disclaimer.contains("advice") || disclaimer.contains("research"), "no disclaimer: {disclaimer}");
    ensure!(!page.text("pack-name").await?.is_empty() && !page.text("selected-disease").await?.is_empty());

    println!("start to first ranking: {:.0} ms", first_ranking_ms(page).await?);
    Ok(())
}

/// Milliseconds from the page's start to its first ranking.
async fn first_ranking_ms(page: &Explorer) -> Result<f64> {
    let mark = "return performance.getEntriesByName('first-ranking')[0]?.startTime ?? null";
    page.evaluate(mark, Vec::new()).await?.as_f64().context("the page sets no mark `first-ranking`")
}

/// `cargo xtask size` counts the engine's files as fetched later.
async fn shows_it_before_the_engine(page: &Explorer) -> Result<()> {
    page.open_running("").await?;
    let script = "return performance.getEntriesByType('resource')
        .filter(entry => entry.name.includes('/engine')).map(entry => entry.startTime)";
    let starts = page.evaluate(script, Vec::new()).await?;
    let starts: Vec<f64> = starts.as_array().into_iter().flatten().filter_map(|start| start.as_f64()).collect();
    let first = first_ranking_ms(page).await?;
    ensure!(!starts.is_empty(), "the engine's files were not seen");
    ensure!(starts.iter().all(|start| *start >= first), "fetched at {starts:?} ms, the ranking showed at {first} ms");
    Ok(())
}

#[tokio::test]
async fn says_that_webgpu_runs() -> Result<()> {
    explore(Flavour::WebGpu, async |page| runs_on(page, "", "webgpu").await).await
}

#[tokio::test]
async fn says_that_the_cpu_runs_and_why() -> Result<()> {
    explore(Flavour::NoWebGpu, async |page| {
        runs_on(page, "", "cpu").await?;
        let says_why = async || {
            let shown = page.evaluate("return document.body.innerText", Vec::new()).await?;
            Ok(shown.as_str().is_some_and(|text| text.contains("no usable WebGPU")).then_some(()))
        };
        page.until("the page says why", says_why).await?;
        // Where there is no room for it, a press on the name tells it.
        page.resize(1024, 768).await?;
        page.press("backend").await?;
        page.until("the page says why on request", says_why).await
    })
    .await
}

#[tokio::test]
async fn takes_the_cpu_on_request() -> Result<()> {
    explore(Flavour::WebGpu, async |page| runs_on(page, "?backend=cpu", "cpu").await).await
}

async fn runs_on(page: &Explorer, query: &str, backend: &str) -> Result<()> {
    let (said, _) = page.open_running(query).await?;
    ensure!(said.contains(backend), "the backend is {backend}, the page says {said:?}");
    Ok(())
}

async fn marks_known_drugs_in_words(page: &Explorer) -> Result<()> {
    let rows = page.open_ranked("").await?;
    for row in &rows {
        // What the pack says against a drug stands in place of its status.
        let words = match row.known.as_str() {
            "known" => ["known", "contraindicated", "known"],
            "held-out" => ["held-out", "contraindicated", "held-out"],
            "predicted" => ["predicted", "contraindicated", "can cause it"],
            other => anyhow::bail!("{other:?} is no status"),
        };
        let text = row.text.to_lowercase();
        ensure!(words.iter().any(|word| text.contains(word)), "{:?} is not told in words: {:?}", row.known, row.text);
    }
    ensure!(rows.iter().any(|row| row.known != "predicted"), "no known drug is among the first");
    Ok(())
}

async fn finds_a_disease_by_synonym(page: &Explorer) -> Result<()> {
    let (_, before) = page.open_running("").await?;
    page.choose_disease("APL").await?;
    let chosen = async || {
        let name = page.text_now("selected-disease").await?.unwrap_or_default();
        let rows = page.ranking_now().await?;
        Ok((name.contains("promyelocytic") && !rows.is_empty() && rows != before).then_some(()))
    };
    page.until("the ranking is for acute promyelocytic leukemia", chosen).await
}

async fn restores_a_link(page: &Explorer) -> Result<()> {
    page.open_running("").await?;
    page.choose_disease("APL").await?;
    let address = page
        .until("the address names the disease", async || {
            let address = page.driver.current_url().await?;
            Ok(address.query().is_some_and(|query| query.contains("disease=")).then_some(address))
        })
        .await?;
    let pairs: Vec<(String, String)> =
        address.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let disease = &pairs.iter().find(|(name, _)| name == "disease").context("no disease")?.1;
    page.open_ranked(&format!("?disease={}&model=distmult&seed=7", disease.replace(' ', "%20"))).await?;
    ensure!(page.text("selected-disease").await?.contains("promyelocytic"));
    ensure!(page.text("model-select").await?.to_lowercase().contains("distmult"));
    ensure!(page.number("seed-input").await? == 7.0);
    Ok(())
}

/// The same from a folder of a plain host: packs, worker and modules are found.
#[tokio::test]
async fn works_under_a_path() -> Result<()> {
    explore_site(Site::under("/some/project/").await?, Flavour::NoWebGpu, shows_a_ranking).await
}
