//! A peer: a Python program of `tests/peers`, which works for a turn whenever it gets a line.
//!
//! It warms up, tells `{"ready": true}`, and answers each line with one JSON object: `work`, `wall_s`, `cpu_s`, and
//! what it is. What it tells is another program's output: it is checked before it is believed.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::machine::Machine;
use super::turn::{Side, Turn};

/// Longest line that is read, in bytes.
const LONGEST: u64 = 1 << 16;
/// Lines that are no JSON objects (a library's chatter), before it is given up.
const MOST_CHATTER: usize = 200;

/// A running program.
pub struct Peer {
    child: Child,
    asks: Option<ChildStdin>,
    tells: BufReader<ChildStdout>,
    name: String,
}

impl Peer {
    /// Starts a program on one thread and waits until it is warm.
    ///
    /// # Errors
    /// When it does not start, or ends before it is ready: its own message is on the screen by then.
    pub fn start(python: &Path, program: &Path, args: &[String], seconds: f64, machine: &Machine) -> Result<Self> {
        let mut command = Command::new(python);
        command.arg(program).args(args).args(["--turns", "--seconds", &seconds.to_string()]);
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"] {
            command.env(threads, "1");
        }
        // The best kernel, whatever the environment says: the peer is to be as fast as it can.
        if let Some(core) = machine.openblas_core() {
            command.env("OPENBLAS_CORETYPE", core).env_remove("OPENBLAS_L2_SIZE");
        }
        command.env("PYTHONWARNINGS", "ignore").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", python.display()))?;
        let (asks, Some(tells)) = (child.stdin.take(), child.stdout.take()) else { bail!("no pipe to the peer") };
        let mut peer = Peer { child, asks, tells: BufReader::new(tells), name: String::new() };
        match object(&mut peer.tells)?.get("ready") {
            Some(Value::Bool(true)) => Ok(peer),
            _ => bail!("{} does not say when it is ready", program.display()),
        }
    }
}

impl Side for Peer {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn turn(&mut self) -> Result<Turn> {
        let asks = self.asks.as_mut().context("the peer has no input")?;
        asks.write_all(b"\n").and_then(|()| asks.flush()).context("the peer has ended")?;
        let (name, turn) = turn(&object(&mut self.tells)?)?;
        self.name = name;
        Ok(turn)
    }
}

impl Drop for Peer {
    /// Its input ends, and so does it; one that hangs is stopped.
    fn drop(&mut self) {
        self.asks = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next JSON object among the lines.
fn object(lines: &mut impl BufRead) -> Result<Value> {
    for _ in 0..MOST_CHATTER {
        let mut line = Vec::new();
        lines.take(LONGEST).read_until(b'\n', &mut line).context("reading from the peer")?;
        match line.as_slice() {
            [] => bail!("the peer ended without an answer"),
            [b'{', ..] => return serde_json::from_slice(&line).context("the peer's answer is not JSON"),
            _ => {}
        }
    }
    bail!("the peer prints no JSON")
}

/// Name and figures in an answer.
fn turn(answer: &Value) -> Result<(String, Turn)> {
    let number = |name: &str| match answer.get(name).and_then(Value::as_f64) {
        Some(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => bail!("the peer's answer has no positive {name}"),
    };
    let word = |name: &str| answer.get(name).and_then(Value::as_str);
    let Some(peer) = word("peer") else { bail!("the peer's answer does not say who it is") };
    let versions = match (word("versions"), word("torch")) {
        (Some(versions), _) => format!(" ({})", plain(versions)),
        (None, Some(torch)) => format!(" (torch {})", plain(torch)),
        (None, None) => String::new(),
    };
    let turn = Turn { work: number("work")?, wall: number("wall_s")?, cpu: Some(number("cpu_s")?) };
    Ok((plain(peer) + &versions, turn))
}

/// A short text that breaks neither a terminal nor a table.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).map(|c| if c == '|' { '/' } else { c }).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Turn)> {
        turn(&object(&mut text.as_bytes())?)
    }

    #[test]
    fn reads_a_turn_after_chatter() {
        let text = "Training epochs on cpu\n\n{\"peer\": \"chunked_torch\", \"torch\": \"1.13.0a0\", \"work\": 12288, \
                    \"wall_s\": 0.5, \"cpu_s\": 0.25, \"more\": [1]}\n{\"peer\": \"later\"}\n";
        let (name, turn) = read(text).unwrap();
        assert_eq!(name, "chunked_torch (torch 1.13.0a0)");
        assert_eq!(turn, Turn { work: 12288.0, wall: 0.5, cpu: Some(0.25) });
    }

    #[test]
    fn refuses_hostile_lines() {
        let line = |fields: &str| format!("{{\"peer\": \"p\", {fields}}}\n");
        let chatter = "no\n".repeat(MOST_CHATTER + 1);
        let endless = "{\"peer\": \"".to_string() + &"x".repeat(3 * LONGEST as usize);
        for (text, expected) in [
            ("".to_string(), "ended"),
            ("nothing here".to_string(), "ended"),
            (chatter, "prints no JSON"),
            (endless, "not JSON"),
            ("{\"work\": 1, \"wall_s\"".to_string(), "not JSON"),
            ("{\"work\": NaN}\n".to_string(), "not JSON"),
            (line("\"work\": 1e999, \"wall_s\": 1, \"cpu_s\": 1"), "not JSON"),
            (line("\"work\": 1, \"wall_s\": 0, \"cpu_s\": 1"), "no positive wall_s"),
            (line("\"work\": -1, \"wall_s\": 1, \"cpu_s\": 1"), "no positive work"),
            (line("\"work\": 1, \"wall_s\": 1, \"cpu_s\": \"1\""), "no positive cpu_s"),
            (line("\"work\": 1, \"wall_s\": 1"), "no positive cpu_s"),
            ("{\"work\": 1, \"wall_s\": 1, \"cpu_s\": 1}\n".to_string(), "who it is"),
        ] {
            let error = format!("{:#}", read(&text).unwrap_err());
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn names_break_no_table() {
        let text =
            "{\"peer\": \"a|b\\u001b[31m\\n\", \"versions\": \"v|1\", \"work\": 1, \"wall_s\": 1, \"cpu_s\": 1}\n";
        assert_eq!(read(text).unwrap().0, "a/b[31m (v/1)");
        assert_eq!(plain(&"y".repeat(500)).len(), 80);
    }
}
