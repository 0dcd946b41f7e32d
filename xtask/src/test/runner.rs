//! The test runner: cargo-nextest where it is installed, else `cargo test`.
//!
//! All runs select the same packages and features, so cargo compiles everything once. A runner's closing
//! lines are kept while its output passes by, and repeated at the end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow};

use super::Adapter;
use crate::proc;
use crate::report::Stopwatch;
use crate::tools::system::TestTools;

/// How tests are run here.
pub struct Runner {
    has_nextest: bool,
    further: Vec<String>,
}

/// What one run came to.
pub struct Outcome {
    name: String,
    lines: Vec<String>,
    passed: u32,
    failed: u32,
}

impl Runner {
    /// Look for nextest; `further` goes to the runner.
    pub fn find(further: Vec<String>) -> Self {
        Runner { has_nextest: proc::output(proc::cargo().args(["nextest", "--version"])).is_ok(), further }
    }

    /// Everything without a browser.
    pub fn native(&self, adapter: &Adapter) -> Outcome {
        // Without nextest the browser tests cannot be filtered by file; they stay uncompiled instead.
        let mut command = self.command("not binary(/^browser/)", &[], None);
        self.outcome(format!("native ({})", adapter.name), on(&mut command, adapter))
    }

    /// Tests of the GPU backend, on one adapter.
    pub fn gpu(&self, adapter: &Adapter) -> Outcome {
        let mut command = self.command("not binary(/^browser/) and test(/gpu_/)", &[], Some("gpu_"));
        self.outcome(format!("GPU ({})", adapter.name), on(&mut command, adapter))
    }

    /// The browser tests, one after the other: each wants both cores, and some measure time.
    pub fn browser(&self, tools: &TestTools, update_screenshot: bool) -> Outcome {
        let mut command = if self.has_nextest {
            let mut command = self.command("binary(/^browser/)", &[], None);
            // What they measure is worth reading even when they pass.
            command.args(["--test-threads", "1", "--success-output", "immediate"]);
            command
        } else {
            self.command("", &["--features", "lladr-tests/browser", "--test", "browser*", "--test", "serve"], None)
        };
        if !self.has_nextest {
            command.env("RUST_TEST_THREADS", "1");
        }
        // Tests return errors that say what was seen; where in the runner they were made is noise.
        command.env("RUST_LIB_BACKTRACE", "0");
        command.env("LLADR_CHROME", &tools.browser).env("LLADR_CHROMEDRIVER", &tools.driver);
        if update_screenshot {
            command.env("LLADR_UPDATE_SCREENSHOT", "yes");
        }
        self.outcome("browser".into(), &mut command)
    }

    /// Examples in the documentation, which nextest does not run.
    pub fn documentation(&self) -> Outcome {
        let mut command = proc::cargo();
        command.args(["test", "--quiet", "--doc", "--workspace", "--features", "lladr-tests/browser"]);
        let plain = Runner { has_nextest: false, further: Vec::new() };
        plain.outcome("documentation".into(), &mut command)
    }

    /// `filter` is for nextest; `options` and the part of a test's `name` are for `cargo test`.
    fn command(&self, filter: &str, options: &[&str], name: Option<&str>) -> Command {
        let mut command = proc::cargo();
        if self.has_nextest {
            command.args(["nextest", "run", "--workspace", "--features", "lladr-tests/browser"]);
            command.args(["--no-fail-fast", "--no-tests", "pass", "--filterset", filter]);
        } else {
            command.args(["test", "--workspace", "--no-fail-fast"]).args(options);
            // `cargo test` takes one name: what a person asked for goes before what the run is about.
            command.args(name.filter(|_| self.further.is_empty()));
        }
        command.args(&self.further);
        if std::env::var_os("LLADR_TEST_GPU").is_none() {
            command.env("LLADR_TEST_GPU", "yes");
        }
        command
    }

    fn outcome(&self, name: String, command: &mut Command) -> Outcome {
        println!("==> tests: {name}");
        let mark = if self.has_nextest { "Summary [" } else { "test result:" };
        let mut outcome = Outcome { name, lines: Vec::new(), passed: 0, failed: 0 };
        match watch(command, self.has_nextest, mark) {
            Ok((is_success, lines)) => {
                outcome.passed = lines.iter().map(|line| count(line, "passed")).sum();
                outcome.failed = lines.iter().map(|line| count(line, "failed") + count(line, "timed out")).sum();
                // `cargo test` reports on every crate, also on one without tests.
                outcome.lines =
                    lines.into_iter().filter(|line| !line.contains(" 0 passed; 0 failed; 0 ignored")).collect();
                if !is_success && outcome.failed == 0 {
                    // It did not get as far as counting, for example because something does not compile.
                    outcome.failed = 1;
                    outcome.lines.push("the runner failed; see above".into());
                }
            }
            Err(error) => (outcome.failed, outcome.lines) = (1, vec![format!("{error:#}")]),
        }
        outcome
    }
}

fn on<'c>(command: &'c mut Command, adapter: &Adapter) -> &'c mut Command {
    if let Some(driver) = &adapter.driver {
        command.env("VK_ICD_FILENAMES", driver);
    }
    command
}

/// Run with the output on the screen; returns whether it succeeded and the lines with `mark`.
/// nextest reports on standard error, `cargo test` on standard output.
fn watch(command: &mut Command, reports_on_stderr: bool, mark: &str) -> Result<(bool, Vec<String>)> {
    if reports_on_stderr {
        command.stderr(Stdio::piped());
    } else {
        command.stdout(Stdio::piped());
    }
    let mut child = command.spawn()?;
    let stream: Box<dyn std::io::Read> = match (child.stderr.take(), child.stdout.take()) {
        (Some(stream), _) => Box::new(stream),
        (_, Some(stream)) => Box::new(stream),
        _ => return Err(anyhow!("the runner has no output")),
    };
    let mut kept = Vec::new();
    for line in BufReader::new(stream).split(b'\n') {
        let line = line?;
        let mut screen = std::io::stderr().lock();
        screen.write_all(&line)?;
        screen.write_all(b"\n")?;
        let text = String::from_utf8_lossy(&line);
        // nextest names what failed once more after its summary.
        let names_failure =
            !kept.is_empty() && [" FAIL [", " TIMEOUT [", " SIGABRT ["].iter().any(|word| text.contains(word));
        if text.contains(mark) || names_failure {
            kept.push(text.trim().to_owned());
        }
    }
    Ok((child.wait()?.success(), kept))
}

/// The number before `word` in a line such as `12 tests run: 11 passed (1 slow), 1 failed, 3 skipped`.
fn count(line: &str, word: &str) -> u32 {
    let before = line.split(word).next().filter(|before| before.len() < line.len());
    before.and_then(|before| before.split_whitespace().next_back()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Collects outcomes and tells them at the end.
#[derive(Default)]
pub struct Closing(Vec<Outcome>);

impl Closing {
    /// Keep the outcome of a run.
    pub fn add(&mut self, outcome: Outcome) {
        self.0.push(outcome);
    }

    /// Keep the outcome of a check, which counts as one test.
    pub fn check(&mut self, name: &str, result: Result<()>) {
        let (passed, failed, line) = match result {
            Ok(()) => (1, 0, "ok".into()),
            Err(error) => (0, 1, format!("{error:#}")),
        };
        self.0.push(Outcome { name: name.into(), lines: vec![line], passed, failed });
    }

    /// Print all closing lines and the sum; returns how many failed.
    pub fn print(&self, watch: &Stopwatch) -> u32 {
        println!("\n==> after {watch}");
        for outcome in &self.0 {
            for line in &outcome.lines {
                println!("    {:<22} {line}", outcome.name);
            }
        }
        let sum = |number: fn(&Outcome) -> u32| self.0.iter().map(number).sum::<u32>();
        let failed = sum(|outcome| outcome.failed);
        println!("{} passed, {failed} failed", sum(|outcome| outcome.passed));
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::{Runner, count};

    #[test]
    fn cargo_test_gets_options_with_their_values_and_one_name() {
        let args = |further: &[&str], name| {
            let runner = Runner { has_nextest: false, further: further.iter().map(|&word| word.to_owned()).collect() };
            let command = runner.command("", &["--test", "browser*", "--test", "serve"], name);
            command.get_args().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        let common = "test --workspace --no-fail-fast --test browser* --test serve";
        assert_eq!(args(&[], None), common);
        assert_eq!(args(&[], Some("gpu_")), format!("{common} gpu_"));
        assert_eq!(args(&["mine"], Some("gpu_")), format!("{common} mine"));
    }

    #[test]
    fn reads_both_runners() {
        let nextest = "Summary [   1.234s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 3 skipped";
        assert_eq!([count(nextest, "passed"), count(nextest, "failed"), count(nextest, "timed out")], [10, 1, 1]);
        let cargo = "test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!([count(cargo, "passed"), count(cargo, "failed"), count(cargo, "timed out")], [7, 2, 0]);
    }
}
