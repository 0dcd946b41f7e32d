//! A pack of one's own in the page, at its real size: what arrives before the first ranking, how long everything takes,
//! how much memory the tab holds, and how fast a question is answered.
//!
//! `LLADR_PACK=DIR cargo xtask test --browser -- large_pack` prints the figures; what `lladr pack` promises is checked.
#![cfg(feature = "browser")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lladr_core::pack;
use lladr_tests::browser::{Explorer, Flavour, Site, copy_folder, explore_site};
use serde_json::{Value, json};

/// Diseases that are chosen one after the other.
const QUESTIONS: usize = 8;
/// How often the map is moved.
const PANS: usize = 20;
/// A visitor sees an answer after the shell and no more than this.
const MOST_FIRST_BYTES: f64 = 1e6;

/// Tells when a message goes to a worker and when one comes back, and how long each frame takes to be drawn.
const STOPWATCH: &str = "
    window.__posts = [];
    window.__answers = [];
    window.__frames = [];
    const nextFrame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = draw => nextFrame(time => {
        const start = performance.now();
        draw(time);
        window.__frames.push(performance.now() - start);
    });
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            super.addEventListener('message', () => __answers.push(performance.now()));
        }
        postMessage(...given) {
            __posts.push(performance.now());
            return super.postMessage(...given);
        }
    };
";

#[tokio::test]
#[cfg_attr(not(has_pack), ignore = "set LLADR_PACK to the folder of a pack")]
async fn large_pack_no_webgpu() -> Result<()> {
    opened(Flavour::NoWebGpu).await
}

#[tokio::test]
#[cfg_attr(not(has_pack), ignore = "set LLADR_PACK to the folder of a pack")]
async fn large_pack_webgpu() -> Result<()> {
    opened(Flavour::WebGpu).await
}

async fn opened(flavour: Flavour) -> Result<()> {
    let pack = PathBuf::from(std::env::var_os("LLADR_PACK").context("LLADR_PACK names no folder")?);
    let site = Site::with_packs(|packs| copy_folder(&pack, &packs.join("large"))).await?;
    explore_site(site, flavour, async |page| measure(page, flavour, &pack).await).await
}

async fn measure(page: &Explorer, flavour: Flavour, pack: &Path) -> Result<()> {
    let script = json!({ "source": STOPWATCH });
    page.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", script).await?;
    page.open_running("?pack=large").await?;
    println!("{flavour:?}");

    let first = "const mark = performance.getEntriesByName('first-ranking')[0].startTime;
        const files = performance.getEntriesByType('resource').filter(file => file.responseEnd <= mark);
        const bytes = wanted => files.filter(wanted).reduce((sum, file) => sum + file.encodedBodySize, 0);
        const isPack = file => file.name.includes('/packs/');
        return [mark, bytes(isPack), bytes(file => !isPack(file))];";
    let first = numbers(&page.evaluate(first, Vec::new()).await?)?;
    let [mark, of_pack, of_shell] = first[..] else { anyhow::bail!("no first ranking") };
    println!(
        "first ranking after {mark:.0} ms, {of_pack:.0} bytes of the pack and {of_shell:.0} of the page as served"
    );
    ensure!(of_pack > 0.0 && of_pack <= MOST_FIRST_BYTES, "{of_pack} bytes before the first ranking");

    println!("whole pack open after {:.0} ms", page.now_ms().await?);
    println!("tasks over 50 ms while it opened (start, duration): {:?}", page.watch.long_tasks(0.0).await?);
    println!("memory of the tab: {:.0} MiB at most", peak_memory_mib()?);

    let (names, mut trips, since) = (diseases(pack)?, Vec::new(), page.now_ms().await?);
    for name in names {
        page.type_disease(&name).await?;
        page.evaluate("__posts.length = __answers.length = 0", Vec::new()).await?;
        page.choose_match().await?;
        page.until("the disease is ranked", async || {
            let is_answered = page.evaluate("return __answers.length > 0", Vec::new()).await? == json!(true);
            let now = page.text_now("selected-disease").await?.unwrap_or_default();
            Ok((is_answered && now.contains(&name)).then_some(()))
        })
        .await?;
        let trip = "return __answers[0] - __posts[0]";
        trips.push(page.evaluate(trip, Vec::new()).await?.as_f64().context("no answer was seen")?);
    }
    trips.sort_by(f64::total_cmp);
    println!("from question to answer, through the worker and back: {trips:.1?} ms, of {QUESTIONS} diseases");
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!("tasks over 50 ms meanwhile (start, duration): {:?}", page.watch.long_tasks(since).await?);
    println!("memory of the tab: {:.0} MiB at most", peak_memory_mib()?);

    // Fitted, zoomed in, and far in: keys move and zoom the map that has the focus.
    for (words, zoom) in [("all in view", 0), ("zoomed in by 4.8", 6), ("zoomed in by 23", 6)] {
        let keys = format!(
            "const map = document.querySelector('[data-testid=map]');
             const done = arguments[arguments.length - 1];
             const press = key => map.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }}));
             for (let i = 0; i < {zoom}; i++) press('+');
             let left = {PANS};
             const step = () => {{
                 if (left == {PANS}) __frames.length = 0;
                 if (left-- == 0) return done(__frames);
                 press(left % 2 ? 'ArrowLeft' : 'ArrowRight');
                 setTimeout(step, 40);
             }};
             setTimeout(step, 300);"
        );
        let mut frames = numbers(&page.driver.execute_async(keys, Vec::new()).await?.json().clone())?;
        ensure!(frames.len() >= PANS / 2, "the map was drawn {} times only", frames.len());
        frames.sort_by(f64::total_cmp);
        let (middle, most) = (frames[frames.len() / 2], frames[frames.len() - 1]);
        println!("a pan draws the map in {middle:.1} ms, {most:.1} ms at most, {words}");
    }
    page.both_shades(&format!("large-{flavour:?}").to_lowercase()).await
}

/// Names of diseases with a treatment, spread over the pack.
fn diseases(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?));
    }
    let graph = pack::read(&files, pack::MOST_IN_BROWSER)?.graph;
    let roles = graph.roles.as_ref().context("the pack has no diseases")?;
    let mut treated = graph.vocabulary.of_type(roles.disease).to_vec();
    treated.retain(|disease| !graph.treatments.of_disease(*disease).is_empty());
    let spread = treated.iter().step_by(treated.len().div_ceil(QUESTIONS).max(1));
    Ok(spread.filter_map(|disease| graph.vocabulary.entity(*disease)).map(|disease| disease.label.clone()).collect())
}

fn numbers(value: &Value) -> Result<Vec<f64>> {
    let list = value.as_array().context("no list")?;
    list.iter().map(|x| x.as_f64().context("no number")).collect()
}

/// The largest peak of a renderer process.
fn peak_memory_mib() -> Result<f64> {
    let mut most: f64 = 0.0;
    for process in std::fs::read_dir("/proc")? {
        let folder = process?.path();
        let is_renderer = std::fs::read(folder.join("cmdline"))
            .is_ok_and(|line| line.windows(15).any(|part| part == b"--type=renderer"));
        let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(peak) = peak.filter(|_| is_renderer) {
            most = most.max(peak.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0);
        }
    }
    Ok(most)
}
