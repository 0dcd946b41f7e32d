//! What `torchbiggraph_export_to_tsv` writes of PyTorch-BigGraph's checkpoint: a line for each entity and relation.
//!
//! `entity_embeddings.tsv`: `name TAB number TAB …`. `relation_types_parameters.tsv`: `name TAB side TAB operator TAB
//! parameter TAB shape TAB number TAB …`. The operator works on the right-hand side, and the comparator compares:
//!
//! | operator, comparator | its score | here |
//! |---|---|---|
//! | translation, l2 | `−‖h − (t + r)‖₂` | TransE (L2) with `−r`; scores plus gamma |
//! | translation, squared_l2 | `−‖h − (t + r)‖₂²` | the same: the order is, scores are not |
//! | diagonal, dot | `Σ h_k r_k t_k` | DistMult |
//! | complex_diagonal, dot | `Re Σ h_k conj(r_k t_k)`, by halves | ComplEx with `conj(r)` |
//!
//! Files: torchbiggraph/converters/export_to_tsv.py and torchbiggraph/model.py of PyTorch-BigGraph 1.0.0.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use lladr_core::model::Interaction;
use serde::Deserialize;

use super::foreign::{Foreign, Rows, model};
use super::{Margin, usual_gamma};
use crate::import::{lines, open};

/// An identifier as one of its words, which end at white space.
pub fn word(id: &str) -> String {
    let mut word = String::with_capacity(id.len());
    for c in id.chars() {
        if c == '%' || c.is_whitespace() {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| word += &format!("%{byte:02X}"));
        } else {
            word.push(c);
        }
    }
    word
}

/// Back from [`word`]; `None` where it is none.
fn unword(word: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            let (code, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(str::from_utf8(code).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The part of a checkpoint's `config.json` that scores depend on and the tables do not tell.
#[derive(Debug, Deserialize)]
struct Config {
    comparator: String,
    #[serde(default)]
    bias: bool,
}

/// The comparator of a checkpoint's `config.json`.
pub fn comparator(config: &Path) -> Result<String> {
    let bytes = std::fs::read(config).with_context(|| format!("cannot read {}", config.display()))?;
    let Config { comparator, bias } = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no configuration of PyTorch-BigGraph's checkpoint", config.display()))?;
    ensure!(!bias, "it was trained with bias, which the scoring functions here do not have");
    Ok(comparator)
}

/// Reads both files of a model with this comparator.
pub fn read(entities: &Path, relations: &Path, comparator: &str, margin: Option<f32>) -> Result<Foreign> {
    let entities = table(entities, 1, |_| Ok(Part::Whole))?.rows;
    let mut operators = Vec::new();
    let table = table(relations, 5, |cells| {
        let [_, side, operator, parameter, _] = cells else { return Ok(Part::Skipped) };
        // In its dynamic mode there is one operator for each side; the right-hand one has the usual place.
        if side != "rhs" {
            return Ok(Part::Skipped);
        }
        if !operators.contains(operator) {
            operators.push(operator.clone());
        }
        match (operator.as_str(), parameter.as_str()) {
            ("translation", "translation" | "translations") | ("diagonal", "diagonal" | "diagonals") => Ok(Part::Whole),
            ("complex_diagonal", "real") => Ok(Part::First),
            ("complex_diagonal", "imag") => Ok(Part::Second),
            _ => bail!(
                "the operator {operator} with its parameter {parameter} is not among the scoring functions here: \
                 translation, diagonal and complex_diagonal are"
            ),
        }
    })?;
    let Table { rows: relations, left_hand } = table;
    let [operator] = operators.as_slice() else {
        bail!("relations have the operators {}; one for all was expected", operators.join(", "))
    };
    let (interaction, default) = match operator.as_str() {
        "translation" => (Interaction::TransEL2, "l2"),
        "diagonal" => (Interaction::DistMult, "dot"),
        _ => (Interaction::ComplEx, "dot"),
    };
    let is_same = comparator == default;
    ensure!(
        is_same || (default, comparator) == ("l2", "squared_l2"),
        "{operator} with the comparator {comparator} is not among the scoring functions here; with {default} it is"
    );
    let gamma = Margin(margin).of(interaction, Some(usual_gamma(interaction)))?;

    let mut relations = relations;
    match interaction {
        Interaction::TransEL2 => relations.numbers.iter_mut().for_each(|x| *x = -*x),
        Interaction::ComplEx => {
            let half = relations.width / 2;
            for row in relations.numbers.chunks_exact_mut(relations.width.max(1)) {
                row[half..].iter_mut().for_each(|x| *x = -*x);
            }
        }
        _ => {}
    }
    let mut origin = format!("Rows trained by PyTorch-BigGraph, operator {operator}, comparator {comparator}.");
    if interaction == Interaction::TransEL2 {
        origin += &match is_same {
            true => format!(" Scores are its scores plus gamma, {gamma}."),
            false => " Its scores are squared distances: the order is the same, the scores are not.".to_owned(),
        };
    }
    if left_hand > 0 {
        origin += " Its relations had an operator for each side; this is the right-hand one, which ranks heads: its \
                   scores of tails are not these.";
    }
    model(interaction, gamma, [entities, relations], 1.0, origin)
}

/// What a line's numbers are of its row.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Whole,
    First,
    Second,
    Skipped,
}

struct Table {
    rows: Rows,
    /// Lines of the left-hand side's operator.
    left_hand: usize,
}

/// Reads lines of `cells` cells and then numbers; `part` looks at the cells.
fn table(path: &Path, cells: usize, mut part: impl FnMut(&[String]) -> Result<Part>) -> Result<Table> {
    let mut rows = Rows { names: Vec::new(), width: 0, numbers: Vec::new(), is_complex: false };
    let (mut wrong, mut line_number, mut left_hand) = (None, 0u64, 0);
    // The first half of a row, and its name, until the second comes.
    let mut halves: HashMap<String, Vec<f32>> = HashMap::new();
    let mut take = |line: &str| -> Result<()> {
        let mut words = line.split('\t');
        let own: Vec<String> = words.by_ref().take(cells).map(str::to_owned).collect();
        ensure!(own.len() == cells, "it has not {cells} cells before its numbers");
        let part = part(&own)?;
        if part == Part::Skipped {
            left_hand += 1;
            return Ok(());
        }
        let mut numbers = Vec::new();
        for word in words {
            let number: f32 = word.trim().parse().ok().with_context(|| format!("{word:?} is no number"))?;
            numbers.push(number);
        }
        let name = unword(&own[0]).unwrap_or_else(|| own[0].clone());
        let numbers = match part {
            Part::First => {
                ensure!(halves.insert(name, numbers).is_none(), "it has real parts a second time");
                return Ok(());
            }
            Part::Second => {
                let first = halves.remove(&name).context("imaginary parts come before real parts")?;
                ensure!(first.len() == numbers.len(), "there are not as many imaginary parts as real ones");
                [first, numbers].concat()
            }
            _ => numbers,
        };
        ensure!(!numbers.is_empty(), "it has no numbers");
        if rows.names.is_empty() {
            rows.width = numbers.len();
        }
        ensure!(numbers.len() == rows.width, "it has {} numbers, the lines before {}", numbers.len(), rows.width);
        rows.names.push((name, rows.names.len()));
        rows.numbers.extend(numbers);
        Ok(())
    };
    let failed = || format!("cannot read {}", path.display());
    lines::each(open(path)?, |line| {
        line_number += 1;
        if wrong.is_some() || line.is_some_and(|line| line.trim().is_empty()) {
            return;
        }
        let done = line.context("it is not UTF-8 text, or longer than a mebibyte").and_then(&mut take);
        wrong = done.err().map(|error| error.context(format!("line {line_number}")));
    })
    .with_context(failed)?;
    if let Some(wrong) = wrong {
        return Err(wrong.context(failed()));
    }
    ensure!(!rows.names.is_empty(), "{} holds no rows", path.display());
    ensure!(halves.is_empty(), "{} has real parts without imaginary parts", path.display());
    let mut names: Vec<&str> = rows.names.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!("{} has two rows for {}", path.display(), pair[0]);
    }
    Ok(Table { rows, left_hand })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for id in ["Biological Process::GO:1", "100 %", "a\u{a0}b", "plain"] {
            let word = word(id);
            assert!(!word.contains(char::is_whitespace));
            assert_eq!(unword(&word).as_deref(), Some(id));
        }
        assert_eq!(unword("50%"), None);
    }
}
