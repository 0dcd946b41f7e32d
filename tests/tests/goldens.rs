//! Numbers of other implementations: PyKEEN's scores, losses, ranks and metrics, row-wise Adagrad in numpy,
//! areas under curves and calibration of sklearn.
//!
//! `golden/generate.py` makes them; see there for versions and the command.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use lladr_core::calibrate::{Bin, Calibrator, Method, Reliability};
use std::sync::Arc;

use lladr_core::anchor::Distance;
use lladr_core::backend::cpu::CpuBackend;
use lladr_core::backend::{Backend, Parameters, RunData, RunSpec, TrainingTriples};
use lladr_core::evaluate::{Metrics, Pooled, Rank};
use lladr_core::graph::{Side, Triple};
use lladr_core::loss::{LinkLoss, Loss, MASKED};
use lladr_core::model::{Arithmetic, Interaction, Model, Similarity};
use lladr_core::optimizer::Optimizer;
use lladr_core::plan::{PlanShape, Planner};
use lladr_core::settings::{Recipe, Settings, TextSettings};
use lladr_core::train::frequency_weights;
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
            let mut scores: Vec<f32> = numbers(negative)
                .into_iter()
                .zip(kept)
                .map(|(score, keep)| if keep { score } else { MASKED })
                .collect();
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
    assert_close("intercept", &[numbers_of.intercept as f32], &[number(&expected["intercept"])], 1e-5);

    let expected = &golden["reliability"];
    let reliability = Reliability::of(&shares(&platt, &scores), &labels, 10);
    let of_bins = |f: &dyn Fn(&Bin) -> f64| as_f32(reliability.bins.iter().map(f).collect());
    assert_close("predicted", &of_bins(&|bin| bin.predicted), &numbers(&expected["predicted"]), 1e-6);
    assert_close("observed", &of_bins(&|bin| bin.observed), &numbers(&expected["observed"]), 1e-6);
    assert_close("brier", &[reliability.brier as f32], &[number(&expected["brier"])], 1e-6);
    assert_close("log loss", &[reliability.log_loss as f32], &[number(&expected["log_loss"])], 1e-6);
}

/// One loss over a batch: mean loss with its factor, gradients of positives and of negatives.
fn batch_loss(loss: &LinkLoss, case: &Value, weights: &[f32]) -> (f32, Vec<f32>, Vec<f32>) {
    let positive = numbers(&case["positive"]);
    let share = loss.loss.factor() / weights.iter().sum::<f32>();
    let (mut total, mut d_positive, mut d_negative) = (0.0, Vec::new(), Vec::new());
    let rows = list(&case["negative"]).iter().zip(list(&case["keep"]));
    for ((&score, (negative, keep)), weight) in positive.iter().zip(rows).zip(weights) {
        let kept = list(keep).iter().map(|keep| keep == &Value::Bool(true));
        let mut scores: Vec<f32> =
            numbers(negative).into_iter().zip(kept).map(|(score, keep)| if keep { score } else { MASKED }).collect();
        let mut scratch = vec![0.0; scores.len()];
        let row = loss.row(share * weight, score, &mut scores, &mut scratch);
        total += share * weight * row.loss;
        d_positive.push(row.positive);
        d_negative.extend(scores);
    }
    (total, d_positive, d_negative)
}

#[test]
fn other_losses_and_weights_are_pykeens() {
    let golden = golden("losses");
    let plain = LinkLoss { loss: Loss::LogSigmoid, similarity: Similarity::Dot, gamma: 0.0, alpha: 0.0, margin: 0.0 };
    let check = |loss: LinkLoss, case: &Value, expected: &Value, weights: &[f32]| {
        let name = case["name"].as_str().unwrap_or_default();
        let (total, d_positive, d_negative) = batch_loss(&loss, case, weights);
        assert_close(name, &[total], &[number(&expected["loss"])], 2e-6);
        assert_close_to_largest(name, &d_positive, &numbers(&expected["d_positive"]), 2e-6);
        assert_close_to_largest(name, &d_negative, &table(&expected["d_negative"]), 2e-6);
    };
    for case in list(&golden["margin_ranking"]) {
        let loss = LinkLoss { loss: Loss::MarginRanking, margin: number(&case["margin"]), ..plain };
        check(loss, case, &case["per_positive"], &[1.0; 5]);
    }
    for case in list(&golden["cross_entropy"]) {
        check(LinkLoss { loss: Loss::CrossEntropy, ..plain }, case, &case["pykeen"], &[1.0; 5]);
    }
    for case in list(&golden["weighted"]) {
        let weights = numbers(&case["weight"]);
        check(LinkLoss { alpha: number(&case["alpha"]), ..plain }, case, &case["ours"], &weights);
    }
}

fn triples_of(value: &Value) -> Vec<Triple> {
    let rows = list(value).iter().map(row_numbers);
    rows.map(|t| Triple { head: t[0] as u32, relation: t[1] as u32, tail: t[2] as u32 }).collect()
}

#[test]
fn subsampling_weights_are_rotates() {
    let case = &golden("losses")["subsampling"];
    let weights = frequency_weights(&triples_of(&case["triples"]));
    assert_close("weights", &weights, &numbers(&case["weight"]), 1e-6);
}

#[test]
fn optimisers_move_rows_as_torchs() {
    let golden = golden("optimizers");
    for (name, optimizer) in [("sgd", Optimizer::Sgd), ("adagrad", Optimizer::Adagrad), ("adam", Optimizer::Adam)] {
        let case = &golden[name];
        let mut rows = table(&case["table"]);
        let dim = list(&list(&case["table"])[0]).len();
        let width = optimizer.state_width(dim);
        let mut state = vec![0.0; rows.len() / dim * width];
        for (at, step) in list(&case["steps"]).iter().enumerate() {
            let rate = number(&case["learning_rate"]) * optimizer.rate_factor(at as u32);
            for (row, gradient) in row_numbers(&step["rows"]).into_iter().zip(list(&step["gradients"])) {
                let own = &mut rows[row * dim..(row + 1) * dim];
                optimizer.step(rate, &mut state[row * width..(row + 1) * width], &numbers(gradient), own);
            }
            assert_close(name, &rows, &table(&step["table"]), 1e-5);
            let states: Vec<f32> = match optimizer {
                Optimizer::Adagrad => table(&step["sum"]),
                Optimizer::Adam => {
                    let pairs = list(&step["mean"]).iter().zip(list(&step["square"]));
                    pairs.flat_map(|(mean, square)| [numbers(mean), numbers(square)].concat()).collect()
                }
                _ => Vec::new(),
            };
            assert_close(name, &state, &states, 1e-5);
        }
    }
}

#[test]
fn anchors_are_torchs() {
    let case = &golden("anchor")["alone"];
    let (rows, texts) = (list(&case["rows"]), list(&case["text"]));
    for distance in Distance::ALL {
        let expected = &case["distances"][distance.name()];
        let (mut loss, mut gradient) = (0.0, Vec::new());
        for (row, text) in rows.iter().map(numbers).zip(texts.iter().map(numbers)) {
            let pull = distance.pull(&row, &text);
            loss += pull.loss / rows.len() as f32;
            gradient.extend(row.iter().zip(&text).map(|(&e, &t)| distance.gradient(&pull, e, t) / rows.len() as f32));
        }
        assert_close(distance.name(), &[loss], &[number(&expected["loss"])], 2e-6);
        assert_close_to_largest(distance.name(), &gradient, &table(&expected["d_rows"]), 2e-6);
    }
}

/// LLaDR's whole objective: one long step of plain gradient descent shows the gradient of the trainable rows.
#[test]
fn the_objective_is_lladrs() {
    const RATE: f32 = 1000.0;
    let golden = golden("anchor");
    let toy = &golden["lladr"];
    let (name, description) = (list(&toy["name"]), list(&toy["description"]));
    let halves = name.iter().zip(description).flat_map(|(n, d)| [&numbers(n)[..4], &numbers(d)[..4]].concat());
    let text: Vec<f32> = halves.collect();
    let triples: TrainingTriples = triples_of(&toy["triples"]).into();
    for case in list(&toy["cases"]) {
        let interaction = Interaction::from_name(case["interaction"].as_str().unwrap_or_default());
        let interaction = interaction.expect("the golden names a scoring function");
        let distance = Distance::ALL.into_iter().find(|d| Some(d.name()) == case["distance"].as_str());
        let recipe = Recipe { optimizer: Optimizer::Sgd, ..Recipe::default() };
        let text_settings = TextSettings {
            rho: number(&toy["rho"]),
            zeta_anchor: number(&toy["zeta_anchor"]),
            zeta_link: number(&toy["zeta_link"]),
            distance: distance.expect("the golden names a distance"),
            ..TextSettings::LLADR
        };
        let (alpha, gamma) = (number(&case["alpha"]), number(&toy["gamma"]));
        let plain = Settings::for_interaction(interaction);
        let settings = Settings { dim: 8, batch: 4, negatives: 5, alpha, gamma, recipe, text: text_settings, ..plain };
        let shape = PlanShape { entities: 10, relations: 2, triples: 4, batch: 4, negatives: 5, seed: 1 };
        let spec = RunSpec { settings, shape };
        let weights = numbers(&case["weight"]);
        let data = Arc::new(RunData { weights, text: text.clone(), ..RunData::from(triples.clone()) });

        let scale = spec.relation_scale();
        let relations: Vec<f32> = if interaction == Interaction::RotatE {
            let phases = |row: &Value| numbers(row).into_iter().map(|x| x * scale).chain([0.0; 4]).collect::<Vec<_>>();
            list(&toy["phases"]).iter().flat_map(phases).collect()
        } else {
            table(&toy["relations"])
        };
        let start = Parameters::from_rows(&spec, &data, [table(&toy["rows"]), relations].concat());
        let side = if case["corrupts"] == "tail" { Side::Tail } else { Side::Head };
        let negatives = row_numbers(&case["negatives"]).into_iter().map(|row| row as u32).collect();
        let plan = Planner::new(shape).arrange(0, side, (0..4).collect(), negatives, &triples);
        let mut cpu = CpuBackend::new(spec, Arithmetic::Fast, data, start.clone());
        cpu.train(&[plan], RATE).expect("the CPU does not fail");
        let told = pollster::block_on(cpu.read_losses()).expect("the CPU does not fail")[0];

        let what = format!("{} {side:?} {}", interaction.name(), settings.text.distance.name());
        let total = settings.text.zeta_link * told.link + told.anchor;
        assert_close(&what, &[total, told.link], &[number(&case["loss"]), number(&case["loss_link"])], 5e-6);
        let after = cpu.parameters();
        let moved = |row: usize| -> Vec<f32> {
            let scale = RATE * spec.row_scale(row);
            (row * 8..row * 8 + 8).map(|at| (start.rows[at] - after.rows[at]) / scale).collect()
        };
        let d_rows: Vec<f32> = (0..10).flat_map(moved).collect();
        assert_close_to_largest(&what, &d_rows, &table(&case["d_rows"]), 1e-4);
        let width = list(&list(&case["d_relations"])[0]).len();
        let d_relations: Vec<f32> = (10..12).flat_map(|row| moved(row)[..width].to_vec()).collect();
        assert_close_to_largest(&what, &d_relations, &table(&case["d_relations"]), 1e-4);
    }
}
