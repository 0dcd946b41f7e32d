//! Numbers of other implementations: PyKEEN's scores, losses, ranks and metrics, row-wise Adagrad in numpy,
//! areas under curves and calibration of sklearn.
//!
//! `golden/generate.py` makes them; see there for versions and the command.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use lladr_core::calibrate::{Bin, Calibrator, Method, Reliability};
use lladr_core::evaluate::{Metrics, Pooled, Rank};
use lladr_core::graph::{Side, Triple};
use lladr_core::loss::{LinkLoss, Loss, MASKED};
use lladr_core::model::{Arithmetic, Interaction, Model, Similarity};
use lladr_core::optimizer::Optimizer;
use lladr_tests::{assert_close, assert_close_to_largest};
use serde_json::Value;

fn golden(name: &str) -> Value {
    let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("the golden is JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn number(value: &Value) -> f32 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number")) as f32
}

fn numbers(value: &Value) -> Vec<f32> {
    list(value).iter().map(number).collect()
}

fn table(value: &Value) -> Vec<f32> {
    list(value).iter().flat_map(numbers).collect()
}

fn row_numbers(value: &Value) -> Vec<usize> {
    list(value).iter().map(|x| x.as_u64().expect("a row number") as usize).collect()
}

#[test]
fn scores_are_pykeens() {
    let golden = golden("interactions");
    let gamma = number(&golden["gamma"]);
    let rows = [table(&golden["entities"]), table(&golden["relations"])].concat();
    // A phase in radians stands where others have a number, and the other half of the row is zero.
    let phases = list(&golden["phases"]).iter().flat_map(|row| [numbers(row), vec![0.0; 3]].concat());
    let rotating: Vec<f32> = table(&golden["entities"]).into_iter().chain(phases).collect();
    let triples: Vec<Triple> = list(&golden["triples"])
        .iter()
        .map(row_numbers)
        .map(|t| Triple { head: t[0] as u32, relation: t[1] as u32, tail: t[2] as u32 })
        .collect();
    for interaction in Interaction::ALL {
        let expected = &golden["interactions"][interaction.name()];
        let offset = number(&expected["offset"]);
        let ours = |value: &Value| table(value).into_iter().map(|x| x + offset).collect::<Vec<_>>();
        let rows = if interaction == Interaction::RotatE { &rotating } else { &rows };
        let model = Model::new(interaction, gamma, 7, 3, 6, rows.clone()).expect("the golden table fits");
        let hrt: Vec<f32> = triples.iter().map(|triple| model.score(triple)).collect();
        let expected_hrt: Vec<f32> = numbers(&expected["hrt"]).into_iter().map(|x| x + offset).collect();
        assert_close(interaction.name(), &hrt, &expected_hrt, 1e-5);
        for (side, key) in [(Side::Tail, "t"), (Side::Head, "h")] {
            let mut queries = vec![0.0; triples.len() * 6];
            for (triple, query) in triples.iter().zip(queries.chunks_exact_mut(6)) {
                model.query(side, triple.entity(side.opposite()), triple.relation(), query);
            }
            for arithmetic in [Arithmetic::Fast, Arithmetic::Portable] {
                let mut scores = vec![0.0; triples.len() * 7];
                model.score_block(arithmetic, &queries, model.entity_table(), &mut Vec::new(), &mut scores);
                let what = format!("{} {key} {arithmetic:?}", interaction.name());
                assert_close(&what, &scores, &ours(&expected[key]), 2e-5);
            }
        }
    }
}

#[test]
fn losses_and_their_gradients_are_pykeens() {
    for case in list(&golden("loss")["cases"]) {
        let name = case["name"].as_str().unwrap_or_default();
        let positive = numbers(&case["positive"]);
        // Dot leaves a gradient as it is, so coefficients are gradients.
        let loss = LinkLoss {
            loss: Loss::LogSigmoid,
            similarity: Similarity::Dot,
            gamma: 0.0,
            alpha: number(&case["alpha"]),
            margin: 0.0,
        };
        let weight = 0.5 / positive.len() as f32;
        let (mut total, mut d_positive, mut d_negative) = (0.0, Vec::new(), Vec::new());
        let rows = list(&case["negative"]).iter().zip(list(&case["keep"]));
        for (&score, (negative, keep)) in positive.iter().zip(rows) {
            let kept = list(keep).iter().map(|keep| keep == &Value::Bool(true));
            let mut scores: Vec<f32> =
                numbers(negative).into_iter().zip(kept).map(|(score, keep)| if keep { score } else { MASKED }).collect();
            let mut scratch = vec![0.0; scores.len()];
            let row = loss.row(weight, score, &mut scores, &mut scratch);
            total += row.loss;
            d_positive.push(row.positive);
            d_negative.extend(scores);
        }
        let expected = &case["ours"];
        assert_close(name, &[total * weight], &[number(&expected["loss"])], 2e-6);
        assert_close_to_largest(name, &d_positive, &numbers(&expected["d_positive"]), 1e-6);
        assert_close_to_largest(name, &d_negative, &table(&expected["d_negative"]), 1e-6);
    }
}

#[test]
fn ranks_and_metrics_are_pykeens() {
    let golden = golden("ranks");
    let truths = row_numbers(&golden["true"]);
    for (key, is_filtered) in [("filtered", true), ("unfiltered", false)] {
        let expected = &golden[key];
        let rows = list(&golden["scores"]).iter().zip(list(&golden["known_others"])).zip(&truths);
        let ranks: Vec<Rank> = rows
            .map(|((scores, others), &truth)| {
                let (scores, others) = (numbers(scores), row_numbers(others));
                let stands = |at: &usize| *at != truth && !(is_filtered && others.contains(at));
                let against: Vec<usize> = (0..scores.len()).filter(stands).collect();
                let count = |f: &dyn Fn(f32) -> bool| against.iter().filter(|&&at| f(scores[at])).count() as u32;
                Rank {
                    greater: count(&|score| score > scores[truth]),
                    equal: count(&|score| score == scores[truth]),
                    candidates: against.len() as u32 + 1,
                }
            })
            .collect();
        let as_f32 = |f: &dyn Fn(&Rank) -> f64| ranks.iter().map(|rank| f(rank) as f32).collect::<Vec<_>>();
        assert_eq!(as_f32(&Rank::optimistic), numbers(&expected["optimistic"]), "{key}");
        assert_eq!(as_f32(&Rank::pessimistic), numbers(&expected["pessimistic"]), "{key}");
        assert_eq!(as_f32(&Rank::realistic), numbers(&expected["realistic"]), "{key}");
        let metrics = Metrics::of(&ranks);
        for (name, value) in [
            ("mrr", metrics.mrr),
            ("mean_rank", metrics.mean_rank),
            ("amri", metrics.amri),
            ("hits_at_1", metrics.hits_at_1),
            ("hits_at_3", metrics.hits_at_3),
            ("hits_at_10", metrics.hits_at_10),
        ] {
            assert_close(name, &[value as f32], &[number(&expected["metrics"][name])], 1e-6);
        }
    }
}

#[test]
fn adagrad_moves_rows_as_restated() {
    let golden = golden("adagrad");
    let (mut rows, mut state) = (table(&golden["table"]), [0.0f32; 4]);
    for step in list(&golden["steps"]) {
        for (row, gradient) in row_numbers(&step["rows"]).into_iter().zip(list(&step["gradients"])) {
            let own = &mut rows[row * 5..(row + 1) * 5];
            let rate = number(&golden["learning_rate"]);
            Optimizer::RowAdagrad.step(rate, &mut state[row..=row], &numbers(gradient), own);
        }
        assert_close("rows", &rows, &table(&step["table"]), 1e-6);
        assert_close("state", &state, &numbers(&step["state"]), 1e-6);
    }
}

#[test]
fn areas_under_curves_are_sklearns() {
    let golden = golden("metrics");
    let rows: Vec<Vec<f32>> = list(&golden["scores"]).iter().map(numbers).collect();
    for (scores, expected) in rows.iter().zip(numbers(&golden["auroc_per_query"])) {
        let others = &scores[1..];
        let rank = Rank {
            greater: others.iter().filter(|&&score| score > scores[0]).count() as u32,
            equal: others.iter().filter(|&&score| score == scores[0]).count() as u32,
            candidates: scores.len() as u32,
        };
        assert_close("auroc", &[rank.auroc().expect("there are others") as f32], &[expected], 1e-6);
    }
    let positives: Vec<f32> = rows.iter().map(|scores| scores[0]).collect();
    let negatives: Vec<f32> = rows.iter().flat_map(|scores| scores[1..].iter().copied()).collect();
    let pooled = Pooled::of(&positives, &negatives).expect("there are both");
    assert_close("pooled auroc", &[pooled.auroc as f32], &[number(&golden["pooled_auroc"])], 1e-6);
    assert_close("pooled auprc", &[pooled.auprc as f32], &[number(&golden["pooled_auprc"])], 1e-6);
}

#[test]
fn calibrated_shares_are_sklearns() {
    let golden = golden("calibration");
    let scores = numbers(&golden["scores"]);
    let labels: Vec<bool> = numbers(&golden["labels"]).into_iter().map(|label| label == 1.0).collect();
    let at = numbers(&golden["at"]);
    let fit = |method| Calibrator::fit(method, &scores, &labels).expect("there are both labels");
    let shares = |calibrator: &Calibrator, scores: &[f32]| -> Vec<f64> {
        scores.iter().map(|&score| calibrator.share(score)).collect()
    };
    let as_f32 = |numbers: Vec<f64>| numbers.into_iter().map(|x| x as f32).collect::<Vec<f32>>();

    let isotonic = fit(Method::Isotonic);
    assert_close("isotonic", &as_f32(shares(&isotonic, &at)), &numbers(&golden["isotonic"]), 1e-6);

    let platt = fit(Method::Platt);
    let expected = &golden["platt"];
    assert_close("platt", &as_f32(shares(&platt, &at)), &numbers(&expected["shares"]), 1e-6);
    let Calibrator::Platt(numbers_of) = &platt else { panic!("{platt:?} is not the method asked for") };
    assert_close("slope", &[numbers_of.slope as f32], &[number(&expected["slope"])], 1e-6);
    assert_close("intercept", &[numbers_of.intercept as f32], &[number(&expected["intercept"])], 1e-6);

    let expected = &golden["reliability"];
    let reliability = Reliability::of(&shares(&platt, &scores), &labels, 10);
    let of_bins = |f: &dyn Fn(&Bin) -> f64| as_f32(reliability.bins.iter().map(f).collect());
    assert_close("predicted", &of_bins(&|bin| bin.predicted), &numbers(&expected["predicted"]), 1e-6);
    assert_close("observed", &of_bins(&|bin| bin.observed), &numbers(&expected["observed"]), 1e-6);
    assert_close("brier", &[reliability.brier as f32], &[number(&expected["brier"])], 1e-6);
    assert_close("log loss", &[reliability.log_loss as f32], &[number(&expected["log_loss"])], 1e-6);
}
