//! What a visitor does not see: console errors, violations of the policy, long tasks, foreign requests.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

/// Runs in every page before its own scripts.
const OBSERVERS: &str = "
    window.__watch = { longTasks: [], violations: [] };
    new PerformanceObserver(list => {
        for (const task of list.getEntries()) __watch.longTasks.push([task.startTime, task.duration]);
    }).observe({ type: 'longtask', buffered: true });
    addEventListener('securitypolicyviolation', event =>
        __watch.violations.push(`${event.effectiveDirective} forbids ${event.blockedURI}`));
";

/// Collects what is wrong behind the page.
#[derive(Clone)]
pub struct Watch {
    driver: WebDriver,
    /// Parts of console messages that a test causes on purpose.
    expected: Arc<Mutex<Vec<String>>>,
}

impl Watch {
    /// Watch what this browser shows.
    pub fn new(driver: WebDriver) -> Self {
        Watch { driver, expected: Arc::default() }
    }

    /// Install the observers, before the first page opens.
    pub async fn prepare(&self) -> Result<()> {
        let script = json!({ "source": OBSERVERS });
        self.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", script).await?;
        Ok(())
    }

    /// A console error that contains `part` is caused on purpose.
    pub fn expect(&self, part: &str) {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner).push(part.to_owned());
    }

    /// No console error, no violation of the policy, no request to another origin.
    pub async fn assert_clean(&self) -> Result<()> {
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let log = self.driver.browser_log().await?;
        let is_error = |level: &str| level == "SEVERE" || level == "ERROR";
        let errors: Vec<_> = log
            .iter()
            .filter(|entry| is_error(&entry.level) && !expected.iter().any(|part| entry.message.contains(part)))
            .map(|entry| entry.message.clone())
            .collect();
        ensure!(errors.is_empty(), "the console has errors: {errors:#?}");

        let violations = self.value("return __watch.violations").await?;
        ensure!(violations == json!([]), "the content security policy was violated: {violations}");

        let names = self.value("return performance.getEntriesByType('resource').map(entry => entry.name)").await?;
        let origin = self.value("return location.origin + '/'").await?;
        let origin = origin.as_str().unwrap_or_default();
        let names = names.as_array().cloned().unwrap_or_default();
        let is_foreign = |name: &&Value| name.as_str().is_some_and(|name| !name.starts_with(origin) && !is_local(name));
        let foreign: Vec<_> = names.iter().filter(is_foreign).collect();
        ensure!(foreign.is_empty(), "the page asked other origins: {foreign:?}");
        Ok(())
    }

    /// Tasks of the page's thread that took over 50 ms and began after `since_ms`: start and duration, in ms.
    pub async fn long_tasks(&self, since_ms: f64) -> Result<Vec<(f64, f64)>> {
        let tasks = self.value("return __watch.longTasks").await?;
        let pairs =
            tasks.as_array().into_iter().flatten().filter_map(|pair| Some((pair[0].as_f64()?, pair[1].as_f64()?)));
        Ok(pairs.filter(|(start, _)| *start >= since_ms).collect())
    }

    async fn value(&self, script: &str) -> Result<Value> {
        Ok(self.driver.execute(script, Vec::new()).await?.json().clone())
    }
}

/// Addresses that stay inside the browser.
fn is_local(name: &str) -> bool {
    name.starts_with("data:") || name.starts_with("blob:")
}
