//! What a command tells: words for a person, JSON for a script, and an exit code for both.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::files;

/// Shown under `lladr --help`.
pub const EXIT_CODES: &str =
    "Exit codes: 0 done; 1 failed; 2 wrong use; 3 done, but not all of it (what is missing is listed).";

/// Where a command's result goes.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Output {
    /// Write the result as JSON to this file; `-` for standard output, and words go to standard error then.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

impl Output {
    /// A line for a person.
    pub fn say(&self, line: impl Display) {
        if self.takes_stdout() { eprintln!("{line}") } else { println!("{line}") }
    }

    /// The result for a script, if it was asked for.
    pub fn write(&self, value: &Value) -> Result<()> {
        let text = serde_json::to_string_pretty(value).context("the result cannot be written as JSON")?;
        match &self.json {
            None => Ok(()),
            Some(_) if self.takes_stdout() => {
                println!("{text}");
                Ok(())
            }
            Some(path) => files::write_whole(path, (text + "\n").as_bytes()),
        }
    }

    fn takes_stdout(&self) -> bool {
        self.json.as_deref() == Some(Path::new("-"))
    }
}

/// Ends a command that did its work but not all of it: exit code 3.
#[derive(Debug)]
pub struct Incomplete(pub String);

impl Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Incomplete {}

/// Tells an error, if there is one.
pub fn exit_code(result: Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("lladr: {error:#}");
    if error.is::<Incomplete>() { ExitCode::from(3) } else { ExitCode::FAILURE }
}
