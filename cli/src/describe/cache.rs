//! Answers on disk, one JSON object a line, written as they come: a killed run goes on where it was, and no answer is
//! paid for twice.
//!
//! Answers that were no descriptions are kept, too: they count as asked. A last line that a kill cut off is dropped.
//! The file is locked, so that two runs do not mix.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// A line longer than this is no answer.
const MOST_LINE: u64 = 1 << 20;

/// Tokens as the server counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the prompt.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Of the answer.
    #[serde(default)]
    pub completion_tokens: u64,
}

/// An answer, whether it is a description or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// SHA-256 of model and prompt.
    pub key: String,
    /// Identifier of the entity.
    pub entity: String,
    /// Name of the template.
    pub template: String,
    /// The answer.
    pub text: String,
    /// Why it ended, in the server's word.
    pub finish: String,
    /// Its tokens.
    pub usage: Usage,
    /// Day on which it came, as `2026-11-23`.
    pub date: String,
}

/// The answers of a file, and the file to add to.
pub struct Cache {
    path: PathBuf,
    file: File,
    answers: HashMap<String, Vec<Answer>>,
}

impl Cache {
    /// Opens or makes a file of answers.
    ///
    /// # Errors
    /// When another process has it, or a line that was written whole is no answer.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = || format!("cannot open {}", path.display());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(failed)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).with_context(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => bail!("{} is in use by another run", path.display()),
            // Some file systems know no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let (answers, end) = read(&file).with_context(|| path.display().to_string())?;
        file.set_len(end).with_context(failed)?;
        file.seek(SeekFrom::Start(end)).with_context(failed)?;
        Ok(Cache { path: path.to_owned(), file, answers })
    }

    /// The answers of a file that is only looked at; none where there is no file.
    pub fn look(path: &Path) -> Result<HashMap<String, Vec<Answer>>> {
        match File::open(path) {
            Ok(file) => Ok(read(&file).with_context(|| path.display().to_string())?.0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashMap::new()),
            Err(error) => Err(error).with_context(|| format!("cannot open {}", path.display())),
        }
    }

    /// Adds an answer; it is on its way to the disk when this returns.
    pub fn add(&mut self, answer: Answer) -> Result<()> {
        let mut line = serde_json::to_string(&answer).context("an answer cannot be written as JSON")?;
        line.push('\n');
        let failed = || format!("cannot write {}", self.path.display());
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.flush()).with_context(failed)?;
        self.answers.entry(answer.key.clone()).or_default().push(answer);
        Ok(())
    }

    /// All answers to a model and prompt, the first one first.
    pub fn of(&self, key: &str) -> &[Answer] {
        self.answers.get(key).map_or(&[], Vec::as_slice)
    }
}

/// The answers, and where the last whole line ends.
fn read(file: &File) -> Result<(HashMap<String, Vec<Answer>>, u64)> {
    let mut answers: HashMap<String, Vec<Answer>> = HashMap::new();
    let mut reader = BufReader::new(file);
    let mut end = 0;
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        let length = std::io::Read::take(&mut reader, MOST_LINE).read_until(b'\n', &mut line)? as u64;
        if line.last() != Some(&b'\n') {
            if length == MOST_LINE {
                bail!("line {number} is longer than an answer can be: is this a file of answers?");
            }
            break;
        }
        let answer: Answer = serde_json::from_slice(&line)
            .with_context(|| format!("line {number} is no answer; mend or delete the line, or name another --cache"))?;
        answers.entry(answer.key.clone()).or_default().push(answer);
        end += length;
    }
    Ok((answers, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(key: &str, text: &str) -> Answer {
        Answer {
            key: key.into(),
            entity: "Gene::1".into(),
            template: "good".into(),
            text: text.into(),
            finish: "stop".into(),
            usage: Usage::default(),
            date: "2026-11-23".into(),
        }
    }

    #[test]
    fn answers_come_back_and_a_torn_line_is_written_over() -> Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("deep/answers.jsonl");
        let mut cache = Cache::open(&path)?;
        cache.add(answer("a", "one\ntwo"))?;
        cache.add(answer("a", "three"))?;
        assert!(Cache::open(&path).is_err_and(|error| error.to_string().contains("in use")));
        drop(cache);
        let whole = std::fs::read(&path)?;
        std::fs::write(&path, [&whole[..], b"{\"key\":\"b\",\"ent"].concat())?;
        let mut cache = Cache::open(&path)?;
        assert_eq!(cache.of("a").len(), 2);
        assert!(cache.of("b").is_empty());
        cache.add(answer("b", "four"))?;
        drop(cache);
        assert_eq!(Cache::look(&path)?.len(), 2);
        Ok(())
    }

    #[test]
    fn a_file_of_something_else_is_left_alone() -> Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("notes.txt");
        std::fs::write(&path, "my notes\nmore\n")?;
        assert!(Cache::open(&path).is_err_and(|error| format!("{error:#}").contains("line 1 is no answer")));
        assert_eq!(std::fs::read_to_string(&path)?, "my notes\nmore\n");
        assert!(Cache::look(&home.path().join("none"))?.is_empty());
        Ok(())
    }
}
