//! What the tests need from the operating system: a Chromium with its driver, software Vulkan.
//!
//! Installed where that can be done without asking (as root on Debian or Ubuntu); otherwise the message
//! names the packages of the common systems.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::proc;
use crate::report::step;

/// Programs and drivers for the tests.
pub struct TestTools {
    /// Chromium or Chrome.
    pub browser: PathBuf,
    /// Its WebDriver.
    pub driver: PathBuf,
}

/// Two software Vulkan drivers: a result counts when both agree.
pub struct SoftwareVulkan {
    /// Mesa's lavapipe.
    pub lavapipe: PathBuf,
    /// SwiftShader, which Chromium carries; none where the browser comes without it.
    pub swiftshader: Option<PathBuf>,
}

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROME_ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const SWIFTSHADER: [&str; 4] = [
    "/usr/lib/chromium/vk_swiftshader_icd.json",
    "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
    "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
    "/opt/google/chrome/vk_swiftshader_icd.json",
];
const DRIVERS: &str = "/usr/share/vulkan/icd.d";

/// Find Chromium and chromedriver; `LLADR_CHROME` and `LLADR_CHROMEDRIVER` name others.
pub fn browser() -> Result<TestTools> {
    let find = || {
        let browser = named("LLADR_CHROME").or_else(|| BROWSERS.iter().find_map(|name| proc::find(name)));
        let browser = browser.or_else(|| Some(PathBuf::from(CHROME_ON_MACOS)).filter(|path| path.is_file()));
        let driver = named("LLADR_CHROMEDRIVER").or_else(|| proc::find("chromedriver"));
        Some(TestTools { browser: browser?, driver: driver? })
    };
    ensure("Chromium and chromedriver", find, BROWSER_PACKAGES)
}

/// Find lavapipe and SwiftShader. `None` on systems whose own GPU interface is used instead.
pub fn vulkan() -> Result<Option<SoftwareVulkan>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let find = || {
        let entries = std::fs::read_dir(DRIVERS).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let is_lavapipe =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("lvp_icd"));
        let lavapipe = entries.filter(is_lavapipe).min()?;
        let swiftshader = SWIFTSHADER.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_path_buf);
        Some(SoftwareVulkan { lavapipe, swiftshader })
    };
    ensure("software Vulkan driver", find, VULKAN_PACKAGES).map(Some)
}

/// Package names: Debian and Ubuntu, Fedora, Arch, macOS.
struct Packages {
    debian: &'static [&'static str],
    fedora: &'static str,
    arch: &'static str,
    macos: &'static str,
}

const BROWSER_PACKAGES: Packages = Packages {
    debian: &["chromium", "chromium-driver"],
    fedora: "chromium chromedriver",
    arch: "chromium",
    macos: "--cask google-chrome chromedriver",
};
const VULKAN_PACKAGES: Packages = Packages {
    debian: &["mesa-vulkan-drivers"],
    fedora: "mesa-vulkan-drivers vulkan-loader",
    arch: "vulkan-swrast vulkan-icd-loader",
    macos: "molten-vk",
};

fn ensure<T>(name: &str, find: impl Fn() -> Option<T>, packages: Packages) -> Result<T> {
    let mut found = find();
    step(name, || {
        if found.is_some() {
            return Ok("present".into());
        }
        if is_root() && proc::find("apt-get").is_some() {
            println!("    installing {}", packages.debian.join(" "));
            let installed = install(packages.debian);
            found = find();
            if let Err(error) = installed {
                bail!("{error:#}\n\n{}", advice(name, &packages));
            }
        }
        if found.is_none() {
            bail!("{}", advice(name, &packages));
        }
        Ok("installed".into())
    })?;
    found.ok_or_else(|| anyhow::anyhow!("{}", advice(name, &packages)))
}

fn install(packages: &[&str]) -> Result<()> {
    let apt = || {
        let mut command = proc::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    proc::output(apt().args(["update", "--quiet"]))?;
    proc::output(apt().args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages))?;
    Ok(())
}

fn advice(name: &str, packages: &Packages) -> String {
    format!(
        "missing, and not to be installed from here: {name}. Install it, then start again:\n  \
         Debian, Ubuntu: sudo apt-get install {}\n  \
         Fedora:         sudo dnf install {}\n  \
         Arch:           sudo pacman -S {}\n  \
         macOS:          brew install {}",
        packages.debian.join(" "),
        packages.fedora,
        packages.arch,
        packages.macos,
    )
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn is_root() -> bool {
    proc::output(proc::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
