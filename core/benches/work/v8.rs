//! The wasm twin of the training work, in V8: of Chromium where there is one, else of Node.
//!
//! Module and script are written into one page (or one script), which needs no server: a headless Chromium loads it
//! and prints the page as it is then. The page's own thread runs the module; a worker's is the same V8.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What runs the module.
pub struct V8 {
    program: PathBuf,
    is_browser: bool,
    script: String,
}

impl V8 {
    /// Finds a Chromium, else Node, and reads the module; an error says what is missing.
    pub fn new(module: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(module).map_err(|error| format!("cannot read {}: {error}", module.display()))?;
        let script = format!("{}\nconst bytes = new Uint8Array({bytes:?});", include_str!("measure.js"));
        let browser = ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| find(name));
        match (browser, find("node")) {
            (Some(program), _) => Ok(V8 { program, is_browser: true, script }),
            (None, Some(program)) => Ok(V8 { program, is_browser: false, script }),
            (None, None) => Err("neither Chromium nor Node is on the search path".into()),
        }
    }

    /// As a person would say it.
    pub fn name(&self) -> &'static str {
        if self.is_browser { "wasm in headless Chromium" } else { "wasm in Node (no Chromium found)" }
    }

    /// Trains, then multiplies for a moment: work (positives, FLOP) and seconds of both. `interaction` is its place in
    /// `Interaction::ALL`.
    pub fn turn(&self, interaction: usize) -> Result<[(f64, f64); 2], String> {
        let folder = std::env::temp_dir().join(format!("lladr-bench-{}", std::process::id()));
        let told = self.run(&folder, interaction);
        // What is left behind is only a temporary folder.
        let _ = std::fs::remove_dir_all(&folder);
        parse(&told?)
    }

    fn run(&self, folder: &Path, interaction: usize) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.program.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut command = Command::new(&self.program);
        if self.is_browser {
            let page = folder.join("bench.html");
            let text = format!(
                "<pre id=\"told\"></pre><script>{}\ndocument.getElementById(\"told\").textContent = \
                 measure(bytes, {interaction});</script>",
                self.script
            );
            std::fs::write(&page, text).map_err(failed)?;
            // The page is ours, and a sandbox cannot be had in every container.
            command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"]);
            command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
            command.arg(format!("file://{}", page.display()));
        } else {
            let file = folder.join("bench.js");
            let text = format!("{}\nconsole.log(`<pre>${{measure(bytes, {interaction})}}</pre>`);", self.script);
            std::fs::write(&file, text).map_err(failed)?;
            command.arg(file);
        }
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().map_err(failed)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The numbers in the page's `pre`.
fn parse(told: &str) -> Result<[(f64, f64); 2], String> {
    let unread = || "the wasm module told no figures; is it the example bench_wasm?".to_string();
    let inside = told.split_once("<pre").and_then(|(_, rest)| rest.split_once('>')?.1.split_once("</pre>"));
    let (inside, _) = inside.ok_or_else(unread)?;
    let numbers: Vec<f64> = inside.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [positives, training, flop, products] if numbers.iter().all(|x| x.is_finite() && *x > 0.0) => {
            Ok([(positives, training), (flop, products)])
        }
        _ => Err(unread()),
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
}
