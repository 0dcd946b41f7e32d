//! Drives the built page in Chromium, as a visitor would.
//!
//! A test names a [`Flavour`] (with WebGPU or without), gets an [`Explorer`] (the page, in the words of
//! its parts) and says what it does and sees. Around it the harness serves `dist/`, starts chromedriver
//! and a fresh Chromium, and ends both, also after a failure. After every test it makes sure that the
//! console has no error, that the content security policy was not violated and that nothing was asked
//! of another origin. A failing test leaves a picture in `target/screenshots`.

mod chromium;
mod explorer;
mod site;
mod watch;

use std::path::{Path, PathBuf};

use anyhow::Result;
use thirtyfour::error::WebDriverResult;

pub use chromium::Flavour;
pub use explorer::{Explorer, Row};
pub use site::{Site, copy_folder};

/// The workspace root.
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// Where pictures go.
pub fn pictures() -> Result<PathBuf> {
    let folder = root().join("target/screenshots");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Run a test on the page as built.
///
/// # Errors
/// What the test found, or what kept it from running.
pub async fn explore(flavour: Flavour, test: impl AsyncFnOnce(&Explorer) -> Result<()>) -> Result<()> {
    explore_site(Site::built().await?, flavour, test).await
}

/// Run a test on a page served in a particular way.
///
/// # Errors
/// What the test found, or what kept it from running.
pub async fn explore_site(site: Site, flavour: Flavour, test: impl AsyncFnOnce(&Explorer) -> Result<()>) -> Result<()> {
    let chromium = chromium::Chromium::start(flavour).await?;
    let driver = chromium.driver.clone();
    let outcome = driver
        .run_and_quit(async |driver| {
            let page = Explorer::new(driver, site.address());
            let outcome = async {
                page.prepare().await?;
                test(&page).await?;
                page.assert_clean().await
            }
            .await;
            if outcome.is_err() {
                let thread = std::thread::current();
                let name = thread.name().unwrap_or("test").replace("::", "-");
                // The picture helps; that it cannot be taken must not hide why the test failed.
                let _ = page.screenshot(&format!("failed-{name}")).await;
            }
            // What the test found travels apart from trouble with the browser's end.
            WebDriverResult::Ok(outcome)
        })
        .await;
    chromium.stop().await;
    outcome?
}

/// Both flavours of one test: `in_both!(name)` runs `async fn name(page: &Explorer) -> Result<()>` twice.
#[macro_export]
macro_rules! in_both {
    ($($name:ident),+ $(,)?) => {
        mod webgpu {
            $(#[tokio::test]
            async fn $name() -> anyhow::Result<()> {
                $crate::browser::explore($crate::browser::Flavour::WebGpu, super::$name).await
            })+
        }
        mod no_webgpu {
            $(#[tokio::test]
            async fn $name() -> anyhow::Result<()> {
                $crate::browser::explore($crate::browser::Flavour::NoWebGpu, super::$name).await
            })+
        }
    };
}
