//! A fresh Chromium behind its own chromedriver.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, LoggingPrefsLogLevel};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// What the browser offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// WebGPU on SwiftShader, a GPU in software.
    WebGpu,
    /// Chromium as it starts on a machine without a GPU: `navigator.gpu` exists and has no adapter.
    NoWebGpu,
}

impl Flavour {
    fn flags(self) -> &'static [&'static str] {
        match self {
            // With fewer of them compute works, but a canvas cannot show what was drawn.
            Flavour::WebGpu => &[
                "--enable-unsafe-webgpu",
                "--use-webgpu-adapter=swiftshader",
                "--enable-unsafe-swiftshader",
                "--use-angle=swiftshader",
                "--enable-features=Vulkan",
                "--use-vulkan=swiftshader",
                "--enable-gpu",
            ],
            Flavour::NoWebGpu => &[],
        }
    }
}

/// Quiet, alone, and without a sandbox: containers run it as root, and it only ever sees the page under test.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
];

/// A running browser.
pub struct Chromium {
    /// The session.
    pub driver: WebDriver,
    process: Child,
    /// Its profile, removed with it.
    _profile: TempDir,
}

impl Chromium {
    /// Start chromedriver on a free port and a browser with a new profile.
    pub async fn start(flavour: Flavour) -> Result<Self> {
        // The port it picks for IPv4 can be taken for IPv6, and then it gives up.
        let mut started = start_driver().await;
        for _ in 0..2 {
            if started.is_err() {
                started = start_driver().await;
            }
        }
        let (process, port) = started?;

        let profile = tempfile::tempdir()?;
        let mut capabilities = ChromeCapabilities::new();
        let browser = std::env::var("LLADR_CHROME").unwrap_or_else(|_| "chromium".into());
        if browser.contains('/') {
            capabilities.set_binary(&browser)?;
        }
        for flag in FLAGS.iter().chain(flavour.flags()) {
            capabilities.add_arg(flag)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities)
            .request_timeout(Duration::from_secs(120))
            .await
            .context("the browser did not start")?;
        Ok(Chromium { driver, process, _profile: profile })
    }

    /// End chromedriver; the session has been closed before.
    pub async fn stop(mut self) {
        // It is killed with its handle in any case.
        let _ = self.process.kill().await;
    }
}

/// A chromedriver, and the port it listens on.
async fn start_driver() -> Result<(Child, u16)> {
    let program = std::env::var("LLADR_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
    let mut command = Command::new(&program);
    command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut process =
        command.spawn().with_context(|| format!("{program} did not start; run `cargo xtask test --browser`"))?;
    let port = port_of(&mut process).await?;
    Ok((process, port))
}

/// chromedriver picks a free port and says which.
async fn port_of(process: &mut Child) -> Result<u16> {
    let stdout = process.stdout.take().context("chromedriver has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().context("chromedriver names no port");
        }
    }
    bail!("chromedriver ended before it was ready")
}
