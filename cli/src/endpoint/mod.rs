//! A server that speaks OpenAI's protocol: asked with patience, from several threads, at a set pace.
//!
//! Asked again, up to a limit, with waits that double: 408, 425, 429 (after what `Retry-After` says) and 5xx, time-outs,
//! cut connections, and answers that are not what the protocol promises. Every other refusal ends the run, since the
//! same request would be refused again. The key is read from the environment, sent in one header, and taken out of
//! every message before it is shown.

mod pace;
mod pool;

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use ureq::Agent;

use pace::Pace;
pub use pool::for_each;

/// A longer wait than this is not sat through.
const MOST_WAIT: Duration = Duration::from_secs(600);
/// Characters of a server's own words that are shown.
const MOST_SHOWN: usize = 300;

/// Where the server is, and how it is asked.
#[derive(clap::Args, Clone, Debug)]
pub struct EndpointArgs {
    /// Address of a server that speaks OpenAI's protocol, such as http://localhost:11434/v1 (Ollama),
    /// http://localhost:8080/v1 (llama.cpp) or https://api.openai.com/v1.
    #[arg(long, value_name = "URL", env = "OPENAI_BASE_URL")]
    pub base_url: Option<String>,
    /// Environment variable that holds the key; nothing is sent where it is not set, as local servers need none.
    #[arg(long, value_name = "NAME", default_value = "OPENAI_API_KEY")]
    pub key_env: String,
    /// Requests under way at a time.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// At most so many requests a minute, such as 60 or 60/min.
    #[arg(long, value_name = "N", value_parser = per_minute)]
    pub rate: Option<f64>,
    /// How often a request that failed is sent again.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub retries: u32,
    /// Seconds after which a request counts as failed.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

fn per_minute(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/min").unwrap_or(text);
    let rate: f64 = number.parse().map_err(|_| format!("{text:?} is no number of requests a minute"))?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("a rate lies above 0".to_owned()) }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// Asking on makes no sense.
    Fatal(String),
    /// All tries failed; another request may succeed.
    GaveUp(String),
}

/// A server, ready to be asked.
pub struct Endpoint {
    agent: Agent,
    url: String,
    key: Option<String>,
    retries: u32,
    pace: Pace,
}

impl Endpoint {
    /// Sets up how `path`, such as `chat/completions`, is asked; sends nothing.
    pub fn new(args: &EndpointArgs, path: &str) -> Result<Self> {
        let base = args.base_url.as_deref().context("--base-url, or OPENAI_BASE_URL, must name the server")?;
        let key = match args.key_env.as_str() {
            "" => None,
            name => std::env::var(name).ok().map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()),
        };
        let is_plain = |key: &String| key.bytes().all(|byte| byte.is_ascii_graphic());
        ensure!(key.as_ref().is_none_or(is_plain), "the key in {} holds what no key can hold", args.key_env);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(args.timeout)))
            .max_idle_connections_per_host(usize::from(args.concurrency))
            .user_agent(concat!("lladr/", env!("CARGO_PKG_VERSION")));
        let url = url(base, path)?;
        // A proxy is for the world outside.
        let config = if is_local(&url) { config.proxy(None) } else { config };
        if key.is_some() && url.starts_with("http://") && !is_local(&url) {
            eprintln!("lladr: the key in {} is sent over http, where others can read it", args.key_env);
        }
        let agent = config.build().into();
        Ok(Endpoint { agent, url, key, retries: args.retries, pace: Pace::new(args.rate) })
    }

    /// Where requests go.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends `body` and reads an answer of at most `most_bytes` with `read`, which says what is wrong with one.
    /// `item` tells requests apart.
    pub fn ask<T>(
        &self,
        body: &Value,
        item: u32,
        most_bytes: u64,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let mut last = String::new();
        for at in 0..=self.retries {
            if !self.pace.turn() {
                return Err(Failure::GaveUp("stopped".to_owned()));
            }
            let (what, wait) = match self.once(body, most_bytes, &read) {
                Ok(answer) => return Ok(answer),
                Err(Refusal::Final(what)) => return Err(Failure::Fatal(self.shown(&what))),
                Err(Refusal::Again(what, wait)) => (what, wait),
            };
            last = what;
            if let Some(wait) = wait {
                if wait > MOST_WAIT {
                    let minutes = wait.as_secs() / 60;
                    let what = format!("{last}; the server asks to wait {minutes} minutes: run the command again then");
                    return Err(Failure::Fatal(self.shown(&what)));
                }
                // What one request is told holds for all.
                self.pace.hold(wait);
            }
            if at < self.retries && !self.pace.rest(pace::back_off(item, at)) {
                break;
            }
        }
        Err(Failure::GaveUp(self.shown(&format!("{last} ({} tries)", self.retries + 1))))
    }

    /// Ends all waits: no request is sent any more.
    pub fn stop(&self) {
        self.pace.stop();
    }

    fn once<T>(&self, body: &Value, most_bytes: u64, read: impl Fn(&Value) -> Result<T, String>) -> Result<T, Refusal> {
        let again = |what: String| Refusal::Again(what, None);
        let mut request = self.agent.post(&self.url);
        if let Some(key) = &self.key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        let mut response = request.send_json(body).map_err(|error| match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => {
                Refusal::Final(format!("{} cannot be asked: {error}", self.url))
            }
            error => again(format!("no answer from {}: {error}", self.url)),
        })?;
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (kind, wait) = (header("content-type").unwrap_or_default(), header("retry-after"));
        let place = header("location").map_or(String::new(), |place| format!(" (it has moved to {place})"));
        let bytes = response.body_mut().with_config().limit(most_bytes).read_to_vec();
        if !(200..300).contains(&status) {
            let said = said(&bytes.unwrap_or_default());
            let what = format!("{} answered {status}{place}{said}", self.url);
            return Err(match status {
                408 | 425 | 429 | 500..=599 => Refusal::Again(what, wait.as_deref().and_then(pace::retry_after)),
                401 | 403 => Refusal::Final(format!("{what}; is the right key in the variable of --key-env?")),
                404 => Refusal::Final(format!("{what}; are --base-url and the model's name right?")),
                _ => Refusal::Final(what),
            });
        }
        let bytes = bytes.map_err(|error| again(format!("the answer of {} broke off: {error}", self.url)))?;
        let not_json = |error| again(format!("the answer of {} ({kind}) is not readable as JSON: {error}", self.url));
        let value: Value = serde_json::from_slice(&bytes).map_err(not_json)?;
        read(&value).map_err(|what| again(format!("the answer of {}: {what}", self.url)))
    }

    /// A message without the key, and without what could steer a terminal.
    fn shown(&self, message: &str) -> String {
        let message = match &self.key {
            Some(key) => message.replace(key.as_str(), "[key]"),
            None => message.to_owned(),
        };
        message.replace(char::is_control, " ")
    }
}

enum Refusal {
    Final(String),
    /// With the wait that the server asked for.
    Again(String, Option<Duration>),
}

/// A server's own words on an error, shortened.
fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let value: Option<Value> = serde_json::from_str(&text).ok();
    let message = value.as_ref().and_then(|value| {
        let error = value.get("error").unwrap_or(value);
        error.get("message").or(Some(error)).and_then(Value::as_str)
    });
    let words = message.unwrap_or(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { String::new() } else { format!(": {}", words.chars().take(MOST_SHOWN).collect::<String>()) }
}

fn url(base: &str, path: &str) -> Result<String> {
    let base = base.trim().trim_end_matches('/');
    let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() {
        bail!("{base:?} is no address: it must begin with http:// or https://");
    }
    ensure!(
        !host.contains('@'),
        "a password does not belong into the address: put the key into a variable (--key-env)"
    );
    Ok(if base.ends_with(path) { base.to_owned() } else { format!("{base}/{path}") })
}

fn is_local(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.", "[::1]"].iter().any(|host| rest.starts_with(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed_and_wrong_ones_refused() -> Result<()> {
        assert_eq!(url("http://localhost:8080/v1/", "embeddings")?, "http://localhost:8080/v1/embeddings");
        assert_eq!(url("https://a.b/v1/embeddings", "embeddings")?, "https://a.b/v1/embeddings");
        assert!(url("localhost:8080", "embeddings").is_err());
        assert!(url("https://me:secret@a.b", "embeddings").is_err_and(|error| !error.to_string().contains("secret")));
        Ok(())
    }

    #[test]
    fn rates_are_per_minute() {
        assert_eq!(per_minute("90/min"), Ok(90.0));
        assert_eq!(per_minute("0.5"), Ok(0.5));
        assert!(per_minute("0").is_err() && per_minute("fast").is_err() && per_minute("inf").is_err());
    }
}
