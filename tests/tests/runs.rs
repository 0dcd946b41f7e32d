//! Whole runs: checkpoints that go on exactly, early stopping, divergence, text of no weight, experiments.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use std::ops::ControlFlow;
use std::sync::Arc;

use lladr_core::anchor::Coupling;
use lladr_core::backend::{AnyBackend, Backend, Parameters, RunData, RunSpec, cpu::CpuBackend};
use lladr_core::error::{Error, Result};
use lladr_core::experiment::{Experiment, ExperimentEvent, ExperimentRun, Question, Summary, SummaryRow};
use lladr_core::ids::EntityId;
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::optimizer::Optimizer;
use lladr_core::sampling::{Draw, FalseNegatives, Weighting};
use lladr_core::settings::{Recipe, Schedule, Settings, Template, TextSettings};
use lladr_core::train::{Checkpoint, End, FitEvent, FitOptions, Modality, Trainer, fit};
use lladr_tests::toy;
use pollster::block_on;

const TRIPLES: u32 = 300;

/// A run that uses everything that has a state: Adam, a schedule, a learned map, filtered negatives.
fn busy() -> Settings {
    Settings {
        dim: 8,
        batch: 64,
        negatives: 16,
        learning_rate: 0.01,
        recipe: Recipe {
            optimizer: Optimizer::Adam,
            schedule: Schedule::Cosine,
            epochs: 6,
            draw: Draw::TypeConstrained,
            false_negatives: FalseNegatives::Filtered,
            weighting: Weighting::Frequency,
            ..Recipe::default()
        },
        text: TextSettings { coupling: Coupling::Concat, rho: 1.0, ..TextSettings::LLADR },
        ..Settings::for_interaction(Interaction::RotatE)
    }
}

fn trainer(settings: Settings) -> Trainer {
    let spec = toy::spec(settings, TRIPLES);
    let data = toy::data(&spec);
    from(spec, data.clone(), Parameters::initial(&spec, &data), 0)
}

fn from(spec: RunSpec, data: Arc<RunData>, parameters: Parameters, step: u32) -> Trainer {
    let backend = CpuBackend::new(spec, Arithmetic::Fast, data.clone(), parameters);
    let mut trainer = Trainer::new(spec, data, AnyBackend::Cpu(backend));
    trainer.resume_at(step);
    trainer
}

#[test]
fn a_checkpoint_goes_on_to_the_same_bits() {
    let mut whole = trainer(busy());
    block_on(whole.advance(7, 0.01)).expect("training stays finite");
    let (_, parameters) = block_on(whole.read()).expect("rows are finite");
    let bytes = Checkpoint { spec: *whole.spec(), step: whole.step(), parameters, best: None, origin: String::new() }
        .to_bytes()
        .expect("it is well formed");
    block_on(whole.advance(8, 0.01)).expect("training stays finite");

    let read = Checkpoint::parse(&bytes).expect("these bytes are a checkpoint");
    assert_eq!(&read.spec, whole.spec());
    let mut resumed = from(read.spec, whole.data().clone(), read.parameters, read.step);
    block_on(resumed.advance(8, 0.01)).expect("training stays finite");
    assert_eq!(block_on(resumed.read()).expect("finite"), block_on(whole.read()).expect("finite"));
}

#[test]
fn hostile_checkpoints_are_refused() {
    let mut run = trainer(busy());
    let (_, parameters) = block_on(run.read()).expect("rows are finite");
    let good =
        Checkpoint { spec: *run.spec(), step: 0, parameters: parameters.clone(), best: None, origin: String::new() };
    let bytes = good.to_bytes().expect("it is well formed");
    let refused = |bytes: &[u8]| match Checkpoint::parse(bytes) {
        Err(Error::Pack { what, .. }) => what,
        other => panic!("not refused: {other:?}"),
    };
    for length in [0, 7, 100, bytes.len() - 1] {
        refused(&bytes[..length]);
    }
    let mut short = parameters.clone();
    short.rows.truncate(5);
    let short = Checkpoint { parameters: short, ..good.clone() }.to_bytes().expect("safetensors takes any length");
    assert!(refused(&short).contains("do not fit"));
    let mut wild = parameters;
    wild.state[3] = f32::NAN;
    let wild = Checkpoint { parameters: wild, ..good.clone() }.to_bytes().expect("safetensors takes any number");
    assert!(refused(&wild).contains("not finite"));
    let mut odd = good;
    odd.spec.settings.dim = 7;
    let odd = odd.to_bytes().expect("safetensors takes any length");
    assert!(matches!(Checkpoint::parse(&odd), Err(Error::Settings(_))));
}

#[test]
fn early_stopping_keeps_the_best_model() {
    let mut run = trainer(Settings { dim: 8, ..Settings::default() });
    let scores = [0.1, 0.4, 0.3, 0.2, 0.9];
    let mut at = 0;
    let options = FitOptions { epochs: 50, validate_every: 2, patience: 2 };
    let mut best_step = 0;
    let per_epoch = run.steps_per_epoch();
    let fitted = block_on(fit(
        &mut run,
        &options,
        |_| {
            at += 1;
            scores[at - 1]
        },
        |event| {
            if let FitEvent::Validated { epoch, is_best: true, .. } = event {
                best_step = epoch * per_epoch;
            }
            ControlFlow::Continue(())
        },
    ))
    .expect("training stays finite");
    assert_eq!((fitted.end, fitted.validation), (End::EarlyStopped, Some(0.4)));
    assert_eq!((fitted.step, best_step), (4 * per_epoch, 4 * per_epoch));
    assert_ne!(block_on(run.read()).expect("finite").0, fitted.model, "the run went on after its best model");
}

#[test]
fn a_run_can_be_cancelled() {
    let mut run = trainer(Settings { dim: 8, ..Settings::default() });
    let options = FitOptions { epochs: 50, validate_every: 0, patience: 0 };
    let fitted = block_on(fit(&mut run, &options, |_| 0.0, |_| ControlFlow::Break(()))).expect("training stays finite");
    assert_eq!(fitted.end, End::Cancelled);
    assert!(fitted.step > 0 && fitted.step < 50 * run.steps_per_epoch());
}

/// Whatever the hyper-parameters, a run stays finite or stops with the last good model.
#[test]
fn hostile_hyper_parameters_end_with_a_finite_model() {
    let texts = [TextSettings::PLAIN, TextSettings::LLADR, busy().text];
    for interaction in Interaction::ALL {
        for optimizer in Optimizer::ALL {
            for text in texts {
                let settings = Settings {
                    dim: 8,
                    learning_rate: 10.0,
                    gamma: 1000.0,
                    alpha: 10.0,
                    recipe: Recipe { optimizer, regularization: 10.0, ..Recipe::default() },
                    text: TextSettings { zeta_link: 1000.0, ..text },
                    ..Settings::for_interaction(interaction)
                };
                let mut run = trainer(settings);
                let options = FitOptions { epochs: 30, validate_every: 1, patience: 0 };
                let fitted = block_on(fit(&mut run, &options, |_| 0.0, |_| ControlFlow::Continue(())))
                    .expect("divergence is an end, not an error");
                let what = format!("{} {}", interaction.name(), optimizer.name());
                assert!(matches!(fitted.end, End::Finished | End::Diverged { .. }), "{what}: {:?}", fitted.end);
                assert!(fitted.model.rows().iter().all(|x| x.is_finite()), "{what}");
            }
        }
    }
}

#[test]
fn rows_of_zeros_train() {
    for interaction in Interaction::ALL {
        let spec = toy::spec(
            Settings { dim: 8, text: TextSettings::LLADR, ..Settings::for_interaction(interaction) },
            TRIPLES,
        );
        let data = toy::data(&spec);
        let mut start = Parameters::initial(&spec, &data);
        start.rows.fill(0.0);
        let mut run = from(spec, data, start, 0);
        block_on(run.advance(20, 0.1)).expect("training stays finite");
        assert!(block_on(run.read()).is_ok(), "{}", interaction.name());
    }
}

#[test]
fn text_without_weight_changes_no_bit() {
    for interaction in Interaction::ALL {
        let spec = toy::spec(Settings { dim: 8, ..Settings::for_interaction(interaction) }, TRIPLES);
        let plain = toy::data(&spec);
        let with_text = Arc::new(RunData { text: vec![0.3; 8 * toy::ENTITIES as usize], ..RunData::clone(&plain) });
        let train = |data: &Arc<RunData>| {
            let mut cpu = CpuBackend::new(spec, Arithmetic::Fast, data.clone(), Parameters::initial(&spec, data));
            let mut planner = lladr_core::plan::Planner::new(spec.shape);
            let plans: Vec<_> = (0..12).map(|step| planner.plan(step, &data.triples)).collect();
            cpu.train(&plans, 0.1).expect("the CPU does not fail");
            cpu.parameters().clone()
        };
        assert_eq!(train(&plain), train(&with_text), "{}", interaction.name());
    }
}

#[test]
fn an_anchored_run_comes_nearer_to_its_text() {
    for text in [TextSettings { rho: 1.0, ..TextSettings::LLADR }, TextSettings::LLADR] {
        let mut run = trainer(Settings { dim: 8, text, ..Settings::default() });
        let (_, first) = block_on(run.advance(5, 0.1)).expect("training stays finite");
        block_on(run.advance(200, 0.1)).expect("training stays finite");
        let (_, last) = block_on(run.advance(5, 0.1)).expect("training stays finite");
        assert!(last.anchor < 0.5 * first.anchor, "{first:?} {last:?}");
    }
}

/// Runs an experiment on the toy clinic to its end.
fn experiment(question: Question) -> Result<(Vec<ExperimentEvent>, Summary)> {
    experiment_with(question, &Template::ALL)
}

/// An experiment on the clinic with texts of some templates, each its own.
fn experiment_with(question: Question, templates: &[Template]) -> Result<(Vec<ExperimentEvent>, Summary)> {
    let graph = toy::clinic();
    let settings = Settings { dim: 8, negatives: 8, ..Settings::default() };
    let experiment = Experiment { question, settings, epochs: 20, seeds: 2 };
    let texts: Vec<Vec<f32>> = (0..templates.len())
        .map(|which| {
            (0..graph.entity_count() * 8).map(|at| ((at * (37 + 4 * which)) % 19) as f32 * 0.05 - 0.45).collect()
        })
        .collect();
    let text = |template: Template| {
        let at = templates.iter().position(|known| *known == template)?;
        Some(Modality { rows: &texts[at], width: 8 })
    };
    let device = |spec: RunSpec, data: Arc<RunData>, parameters: Parameters| {
        Ok(AnyBackend::Cpu(CpuBackend::new(spec, Arithmetic::Fast, data, parameters)))
    };
    let mut run = ExperimentRun::new(experiment, &graph, &text)?;
    let mut events = Vec::new();
    while !run.is_done() {
        events.extend(block_on(run.advance(&graph, &text, &device, 7))?);
    }
    let Some(ExperimentEvent::Finished(summary)) = events.pop() else { panic!("no summary at the end") };
    Ok((events, summary))
}

/// Values by seed of an arm.
fn measured(events: &[ExperimentEvent], name: &str) -> Vec<Vec<(String, f64)>> {
    let of_arm = |event: &ExperimentEvent| match event {
        ExperimentEvent::Measured { arm, metrics, .. } if arm == name => Some(metrics.clone()),
        _ => None,
    };
    events.iter().filter_map(of_arm).collect()
}

#[test]
fn what_an_arm_changes_reaches_its_training() {
    let hidden = Question::HiddenEdge { drug: EntityId(0), disease: toy::CLINIC_DISEASE };
    let pairs = [
        (Question::Robustness, "no text, whole graph", "no text, 60 % deleted"),
        (Question::Robustness, "no text, whole graph", "no text, 40 % noise"),
        (Question::Robustness, "LLaDR, whole graph", "LLaDR, 40 % noise"),
        (Question::PromptStyles, "name", "masked"),
        (Question::WrongDescriptions, "right texts", "100 % wrong"),
        (hidden, "seen in training", "hidden, no text"),
    ];
    for (question, one, other) in pairs {
        let (events, _) = experiment(question).expect("the clinic has what it takes");
        let (one, other) = (measured(&events, one), measured(&events, other));
        assert_eq!((one.len(), other.len()), (2, 2), "{question:?}");
        assert_ne!(one, other, "{question:?}");
    }
}

#[test]
fn robustness_is_measured_from_the_whole_graph_with_the_same_texts() {
    let (events, summary) = experiment(Question::Robustness).expect("the clinic has what it takes");
    let mean = |arm: &str| measured(&events, arm).iter().map(|metrics| metrics[0].1).sum::<f64>() / 2.0;
    let row = summary.rows.iter().find(|row| row.arm == "LLaDR, 60 % deleted").expect("there is such an arm");
    let difference = row.differences[0].expect("two seeds ended well").mean;
    assert!((difference - (mean("LLaDR, 60 % deleted") - mean("LLaDR, whole graph"))).abs() < 1e-12);
    assert!(summary.compared.contains("same texts"));
}

#[test]
fn arms_without_texts_are_left_out_and_named() {
    let (_, summary) = experiment_with(Question::PromptStyles, &[Template::Good]).expect("one template is enough");
    assert_eq!(summary.rows.len(), 2);
    let note = summary.protocols.last().expect("there are notes");
    assert!(note.starts_with("left out") && note.contains("masked") && !note.contains("good"), "{note}");
    assert!(matches!(experiment_with(Question::AnchorAblation, &[]), Err(Error::Settings(_))));
}

#[test]
fn every_experiment_ends_with_a_row_for_each_arm() {
    let hidden = Question::HiddenEdge { drug: EntityId(0), disease: toy::CLINIC_DISEASE };
    let questions = [
        (Question::AnchorAblation, 5),
        (Question::Robustness, 12),
        (Question::PromptStyles, 5),
        (Question::WrongDescriptions, 5),
        (hidden, 4),
    ];
    for (question, arms) in questions {
        let (events, summary) = experiment(question).expect("the clinic has what it takes");
        assert_eq!(summary.rows.len(), arms, "{question:?}");
        let is_whole = |row: &SummaryRow| row.seeds == 2 && row.values.iter().flatten().all(|it| it.mean.is_finite());
        assert!(summary.rows.iter().all(is_whole));
        let measured = events.iter().filter(|event| matches!(event, ExperimentEvent::Measured { .. })).count();
        assert_eq!(measured, 2 * arms);
        assert!(summary.protocols.len() >= 2 && summary.protocols[..2].iter().all(|words| words.contains("filtered")));
        assert!(summary.rows[0].differences.iter().all(Option::is_none), "nothing is compared with itself");
        assert_eq!(experiment(question).expect("again").1, summary, "the same experiment gives the same numbers");
    }
}

#[test]
fn an_edge_that_is_not_there_cannot_be_hidden() {
    let question = Question::HiddenEdge { drug: EntityId(5), disease: toy::CLINIC_DISEASE };
    assert!(matches!(experiment(question), Err(Error::NotFound(_))));
}
