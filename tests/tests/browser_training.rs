//! Training in front of the visitor: play, pause, step, reset, and a page that stays responsive.
#![cfg(feature = "browser")]

use std::time::Duration;

use anyhow::{Result, ensure};
use lladr_tests::browser::{Explorer, Flavour, explore};
use lladr_tests::in_both;

/// A small model: a software GPU takes most of a minute for an epoch of the pack's own.
const SMALL: &str = "?dim=16&negatives=32";

in_both!(trains_every_model_with_text, plays_and_pauses, steps_one_epoch, resets, stays_responsive);

async fn plays_and_pauses(page: &Explorer) -> Result<()> {
    let (_, before) = page.open_running(SMALL).await?;
    page.press("train-play").await?;
    epoch_passes(page, 2.0).await?;
    ensure!(page.number("loss-value").await?.is_finite());
    ensure!(page.number("throughput-value").await? > 0.0);
    page.until("the ranking follows the training", async || Ok((page.ranking_now().await? != before).then_some(())))
        .await?;

    page.press("train-pause").await?;
    let paused = settled_epoch(page).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ensure!(page.number("epoch-value").await? == paused, "it trains on after pause");
    Ok(())
}

/// Each scoring function, anchored in text: the losses are shown apart, and the address says how to do it again.
async fn trains_every_model_with_text(page: &Explorer) -> Result<()> {
    page.open_running(SMALL).await?;
    page.press("settings-open").await?;
    page.choose("text-select", "masked").await?;
    for model in ["rotate", "complex"] {
        page.choose("model-select", model).await?;
        page.press("train-step").await?;
        epoch_passes(page, 1.0).await?;
        settled_epoch(page).await?;
        ensure!(page.number("loss-value").await? > 0.0 && page.number("anchor-loss-value").await? > 0.0);
        let address = page.evaluate("return location.search", Vec::new()).await?.to_string();
        ensure!(address.contains(&format!("model={model}")) && address.contains("text=masked"), "{address}");
    }
    Ok(())
}

async fn steps_one_epoch(page: &Explorer) -> Result<()> {
    page.open_running(SMALL).await?;
    for epoch in 1..=2 {
        page.press("train-step").await?;
        epoch_passes(page, f64::from(epoch)).await?;
        let settled = settled_epoch(page).await?;
        ensure!(settled == f64::from(epoch), "after {epoch} steps the epoch is {settled}");
    }
    Ok(())
}

async fn resets(page: &Explorer) -> Result<()> {
    let (_, before) = page.open_running(SMALL).await?;
    page.press("train-step").await?;
    epoch_passes(page, 1.0).await?;
    page.press("train-reset").await?;
    page.until("the first ranking is back", async || Ok((page.ranking_now().await? == before).then_some(()))).await
}

/// The engine has its own thread: while it trains, no task of the page's thread takes over 50 ms.
///
/// The time of a task includes waiting for a core, and a busy machine makes it wait; a page that is slow
/// by itself is slow all the time. So one quiet stretch of training out of a few is asked for.
async fn stays_responsive(page: &Explorer) -> Result<()> {
    page.open_running("").await?;
    page.press("train-play").await?;
    epoch_passes(page, 1.0).await?;
    let mut long = Vec::new();
    for _ in 0..5 {
        let start = page.now_ms().await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        long = page.watch.long_tasks(start).await?;
        println!("tasks over 50 ms in 3 s of training (start, duration in ms): {long:?}");
        if long.is_empty() {
            break;
        }
    }
    ensure!(long.is_empty(), "in every stretch of training tasks took over 50 ms (start, duration): {long:?}");
    page.press("train-pause").await
}

/// An experiment shows its progress and a table with intervals, can be given up, and leaves the live run as it was.
/// While it runs the live run stays where it is.
#[tokio::test]
async fn experiments() -> Result<()> {
    explore(Flavour::NoWebGpu, async |page| {
        page.open_running(SMALL).await?;
        page.press("train-step").await?;
        epoch_passes(page, 1.0).await?;
        settled_epoch(page).await?;
        let before = page.ranking().await?;
        page.press("settings-open").await?;
        page.press("experiments-open").await?;
        page.choose("trial-question", "anchor").await?;
        page.choose("trial-seeds", "10").await?;
        page.press("trial-start").await?;
        page.text("trial-status").await?;
        page.press("trial-start").await?;
        let gone = async || Ok(page.text_now("trial-status").await?.filter(String::is_empty));
        page.until("the experiment is given up", gone).await?;

        page.choose("trial-seeds", "2").await?;
        page.choose("trial-epochs", "10").await?;
        page.press("trial-start").await?;
        let table = page.text("trial-result").await?;
        ensure!(table.contains("no text") && table.contains('±') && table.contains("MRR"), "{table}");
        ensure!(page.number("epoch-value").await? == 1.0 && page.ranking_now().await? == before, "the live run moved");
        page.both_shades("experiments-wide").await?;
        page.resize(390, 844).await?;
        page.both_shades("experiments-narrow").await
    })
    .await
}

async fn epoch_passes(page: &Explorer, epoch: f64) -> Result<()> {
    page.until(&format!("epoch {epoch} is reached"), async || {
        let now = page.number("epoch-value").await?;
        Ok((now >= epoch).then_some(()))
    })
    .await
}

/// The epoch once it no longer changes.
async fn settled_epoch(page: &Explorer) -> Result<f64> {
    page.until("the epoch settles", async || {
        let first = page.number("epoch-value").await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok((page.number("epoch-value").await? == first).then_some(first))
    })
    .await
}
