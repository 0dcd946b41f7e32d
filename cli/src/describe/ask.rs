//! Descriptions from a language model: what is to be asked, what it may cost, and the asking.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use indicatif::ProgressBar;
use jiff::Timestamp;
use lladr_core::graph::KnowledgeGraph;
use lladr_core::ids::EntityId;
use lladr_core::settings::Template;
use serde_json::Value;

use super::cache::{Answer, Cache, Usage};
use super::judge::judge;
use super::prompt::{self, Sampling};
use crate::endpoint::{Endpoint, Failure, for_each};

/// A larger answer is none.
const MOST_BYTES: u64 = 4 << 20;
/// Characters per token of English text, by the rule of thumb of OpenAI's help pages.
const CHARACTERS_PER_TOKEN: f64 = 4.0;
/// Tokens that a chat adds to a prompt.
const TOKENS_AROUND: f64 = 8.0;
/// Tokens of a usual answer: about 100 words.
const TOKENS_OF_ANSWER: f64 = 135.0;

/// A text that is wanted.
pub struct Item {
    /// About whom.
    pub entity: EntityId,
    /// By which template.
    pub template: Template,
    /// The prompt.
    pub prompt: String,
    /// What its answers belong to.
    pub key: String,
}

impl Item {
    /// The text about an entity by a template.
    pub fn new(graph: &KnowledgeGraph, entity: EntityId, template: Template, model: &str) -> Option<Self> {
        let prompt = prompt::about(template, &graph.vocabulary, graph.vocabulary.entity(entity)?);
        Some(Item { entity, template, key: prompt::key(model, &prompt), prompt })
    }
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A description, and the day of the answer.
    Text(String, String),
    /// No description after so many answers; what is wrong with the last.
    Refused(String, usize),
    /// Not asked yet, or not often enough.
    Open,
}

/// What cached answers come to.
pub fn outcome(graph: &KnowledgeGraph, item: &Item, answers: &[Answer], attempts: usize) -> Outcome {
    let Some(entity) = graph.vocabulary.entity(item.entity) else { return Outcome::Open };
    let mut last = String::new();
    for answer in answers {
        match judge(entity, &answer.text, &answer.finish) {
            Ok(text) => return Outcome::Text(text, answer.date.clone()),
            Err(what) => last = what,
        }
    }
    if answers.len() >= attempts { Outcome::Refused(last, answers.len()) } else { Outcome::Open }
}

/// What asking may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Requests, if each answer is a description.
    pub calls: usize,
    /// Tokens of all prompts.
    pub tokens_in: f64,
    /// Tokens of all answers.
    pub tokens_out: f64,
}

impl Estimate {
    /// Of texts that are not there yet.
    pub fn of<'a>(open: impl Iterator<Item = &'a Item>, max_tokens: u32) -> Self {
        let mut sum = Estimate { calls: 0, tokens_in: 0.0, tokens_out: 0.0 };
        for item in open {
            sum.calls += 1;
            sum.tokens_in += item.prompt.chars().count() as f64 / CHARACTERS_PER_TOKEN + TOKENS_AROUND;
            sum.tokens_out += TOKENS_OF_ANSWER.min(f64::from(max_tokens));
        }
        sum
    }

    /// In the currency of the prices, which are for a million tokens.
    pub fn price(&self, price_in: f64, price_out: f64) -> f64 {
        (self.tokens_in * price_in + self.tokens_out * price_out) / 1e6
    }

    /// In a line.
    pub fn words(&self, prices: Option<(f64, f64)>) -> String {
        let price = prices.map_or(String::new(), |(price_in, price_out)| {
            format!(", about {:.2} at the prices given", self.price(price_in, price_out))
        });
        format!(
            "{} requests, about {:.0} tokens of prompts and {:.0} of answers{price} (4 characters a token, \
             {TOKENS_OF_ANSWER:.0} tokens an answer)",
            self.calls, self.tokens_in, self.tokens_out
        )
    }
}

/// What a run came to.
pub struct Asked {
    /// By item.
    pub outcomes: Vec<Outcome>,
    /// Items that no answer came for, and why.
    pub unanswered: HashMap<usize, String>,
    /// Requests that were answered.
    pub calls: usize,
    /// Tokens as the server counted them.
    pub usage: Usage,
}

/// Asks for all items that the cache has no description of.
pub fn ask(
    graph: &KnowledgeGraph,
    items: &[Item],
    (endpoint, sampling, threads): (&Endpoint, &Sampling, usize),
    (cache, attempts): (&Path, usize),
    bar: &ProgressBar,
) -> Result<Asked> {
    let cache = Mutex::new(Cache::open(cache)?);
    let locked = || cache.lock().unwrap_or_else(PoisonError::into_inner);
    let now = |item: &Item| outcome(graph, item, locked().of(&item.key), attempts);
    let open: Vec<usize> = (0..items.len()).filter(|at| now(&items[*at]) == Outcome::Open).collect();
    let spent = Mutex::new((0, Usage::default()));
    let work = |at: &usize| {
        let item = &items[*at];
        while now(item) == Outcome::Open {
            let (text, finish, usage) = endpoint.ask(&sampling.body(&item.prompt), *at as u32, MOST_BYTES, content)?;
            {
                let mut spent = spent.lock().unwrap_or_else(PoisonError::into_inner);
                spent.0 += 1;
                spent.1.prompt_tokens += usage.prompt_tokens;
                spent.1.completion_tokens += usage.completion_tokens;
            }
            let answer = Answer {
                key: item.key.clone(),
                entity: graph.vocabulary.entity(item.entity).map(|entity| entity.id.clone()).unwrap_or_default(),
                template: item.template.name().to_owned(),
                text,
                finish,
                usage,
                date: Timestamp::now().strftime("%F").to_string(),
            };
            locked().add(answer).map_err(|error| Failure::Fatal(format!("{error:#}")))?;
        }
        bar.inc(1);
        Ok(())
    };
    let unanswered = for_each(endpoint, &open, threads, work)?;
    let (calls, usage) = *spent.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Asked {
        outcomes: items.iter().map(now).collect(),
        unanswered: unanswered.into_iter().map(|(at, what)| (open[at], what)).collect(),
        calls,
        usage,
    })
}

/// Text, reason of its end and tokens of a chat completion.
fn content(answer: &Value) -> Result<(String, String, Usage), String> {
    let choice = answer.get("choices").and_then(|choices| choices.get(0)).ok_or("it holds no choices")?;
    let message = choice.get("message").ok_or("its choice holds no message")?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let refusal = || text(message.get("refusal")).map(|words| format!("I'm sorry: {words}"));
    // A refusal, or an answer of which all tokens went into thought, comes without content.
    let content = text(message.get("content")).or_else(refusal).unwrap_or_default();
    let usage = answer.get("usage").map(|usage| serde_json::from_value(usage.clone()).unwrap_or_default());
    Ok((content, text(choice.get("finish_reason")).unwrap_or_default(), usage.unwrap_or_default()))
}
