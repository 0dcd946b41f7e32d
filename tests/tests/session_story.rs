//! The whole behaviour without a browser: commands in, events out.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use std::sync::atomic::{AtomicU32, Ordering};

use lladr_core::experiment::{Experiment, ExperimentEvent, Question};
use lladr_core::ids::EntityId;
use lladr_core::model::Interaction;
use lladr_core::predict::LinkStatus;
use lladr_core::session::{
    BackendChoice, BackendKind, Command, Envelope, Event, ModelSource, Session, Settings, Template, TextSettings,
};
use pollster::block_on;

/// A clock that moves a millisecond a look, so that stories do not depend on the machine.
fn clock() -> f64 {
    static LOOKS: AtomicU32 = AtomicU32::new(0);
    f64::from(LOOKS.fetch_add(1, Ordering::Relaxed)) * 1e-3
}

fn starter() -> StarterFiles {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../public/packs/starter");
    let read = |name: &str| std::fs::read(format!("{folder}/{name}")).unwrap_or_else(|error| panic!("{name}: {error}"));
    let manifest: serde_json::Value = serde_json::from_slice(&read("pack.json")).expect("JSON");
    let listed = manifest["files"].as_array().expect("a list").iter().filter_map(|file| file["name"].as_str());
    let names: Vec<String> = std::iter::once("pack.json").chain(listed).map(str::to_owned).collect();
    StarterFiles { bytes: names.iter().map(|name| read(name)).collect(), names }
}

struct StarterFiles {
    names: Vec<String>,
    bytes: Vec<Vec<u8>>,
}

impl StarterFiles {
    fn open(self, settings: Option<Settings>) -> Envelope<Command> {
        Envelope {
            body: Command::OpenPack { name: "starter".into(), files: self.names, settings },
            attachments: self.bytes,
        }
    }
}

/// Command and events travel as between page and worker, so that no value of them may get lost on the way.
fn tell(session: &mut Session, command: impl Into<Envelope<Command>>) -> Vec<Envelope<Event>> {
    let Envelope { body, attachments } = command.into();
    arrive(block_on(session.handle(Envelope { body: travelled(&body), attachments })))
}

fn arrive(events: Vec<Envelope<Event>>) -> Vec<Envelope<Event>> {
    events.into_iter().map(|event| Envelope { body: travelled(&event.body), ..event }).collect()
}

fn travelled<T: serde::Serialize + serde::de::DeserializeOwned>(body: &T) -> T {
    let bytes = postcard::to_allocvec(body).expect("a message has bytes");
    postcard::from_bytes(&bytes).expect("its bytes are a message")
}

fn opened() -> (Session, EntityId) {
    let mut session = Session::new(clock);
    let events = tell(&mut session, starter().open(None));
    let Event::PackOpened(summary) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert_eq!(events[0].attachments[0].len(), summary.entities as usize);
    (session, summary.default_disease.expect("the starter has one"))
}

#[track_caller]
fn failure(events: &[Envelope<Event>]) -> &str {
    match &events[0].body {
        Event::Failed { message, .. } | Event::Refused { message } => message,
        other => panic!("{other:?} is no failure"),
    }
}

#[test]
fn the_first_ranking_of_the_pack_is_what_the_engine_computes() {
    let files = starter();
    let at = files.names.iter().position(|name| name.starts_with("ranking-")).expect("the starter has one");
    let stored: serde_json::Value = serde_json::from_slice(&files.bytes[at]).expect("JSON");
    let limit = stored["rows"].as_array().expect("a list").len() as u32;
    let (mut session, disease) = opened();
    let events = tell(&mut session, Command::RankDrugs { disease, limit });
    let Event::Ranked(ranking) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert!(serde_json::to_vec(ranking).expect("JSON") == files.bytes[at], "the bytes differ");
}

fn top_drugs(events: &[Envelope<Event>]) -> Option<Vec<String>> {
    events.iter().find_map(|event| match &event.body {
        Event::Ranked(ranking) => Some(ranking.rows.iter().map(|row| row.drug.id.clone()).collect()),
        _ => None,
    })
}

/// Trains until the session pauses by itself or `slices` are done; returns everything told.
fn train(session: &mut Session, slices: usize) -> Vec<Envelope<Event>> {
    let mut told = Vec::new();
    for _ in 0..slices {
        if !session.is_running() {
            break;
        }
        told.extend(arrive(block_on(session.advance())));
    }
    told
}

#[test]
fn a_visitor_sees_an_answer_before_any_training() {
    let (mut session, disease) = opened();
    let events = tell(&mut session, Command::RankDrugs { disease, limit: 50 });
    let Event::Ranked(ranking) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert_eq!(ranking.source, ModelSource::Pack);
    assert_eq!(ranking.disease.id, "Disease::DOID:9352");
    assert_eq!(ranking.rows.len(), 50);
    assert!(ranking.rows.iter().any(|row| row.status == LinkStatus::Known));
    assert!(ranking.known_in_top_10 >= 3, "{} known drugs in the top ten", ranking.known_in_top_10);
}

#[test]
fn an_epoch_is_stepped_and_a_reset_goes_back_to_the_pack() {
    let (mut session, disease) = opened();
    let before = top_drugs(&tell(&mut session, Command::RankDrugs { disease, limit: 20 }));
    tell(&mut session, Command::Step);
    let told = train(&mut session, 1000);
    assert!(!session.is_running());
    let epochs: Vec<f32> = told
        .iter()
        .filter_map(|event| match &event.body {
            Event::Trained(progress) => Some(progress.epoch),
            _ => None,
        })
        .collect();
    assert_eq!(epochs.last(), Some(&1.0));
    let after = top_drugs(&told);
    assert!(after.is_some() && after != before, "the ranking follows the new model");
    assert!(told.iter().any(|event| matches!(event.body, Event::LaidOut { epoch: Some(1), .. })));

    let told = tell(&mut session, Command::Reset);
    assert!(
        told.iter()
            .any(|e| matches!(&e.body, Event::RunChanged(run) if run.source == ModelSource::Pack && run.epoch == 0))
    );
    assert_eq!(top_drugs(&told), before);
}

#[test]
fn training_lowers_the_loss_and_pauses_when_told() {
    let (mut session, _) = opened();
    tell(&mut session, Command::Play);
    let losses: Vec<f32> = train(&mut session, 60)
        .iter()
        .filter_map(|event| match &event.body {
            Event::Trained(progress) => Some(progress.loss),
            _ => None,
        })
        .collect();
    assert!(losses.len() == 60 && losses[59] < 0.8 * losses[0], "{losses:?}");
    tell(&mut session, Command::Pause);
    assert!(!session.is_running() && train(&mut session, 5).is_empty());
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = || {
        let (mut session, disease) = opened();
        let settings = Settings { seed: 7, dim: 32, ..Settings::for_interaction(Interaction::DistMult) };
        tell(&mut session, Command::RankDrugs { disease, limit: 30 });
        tell(&mut session, Command::Configure { settings });
        tell(&mut session, Command::Step);
        train(&mut session, 1000).into_iter().rfind(|e| matches!(e.body, Event::Ranked(_) | Event::LaidOut { .. }))
    };
    assert_eq!(story(), story());
}

#[test]
fn settings_come_with_the_pack_and_are_checked() {
    let mut session = Session::new(clock);
    let wanted = Settings { dim: 32, seed: 9, ..Settings::for_interaction(Interaction::TransEL1) };
    let events = tell(&mut session, starter().open(Some(wanted)));
    assert!(events.iter().any(|e| matches!(&e.body, Event::RunChanged(run) if run.settings == wanted)));
    let bad = Settings { dim: 0, ..wanted };
    assert!(failure(&tell(&mut session, Command::Configure { settings: bad })).contains("dimension"));
    let bad = Settings { learning_rate: f32::NAN, ..wanted };
    assert!(failure(&tell(&mut session, Command::Configure { settings: bad })).contains("learning rate"));
}

#[test]
fn only_the_learning_rate_changes_without_a_restart() {
    let (mut session, _) = opened();
    tell(&mut session, Command::Step);
    train(&mut session, 1000);
    let state = |events: &[Envelope<Event>]| {
        events.iter().find_map(|e| match &e.body {
            Event::RunChanged(run) => Some((run.epoch, run.settings)),
            _ => None,
        })
    };
    let (epoch, settings) = state(&tell(&mut session, Command::Pause)).expect("a pause is told");
    assert_eq!(epoch, 1);
    let faster = Settings { learning_rate: 0.2, ..settings };
    assert_eq!(state(&tell(&mut session, Command::Configure { settings: faster })), Some((1, faster)));
    let other = Settings { seed: 2, ..faster };
    assert_eq!(state(&tell(&mut session, Command::Configure { settings: other })), Some((0, other)));
}

#[test]
fn a_bad_pack_leaves_the_good_one_open() {
    let (mut session, disease) = opened();
    let mut bad = starter();
    bad.bytes[4].truncate(100);
    assert!(failure(&tell(&mut session, bad.open(None))).contains("incomplete"));
    assert!(top_drugs(&tell(&mut session, Command::RankDrugs { disease, limit: 5 })).is_some());
}

#[test]
fn training_that_leaves_the_numbers_stops_with_the_last_good_model() {
    let (mut session, disease) = opened();
    tell(&mut session, Command::RankDrugs { disease, limit: 5 });
    let settings = Settings {
        learning_rate: 10.0,
        gamma: 1000.0,
        alpha: 10.0,
        ..Settings::for_interaction(Interaction::DistMult)
    };
    tell(&mut session, Command::Configure { settings });
    tell(&mut session, Command::Play);
    for event in train(&mut session, 200) {
        match event.body {
            Event::Trained(progress) => assert!(progress.loss.is_finite()),
            Event::LaidOut { .. } => {
                let (words, _) = event.attachments[0].as_chunks::<4>();
                assert!(words.iter().all(|word| f32::from_le_bytes(*word).is_finite()));
            }
            Event::Ranked(ranking) => assert!(ranking.rows.iter().all(|row| row.score.is_finite())),
            Event::Failed { message, .. } => assert!(message.contains("diverged")),
            _ => {}
        }
    }
    tell(&mut session, Command::Reset);
    assert!(top_drugs(&tell(&mut session, Command::RankDrugs { disease, limit: 5 })).is_some());
}

#[test]
fn names_are_found_by_synonym_and_identifier() {
    let (mut session, _) = opened();
    let mut find = |text: &str| {
        let events = tell(&mut session, Command::Search { text: text.into(), limit: 8 });
        let Event::Found { matches, .. } = events.into_iter().next().expect("an answer").body else {
            panic!("no answer")
        };
        matches
    };
    let aspirin = &find("aspir")[0];
    assert_eq!((aspirin.entity.id.as_str(), aspirin.matched.as_deref()), ("Compound::DB00945", Some("Aspirin")));
    assert_eq!(find("DB00945")[0].entity.id, "Compound::DB00945");
    let diabetes = &find("type 2 diabetes")[0];
    assert!(diabetes.is_disease && diabetes.matched.is_none());
    assert!(find("   ").is_empty() && find("no such thing").is_empty());
}

#[test]
fn cards_list_facts_and_unknown_rows_fail() {
    let (mut session, disease) = opened();
    let events = tell(&mut session, Command::Describe { entity: disease });
    let Event::Described(card) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert!(card.facts_total > 10 && card.facts.iter().any(|fact| fact.words == "treats" && !fact.outgoing));
    for command in
        [Command::Describe { entity: EntityId(u32::MAX) }, Command::RankDrugs { disease: EntityId(u32::MAX), limit: 5 }]
    {
        assert!(failure(&tell(&mut session, command)).contains("not in"));
    }
}

#[test]
fn a_pair_is_explained_with_every_name_in_place() {
    let (mut session, disease) = opened();
    let find = |session: &mut Session, text: &str| {
        let events = tell(session, Command::Search { text: text.into(), limit: 1 });
        let Event::Found { matches, .. } = &events[0].body else { panic!("{:?}", events[0].body) };
        matches[0].entity.entity
    };
    let ranked = tell(&mut session, Command::RankDrugs { disease, limit: 200 });
    let Event::Ranked(ranking) = &ranked[0].body else { panic!("{:?}", ranked[0].body) };
    for row in [&ranking.rows[0], &ranking.rows[30], &ranking.rows[ranking.rows.len() - 1]] {
        let drug = row.drug.entity;
        let events = tell(&mut session, Command::Explain { drug, disease });
        let Event::Explained(told) = &events[0].body else { panic!("{:?}", events[0].body) };
        assert_eq!((&told.drug, &told.disease, told.source), (&row.drug, &ranking.disease, ModelSource::Pack));
        assert!(told.capped.is_empty() && !told.groups.is_empty(), "{} is connected", row.drug.label);
        let listed: usize = told.groups.iter().map(|group| group.paths.len()).sum();
        assert!(listed <= 20 && told.path_count >= listed as f64);
        assert!(told.groups.is_sorted_by(|a, b| a.sum >= b.sum));
        for group in &told.groups {
            assert!(group.steps.len() <= told.longest as usize && group.count >= group.paths.len() as f64);
            assert!(group.steps.iter().all(|step| !step.words.is_empty() && !step.to.is_empty()));
            let is_harm = |relation: &str| relation.contains("::CcSE::") || relation.contains("::Sa::");
            assert!(!group.steps.iter().any(|step| is_harm(&step.relation)), "a harm is no reason why it might help");
            for path in &group.paths {
                let kinds = path.iter().map(|stop| &stop.entity.kind);
                assert!(kinds.eq(group.steps.iter().map(|step| &step.to)));
                assert_eq!(path.last().map(|stop| &stop.entity), Some(&told.disease));
                assert!(path.iter().all(|stop| !stop.entity.label.is_empty()));
            }
        }
        let against = &told.against;
        assert!(told.near_drugs.is_sorted_by(|a, b| a.value <= b.value), "TransE measures distances");
        assert!(told.near_drugs_known as usize >= told.near_drugs.len() && told.near_drugs_known > 0);
        assert_eq!((against.rank, against.drugs.candidates), (row.rank, ranking.candidates));
        assert_eq!(against.drugs.above, row.rank as u32 - 1, "no scores tie here");
        assert!(against.reliability.contains(&told.disease.label));
        assert_eq!(against.cautions.first().map(|line| line.kind), row.caution);
    }

    // The answer is quick; a debug build may be thirty times slower, and a machine busy.
    let drug = find(&mut session, "metformin");
    let quickest = (0..5).map(|_| {
        #[allow(clippy::disallowed_methods, reason = "a promise about wall time")]
        let start = std::time::Instant::now();
        tell(&mut session, Command::Explain { drug, disease });
        start.elapsed()
    });
    let (quickest, most) = (quickest.min().expect("five"), if cfg!(debug_assertions) { 1500 } else { 50 });
    println!("an explanation takes {quickest:?}");
    assert!(quickest.as_millis() < most, "{quickest:?}");

    for (drug, disease, words) in [(disease, drug, "is not a"), (EntityId(u32::MAX), disease, "not in this pack")] {
        let events = tell(&mut session, Command::Explain { drug, disease });
        assert!(failure(&events).contains(words), "{}", failure(&events));
    }
}

#[test]
fn text_anchors_a_run_where_the_pack_brings_vectors() {
    let mut session = Session::new(clock);
    let events = tell(&mut session, starter().open(None));
    let Event::PackOpened(summary) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert_eq!(summary.templates, Template::ALL);
    let figures = ["UMAP of 64-d vectors", " % (PCA: ", " are near on the map · trustworthiness 0."];
    assert!(figures.iter().all(|words| summary.layout.contains(words)), "{}", summary.layout);
    let anchored = Settings { dim: 32, text: TextSettings::of(Some(Template::Masked)), ..Settings::default() };
    let anchor_losses = |session: &mut Session, settings| {
        tell(session, Command::Configure { settings });
        tell(session, Command::Step);
        let told = train(session, 1000).into_iter().filter_map(|event| match event.body {
            Event::Trained(progress) => Some(progress.anchor_loss),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let pulled = anchor_losses(&mut session, anchored);
    assert!(pulled[0] > 0.0 && pulled[pulled.len() - 1] < pulled[0], "{pulled:?}");
    let free = anchor_losses(&mut session, Settings { text: TextSettings::PLAIN, ..anchored });
    assert!(free.iter().all(|&loss| loss == 0.0), "{free:?}");
}

#[test]
fn everything_fails_kindly_before_a_pack_is_open() {
    let mut session = Session::new(clock);
    for command in [Command::Play, Command::Step, Command::Reset, Command::Search { text: "a".into(), limit: 1 }] {
        assert!(failure(&tell(&mut session, command)).contains("no pack is open"));
    }
    assert!(!session.is_running());
}

#[test]
fn the_backend_is_chosen_with_a_reason() {
    let mut session = Session::new(clock);
    let events = tell(&mut session, Command::Start { backend: BackendChoice::Cpu });
    let Event::BackendChosen(report) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert_eq!(report.kind, BackendKind::Cpu);
    assert!(!report.reason.is_empty());
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_tells_the_same_kind_of_story() {
    let mut session = Session::new(clock);
    let events = tell(&mut session, Command::Start { backend: BackendChoice::Auto });
    let Event::BackendChosen(report) = &events[0].body else { panic!("{:?}", events[0].body) };
    assert_eq!(report.kind, BackendKind::WebGpu, "{}", report.reason);
    tell(&mut session, starter().open(Some(Settings { dim: 16, negatives: 16, ..Settings::default() })));
    tell(&mut session, Command::Step);
    let told = train(&mut session, 200);
    assert!(told.iter().any(|event| matches!(event.body, Event::LaidOut { epoch: Some(1), .. })));
}

#[test]
fn an_experiment_runs_between_commands_and_can_be_given_up() {
    let (mut session, disease) = opened();
    let settings = Settings { dim: 16, negatives: 16, ..Settings::default() };
    let experiment = Experiment { question: Question::AnchorAblation, settings, epochs: 1, seeds: 1 };
    tell(&mut session, Command::Experiment { experiment });
    assert!(session.is_running());
    // A command is answered while it runs.
    assert!(top_drugs(&tell(&mut session, Command::RankDrugs { disease, limit: 5 })).is_some());
    let finished = |events: &[Envelope<Event>]| {
        events.iter().find_map(|event| match &event.body {
            Event::Experiment { number: 1, news: ExperimentEvent::Finished(summary) } => Some(summary.clone()),
            _ => None,
        })
    };
    // The live run does not start beside it.
    for command in [Command::Play, Command::Step] {
        let refused = tell(&mut session, command);
        assert!(failure(&refused).contains("an experiment runs"));
        assert_eq!(running_experiment(&refused), Some(1));
    }
    let told = train(&mut session, 2000);
    let summary = finished(&told).expect("five short runs end");
    assert_eq!(summary.rows.len(), 5);
    assert!(summary.rows.iter().all(|row| row.values.iter().flatten().all(|value| value.half_width.is_none())));
    assert_eq!(running_experiment(&told), Some(0), "the last thing told is that none runs");
    assert!(!session.is_running());

    let again = Command::Experiment { experiment: Experiment { seeds: 3, ..experiment } };
    assert_eq!(running_experiment(&tell(&mut session, again.clone())), Some(2));
    train(&mut session, 2);
    assert_eq!(running_experiment(&tell(&mut session, Command::StopExperiment)), Some(0));
    assert_eq!(running_experiment(&tell(&mut session, again)), Some(3));
    tell(&mut session, starter().open(None));
    assert!(!session.is_running(), "another pack ends it");
    let large = Settings { dim: 1_000_000, ..settings };
    let refused = tell(&mut session, Command::Experiment { experiment: Experiment { settings: large, ..experiment } });
    assert!(matches!(refused[0].body, Event::Failed { .. }) && !session.is_running());
    assert!(!session.is_running());
    let bad = tell(&mut session, Command::Experiment { experiment: Experiment { seeds: 0, ..experiment } });
    assert!(failure(&bad).contains("seeds"));
}

/// The number of the experiment that runs, by the last state told.
fn running_experiment(events: &[Envelope<Event>]) -> Option<u32> {
    events.iter().rev().find_map(|event| match &event.body {
        Event::RunChanged(state) => Some(state.experiment),
        _ => None,
    })
}
