//! Who makes vectors of texts: a model from a folder, or a server that speaks OpenAI's protocol.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::Args;
use super::cache::Cache;
use crate::endpoint::{Endpoint, Failure, for_each};

/// What to do about a missing feature.
#[cfg(not(feature = "encode"))]
pub const BUILD: &str = "this lladr was built without the encoder: build it with \
                         `cargo build --release -p lladr-cli --features encode` (some minutes), or ask a server \
                         (--base-url and --model-name)";
/// A larger answer is none: 2,048 texts of 4,096 numbers are about 100 MB.
const MOST_BYTES: u64 = 256 << 20;

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pooling {
    /// The mean over the tokens.
    Mean,
    /// The first token.
    Cls,
    /// The largest of each number.
    Max,
}

/// An encoder, ready to use.
pub enum Encoder {
    /// From a folder.
    #[cfg(feature = "encode")]
    Local(Box<super::bert::Encoder>),
    /// On a server.
    Server {
        /// The server.
        endpoint: Endpoint,
        /// Name of the encoder.
        model: String,
        /// Requests at a time.
        threads: usize,
    },
}

impl Encoder {
    /// The encoder that the options name.
    pub fn open(args: &Args) -> Result<Self> {
        if let Some(folder) = &args.model {
            #[cfg(feature = "encode")]
            return Ok(Encoder::Local(Box::new(super::bert::Encoder::open(folder, args.pooling)?)));
            #[cfg(not(feature = "encode"))]
            bail!("{}: {BUILD}", folder.display());
        }
        if args.pooling.is_some() {
            bail!("--pooling is for an encoder from a folder (--model)");
        }
        let endpoint = Endpoint::new(&args.endpoint, "embeddings")?;
        let model = args.model_name.clone().context("--model-name is missing")?;
        Ok(Encoder::Server { endpoint, model, threads: usize::from(args.endpoint.concurrency) })
    }

    /// What vectors belong to.
    pub fn identity(&self) -> String {
        match self {
            #[cfg(feature = "encode")]
            Encoder::Local(bert) => bert.identity().to_owned(),
            Encoder::Server { model, .. } => format!("{model} on a server"),
        }
    }

    /// What it is, for the pack's card.
    pub fn words(&self) -> String {
        match self {
            #[cfg(feature = "encode")]
            Encoder::Local(bert) => format!("{}, length 1", bert.words()),
            Encoder::Server { model, .. } => format!("{model}, as its server pools, length 1"),
        }
    }

    /// Whether a server does the work.
    pub fn is_server(&self) -> bool {
        matches!(self, Encoder::Server { .. })
    }

    /// Length of a vector, where it is known before the first one.
    pub fn width(&self) -> Option<usize> {
        match self {
            #[cfg(feature = "encode")]
            Encoder::Local(bert) => Some(bert.width()),
            Encoder::Server { .. } => None,
        }
    }

    /// Encodes all batches; what is done is in the cache. `check` sees the length of the vectors.
    pub fn encode_all(
        &self,
        batches: &[Vec<&str>],
        bar: &ProgressBar,
        cache: &mut Cache,
        check: &(dyn Fn(usize) -> Result<()> + Sync),
    ) -> Result<()> {
        let cache = Mutex::new(cache);
        let add = |texts: &[&str], vectors: &[Vec<f32>]| -> Result<()> {
            let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
            cache.add(texts, vectors)?;
            bar.inc(texts.len() as u64);
            check(cache.width())
        };
        match self {
            #[cfg(feature = "encode")]
            Encoder::Local(bert) => bert.encode_all(batches, &add),
            Encoder::Server { endpoint, model, threads } => {
                let work = |(at, texts): &(usize, &Vec<&str>)| {
                    let body = json!({ "model": model, "input": texts, "encoding_format": "float" });
                    let read = |answer: &Value| vectors_of(answer, texts.len());
                    let vectors = endpoint.ask(&body, *at as u32, MOST_BYTES, read)?;
                    add(texts, &vectors).map_err(|error| Failure::Fatal(format!("{error:#}")))
                };
                let items: Vec<(usize, &Vec<&str>)> = batches.iter().enumerate().collect();
                let missing =
                    for_each(endpoint, &items, *threads, work).context("the same command goes on from here")?;
                match missing.first() {
                    None => Ok(()),
                    Some((_, what)) => bail!(
                        "{} of {} requests got no answer ({what}); the same command asks only for those",
                        missing.len(),
                        items.len()
                    ),
                }
            }
        }
    }
}

/// One vector per text from an answer, by its index.
fn vectors_of(answer: &Value, count: usize) -> Result<Vec<Vec<f32>>, String> {
    let data = answer.get("data").and_then(Value::as_array).ok_or("it holds no data")?;
    if data.len() != count {
        return Err(format!("it holds {} vectors for {count} texts", data.len()));
    }
    let mut vectors: Vec<Vec<f32>> = vec![Vec::new(); count];
    for (at, entry) in data.iter().enumerate() {
        let index = entry.get("index").and_then(Value::as_u64).map_or(at, |index| index as usize);
        let numbers = entry.get("embedding").and_then(Value::as_array).ok_or("an entry holds no embedding")?;
        let numbers = numbers.iter().map(|x| x.as_f64().map(|x| x as f32)).collect::<Option<Vec<f32>>>();
        let place = vectors.get_mut(index).filter(|place| place.is_empty());
        *place.ok_or_else(|| format!("its index {index} is wrong"))? = numbers.ok_or("an embedding holds no number")?;
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_taken_by_their_index() {
        let answer = json!({ "data": [
            { "index": 1, "embedding": [0.5, 2] },
            { "index": 0, "embedding": [1e-3, 3] },
        ] });
        assert_eq!(vectors_of(&answer, 2), Ok(vec![vec![1e-3, 3.0], vec![0.5, 2.0]]));
        assert!(vectors_of(&answer, 3).is_err());
        for wrong in [
            json!({ "data": [{ "index": 0, "embedding": [1] }, { "index": 0, "embedding": [1] }] }),
            json!({ "data": [{ "index": 9, "embedding": [1] }, { "index": 0, "embedding": [1] }] }),
            json!({ "data": [{ "embedding": [null] }, { "embedding": [1] }] }),
            json!({ "data": [{ "embedding": "AAAA" }, { "embedding": [1] }] }),
            json!({ "error": "no" }),
        ] {
            assert!(vectors_of(&wrong, 2).is_err(), "{wrong}");
        }
    }
}
