//! The page in the words of its parts. Parts are found by `data-testid`, never by look or position.
//!
//! Values are read in one piece by a script: the page may redraw between two questions. Clicks and keys
//! go through the driver, as a visitor's would.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::*;

use super::pictures;
use super::watch::Watch;

/// How long anything may take on two busy cores.
const PATIENCE: Duration = Duration::from_secs(60);

/// A line of the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Row of the drug.
    pub entity: String,
    /// Its rank, from 1.
    pub rank: f64,
    /// `known`, `held-out` or `predicted`.
    pub known: String,
    /// Everything the line says.
    pub text: String,
}

/// The page.
pub struct Explorer {
    /// The browser, for what the page's own words do not cover.
    pub driver: WebDriver,
    /// What happens behind the page.
    pub watch: Watch,
    address: String,
}

impl Explorer {
    /// The page at an address, not opened yet.
    pub fn new(driver: WebDriver, address: &str) -> Self {
        Explorer { watch: Watch::new(driver.clone()), driver, address: address.to_owned() }
    }

    /// Before the first page opens.
    pub(super) async fn prepare(&self) -> Result<()> {
        self.watch.prepare().await
    }

    /// See [`Watch::assert_clean`].
    pub(super) async fn assert_clean(&self) -> Result<()> {
        self.watch.assert_clean().await
    }

    /// Open the page with a query such as `?model=distmult`, or with none.
    pub async fn open(&self, query: &str) -> Result<()> {
        Ok(self.driver.goto(format!("{}{query}", self.address)).await?)
    }

    /// Open the page and wait for its first ranking.
    pub async fn open_ranked(&self, query: &str) -> Result<Vec<Row>> {
        self.open(query).await?;
        self.ranking().await
    }

    /// Open the page and wait until its engine has the pack: before, a ranking shows that was made beforehand.
    /// Returns the backend and the ranking.
    pub async fn open_running(&self, query: &str) -> Result<(String, Vec<Row>)> {
        self.open(query).await?;
        let named = async || {
            let text = self.text_now("backend").await?.unwrap_or_default().to_lowercase();
            let can_train = "return document.querySelector('[data-testid=\"train-play\"]:not([disabled])') !== null";
            let is_ready = self.evaluate(can_train, Vec::new()).await? == json!(true);
            Ok(Some(text).filter(|text| is_ready && ["cpu", "webgpu"].iter().any(|backend| text.contains(backend))))
        };
        let backend = self.until("the engine runs", named).await?;
        Ok((backend, self.ranking().await?))
    }

    /// The text of a part, once it is there and not empty.
    pub async fn text(&self, part: &str) -> Result<String> {
        self.until(&format!("{part} has a text"), async || {
            Ok(self.text_now(part).await?.filter(|text| !text.is_empty()))
        })
        .await
    }

    /// The text of a part at this moment; a control's text is its value.
    pub async fn text_now(&self, part: &str) -> Result<Option<String>> {
        let script = "const part = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
            return part && (part.value ?? part.innerText).trim();";
        Ok(self.evaluate(script, vec![json!(part)]).await?.as_str().map(str::to_owned))
    }

    /// The first number a part shows, for example 12034.5 for `12,034.5 triples/s`.
    pub async fn number(&self, part: &str) -> Result<f64> {
        self.until(&format!("{part} shows a number"), async || Ok(number_in(&self.text(part).await?))).await
    }

    /// The lines of the ranking, once there are any.
    pub async fn ranking(&self) -> Result<Vec<Row>> {
        self.until("the ranking has lines", async || {
            let rows = self.ranking_now().await?;
            Ok(if rows.is_empty() { None } else { Some(rows) })
        })
        .await
    }

    /// The lines of the ranking at this moment.
    pub async fn ranking_now(&self) -> Result<Vec<Row>> {
        let script = "return [...document.querySelectorAll('[data-testid=\"ranking-row\"]')]
            .map(row => [row.dataset.entity, row.dataset.rank, row.dataset.known, row.innerText]);";
        let rows = self.evaluate(script, Vec::new()).await?;
        let rows = rows.as_array().into_iter().flatten();
        rows.map(|row| {
            let cell =
                |at: usize| row[at].as_str().map(str::to_owned).with_context(|| format!("a line lacks data: {row}"));
            let rank = cell(1)?.parse().context("a rank is not a number")?;
            Ok(Row { entity: cell(0)?, rank, known: cell(2)?, text: cell(3)? })
        })
        .collect()
    }

    /// Press a button once it can be pressed.
    pub async fn press(&self, part: &str) -> Result<()> {
        let button =
            self.driver.query(by(part)).wait(PATIENCE, Duration::from_millis(100)).and_clickable().first().await;
        Ok(button.with_context(|| format!("{part} cannot be pressed"))?.click().await?)
    }

    /// Choose an option of a select by its value.
    pub async fn choose(&self, part: &str, value: &str) -> Result<()> {
        let select = self.driver.query(by(part)).wait(PATIENCE, Duration::from_millis(100)).first().await?;
        Ok(SelectElement::new(&select).await?.select_by_value(value).await?)
    }

    /// Type into the search for diseases and choose the first match.
    pub async fn choose_disease(&self, typed: &str) -> Result<()> {
        self.type_disease(typed).await?;
        self.choose_match().await.with_context(|| format!("nothing was found for {typed:?}"))
    }

    /// Type into the search for diseases and wait for its answer.
    pub async fn type_disease(&self, typed: &str) -> Result<()> {
        let input = self.driver.query(by("disease-search")).wait(PATIENCE, Duration::from_millis(100)).first().await?;
        input.click().await?;
        input.send_keys(Key::Control + "a").await?;
        input.send_keys(typed).await?;
        let answered = async || {
            let hint = self.evaluate("return document.querySelector('.search-hint')?.textContent", Vec::new()).await?;
            Ok((hint == "Matches").then_some(()))
        };
        self.until("the search has answered", answered).await
    }

    /// Choose the first match of the search.
    pub async fn choose_match(&self) -> Result<()> {
        let first = By::Css("[role=option]");
        let option = self.driver.query(first).wait(PATIENCE, Duration::from_millis(100)).and_displayed().first().await;
        Ok(option?.click().await?)
    }

    /// Wait until `check` has an answer.
    pub async fn until<T>(&self, what: &str, check: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        #[allow(clippy::disallowed_methods, reason = "a test waits in wall time")]
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(answer) = check().await? {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let message = self.text_now("error").await?.unwrap_or_default();
        bail!("after {PATIENCE:?} it is still not so that {what}; the page's error message: {message:?}")
    }

    /// The value of a script in the page.
    pub async fn evaluate(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Milliseconds since the page was opened.
    pub async fn now_ms(&self) -> Result<f64> {
        self.evaluate("return performance.now()", Vec::new()).await?.as_f64().context("the page has no clock")
    }

    /// Show the page in a window of this size; below 500 pixels as on a phone.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
        Ok(())
    }

    /// As on a system set to dark colours.
    pub async fn prefer_dark(&self) -> Result<()> {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// A picture of the window in `target/screenshots/<name>.png`; returns its bytes.
    pub async fn screenshot(&self, name: &str) -> Result<Vec<u8>> {
        let png = self.driver.screenshot_as_png().await?;
        ensure!(png.len() > 1000, "the picture {name} is empty");
        std::fs::write(pictures()?.join(format!("{name}.png")), &png)?;
        Ok(png)
    }

    /// Pictures of the window as it is, light and dark.
    pub async fn both_shades(&self, name: &str) -> Result<()> {
        for shade in ["light", "dark"] {
            let choose = "document.documentElement.dataset.theme = arguments[0]";
            self.evaluate(choose, vec![shade.into()]).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
            self.screenshot(&format!("{name}-{shade}")).await?;
        }
        Ok(())
    }
}

fn by(part: &str) -> By {
    By::Css(format!("[data-testid='{part}']"))
}

/// The first number of a text; a comma or a narrow space groups thousands.
fn number_in(text: &str) -> Option<f64> {
    let joined: String = text.chars().filter(|c| !matches!(c, ',' | '\u{202f}' | '\u{2009}')).collect();
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let start = joined.find(|c: char| c.is_ascii_digit())?;
    let end = joined[start..].find(|c| !is_part(c)).map_or(joined.len(), |length| start + length);
    joined[start..end].trim_end_matches('.').parse().ok()
}
