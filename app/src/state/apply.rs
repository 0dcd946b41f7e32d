//! The one writer: what each event changes.

use std::rc::Rc;

use lladr_core::ids::EntityId;
use lladr_core::session::{EntityRef, Envelope, Event, ModelSource, PackSummary, Ranking, RunState, Settings};

use super::{Layout, Losses, Model, Phase, Topics, Trial};
use crate::format;

/// What has to be asked after an event.
#[derive(Debug, Clone, PartialEq)]
pub enum FollowUp {
    /// A pack is open: choose a disease, apply the link's settings.
    Opened,
    /// Rank the drugs of this disease.
    Rank(EntityId),
    /// A ranking is on the screen.
    Ranked,
    /// A description is on the screen.
    Described,
    /// The pack that was being opened is refused.
    Refused(String),
}

impl Model {
    /// Write an event into the model: the topics that changed, and what has to be asked next.
    pub fn apply(&mut self, envelope: Envelope<Event>) -> (Topics, Option<FollowUp>) {
        let Envelope { body, attachments } = envelope;
        let first = attachments.into_iter().next().unwrap_or_default();
        let topics = match body {
            Event::BackendChosen(report) => {
                self.backend = Some(report);
                Topics::BACKEND
            }
            Event::PackOpened(pack) => return (self.open(pack, first), Some(FollowUp::Opened)),
            Event::Ranked(ranking) => return self.rank(ranking),
            Event::Found { text, matches } => {
                self.found = (text, matches);
                Topics::SEARCH
            }
            Event::Located { id, entity, is_disease } => return self.locate(&id, entity.filter(|_| is_disease)),
            Event::Described(card) if self.selected == Some(card.entity.entity) => {
                self.names.insert(card.entity.entity.0, card.entity.label.clone());
                self.card = Some(card);
                return (Topics::CARD, Some(FollowUp::Described));
            }
            Event::Described(_) => Topics::NONE,
            Event::Explained(told) => {
                // Of a disease that is no longer chosen it says nothing here.
                let chosen = self.disease.as_ref().map(|disease| disease.entity);
                self.why = Some(told).filter(|told| Some(told.disease.entity) == chosen);
                Topics::WHY
            }
            Event::Named(entity) => {
                self.names.insert(entity.entity.0, entity.label);
                Topics::HOVER
            }
            Event::RunChanged(run) => self.change_run(run),
            Event::Trained(progress) => {
                self.losses.push(progress.loss);
                self.progress = Some(progress);
                Topics::PROGRESS
            }
            Event::Experiment { number, news } => {
                self.trial.apply(number, news);
                Topics::TRIAL
            }
            Event::LaidOut { epoch, variance_share } => {
                let positions = first.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect();
                self.layout = Some(Layout { positions, epoch, variance_share });
                Topics::LAYOUT
            }
            Event::Refused { message } => {
                let pack = match &self.phase {
                    Phase::Opening(pack) => pack.clone(),
                    _ => String::new(),
                };
                let topics = self.fail(&("opening the pack ".to_owned() + &pack), &message);
                self.phase = if self.is_ready() { Phase::Ready } else { Phase::Empty };
                return (topics | Topics::PHASE, Some(FollowUp::Refused(pack)));
            }
            Event::Failed { doing, message } => {
                // What was asked for is not in force: controls go back to what is.
                self.sent = None;
                self.fail(&doing, &message) | Topics::RUN
            }
        };
        (topics, None)
    }

    fn open(&mut self, pack: PackSummary, kinds: Vec<u8>) -> Topics {
        if self.is_ready() {
            // Of another pack. What a preview shows is of this one, and stays.
            (self.ranking, self.disease, self.selected, self.card) = (None, None, None, None);
        }
        self.hidden = vec![false; pack.types.len()];
        self.kinds = kinds;
        self.status = pack.title.clone() + " is open";
        self.pack = Some(Rc::new(pack));
        self.phase = Phase::Ready;
        (self.layout, self.hovered, self.wanted, self.sent, self.case) = (None, None, None, None, None);
        (self.why, self.trial) = (None, Trial::default());
        self.found = Default::default();
        self.names.clear();
        self.run = None;
        self.forget_run();
        Topics::PACK
            | Topics::PHASE
            | Topics::STATUS
            | Topics::LAYOUT
            | Topics::HIDDEN
            | Topics::RANKING
            | Topics::DISEASE
            | Topics::SELECTED
            | Topics::CARD
            | Topics::WHY
            | Topics::HOVER
            | Topics::SEARCH
            | Topics::RUN
            | Topics::PROGRESS
            | Topics::TRIAL
    }

    fn rank(&mut self, ranking: Ranking) -> (Topics, Option<FollowUp>) {
        // An answer for a disease that is no longer chosen is stale.
        if self.disease.as_ref().is_some_and(|chosen| chosen.entity != ranking.disease.entity) {
            return (Topics::NONE, None);
        }
        let mut topics = Topics::RANKING;
        let before = self.ranking.as_ref().map(|old| old.disease.entity);
        if before != Some(ranking.disease.entity) {
            let drugs = format::plural(ranking.candidates, "drug", "drugs");
            topics = topics | self.say(drugs + " ranked for " + &ranking.disease.label);
        }
        if self.disease.as_ref() != Some(&ranking.disease) {
            self.disease = Some(ranking.disease.clone());
            topics = topics | Topics::DISEASE;
        }
        self.ranking = Some(ranking);
        (topics, Some(FollowUp::Ranked))
    }

    /// The disease of a link, unless the person has chosen another one meanwhile.
    fn locate(&mut self, id: &str, disease: Option<EntityRef>) -> (Topics, Option<FollowUp>) {
        if self.wanted.as_deref() != Some(id) {
            return (Topics::NONE, None);
        }
        self.wanted = None;
        match disease {
            Some(disease) => {
                let next = FollowUp::Rank(disease.entity);
                (self.choose(disease), Some(next))
            }
            None => {
                let message = "This pack has no disease “".to_owned() + id + "”; another one is shown.";
                (self.fail("reading the link", &message) | Topics::DISEASE, None)
            }
        }
    }

    fn change_run(&mut self, run: RunState) -> Topics {
        self.sent = None;
        if self.problem.as_ref().is_some_and(|problem| problem.doing.starts_with("changing")) {
            self.problem = None;
        }
        let before = self.run.take();
        let was_live = before.as_ref().is_some_and(|before| before.source == ModelSource::Live);
        let was_ahead = before.as_ref().is_some_and(|before| before.epoch > run.epoch);
        let learning_rate = run.settings.learning_rate;
        let same = |before: &RunState| Settings { learning_rate, ..before.settings } == run.settings;
        let is_same = before.as_ref().is_none_or(same);
        if run.source == ModelSource::Pack || was_ahead || !is_same {
            self.forget_run();
        }
        let had_experiment = self.trial.is_running();
        self.trial.runs(run.experiment);
        if had_experiment && run.experiment == 0 {
            // What was refused because the experiment ran can be asked again; its own failure stays.
            self.problem = self.problem.take().filter(|problem| problem.doing == "the experiment");
        }
        let status = match (run.source, run.running) {
            _ if run.experiment != 0 => Some("An experiment runs on this device".to_owned()),
            _ if had_experiment => Some("The experiment has ended".to_owned()),
            (ModelSource::Live, true) => Some("Training on this device".to_owned()),
            (ModelSource::Live, false) if run.epoch > 0 => {
                Some("Paused after ".to_owned() + &format::plural(run.epoch, "epoch", "epochs"))
            }
            (ModelSource::Live, false) => Some("Ready to train".to_owned()),
            (ModelSource::Pack, _) if was_live => Some("Reset: this is the pack’s own model again".to_owned()),
            (ModelSource::Pack, _) => None,
        };
        self.run = Some(run);
        let told = status.map_or(Topics::NONE, |status| self.say(status));
        told | Topics::RUN | Topics::PROGRESS | Topics::PROBLEM | Topics::TRIAL
    }

    fn forget_run(&mut self) {
        self.progress = None;
        self.losses = Losses::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::experiment::{ExperimentEvent, Summary};
    use lladr_core::model::Interaction;
    use lladr_core::session::{EntityCard, EntityMatch, Progress, TypeSummary};

    fn entity(row: u32, id: &str) -> EntityRef {
        EntityRef { entity: EntityId(row), id: id.into(), label: id.to_uppercase(), kind: "Disease".into() }
    }

    fn ranking(row: u32) -> Ranking {
        Ranking {
            disease: entity(row, "d"),
            rows: Vec::new(),
            candidates: 7,
            known: 0,
            known_in_top_10: 0,
            held_out: 0,
            held_out_best: None,
            interaction: Interaction::TransEL2,
            source: ModelSource::Pack,
            epoch: 0,
            protocol: String::new(),
        }
    }

    fn pack() -> PackSummary {
        PackSummary {
            name: "toy".into(),
            title: "Toy".into(),
            description: String::new(),
            licence: String::new(),
            sources: Vec::new(),
            hash: "abc".into(),
            types: vec![TypeSummary { name: "Disease".into(), count: 2 }],
            entities: 2,
            relations: 1,
            triples: [1, 0, 0],
            diseases: Vec::new(),
            default_disease: Some(EntityId(0)),
            metrics: Vec::new(),
            settings: Settings::default(),
            has_model: true,
            layout: String::new(),
            leaks: Vec::new(),
            templates: Vec::new(),
            cases: Vec::new(),
        }
    }

    fn run(source: ModelSource, running: bool, epoch: u32) -> Envelope<Event> {
        Event::RunChanged(RunState { source, running, epoch, settings: Settings::default(), experiment: 0 }).into()
    }

    #[test]
    fn an_experiment_runs_while_the_engine_says_so_and_late_news_of_another_is_dropped() {
        let state = |experiment| {
            let Event::RunChanged(state) = run(ModelSource::Pack, false, 0).body else { unreachable!() };
            Event::RunChanged(RunState { experiment, ..state })
        };
        let summary = |name: &str| Summary { metrics: vec![name.into()], ..Summary::default() };
        let finished = |number, name: &str| {
            let news = ExperimentEvent::Finished(summary(name));
            Event::Experiment { number, news }
        };
        let mut model = Model::default();
        model.apply(state(1).into());
        model.apply(Event::Failed { doing: "training".into(), message: "no".into() }.into());
        assert!(model.trial.is_running(), "another failure does not end it");
        model.apply(state(2).into());
        model.apply(finished(1, "old").into());
        assert!(model.trial.is_running() && model.trial.summary.is_none());
        model.apply(finished(2, "new").into());
        model.apply(state(0).into());
        assert!(!model.trial.is_running());
        assert_eq!(model.trial.summary, Some(summary("new")));
        assert_eq!(model.status, "The experiment has ended");
        assert_eq!(model.problem, None, "what was refused meanwhile can be asked again");
        model.apply(state(3).into());
        model.apply(Event::Failed { doing: "the experiment".into(), message: "no".into() }.into());
        model.apply(state(0).into());
        assert!(model.problem.is_some(), "why an experiment failed stays on the screen");
    }

    #[test]
    fn opening_a_pack_starts_afresh() {
        let mut model = Model { pack: Some(Rc::new(pack())), disease: Some(entity(9, "old")), ..Model::default() };
        let envelope = Envelope { body: Event::PackOpened(pack()), attachments: vec![vec![0, 0]] };
        assert_eq!(model.apply(envelope).1, Some(FollowUp::Opened));
        assert_eq!((model.phase.clone(), model.kinds.len()), (Phase::Ready, 2));
        assert_eq!(model.disease, None);
    }

    #[test]
    fn a_preview_stays_until_the_engine_has_ranked() {
        let mut model = Model::default();
        model.preview(ranking(1));
        model.apply(Envelope { body: Event::PackOpened(pack()), attachments: vec![vec![0, 0]] });
        assert_eq!(model.disease, Some(entity(1, "d")));
        assert!(model.ranking.is_some());
        model.forget_preview();
        assert!(model.ranking.is_none() && model.disease.is_none());
    }

    #[test]
    fn stale_rankings_are_dropped() {
        let mut model = Model { disease: Some(entity(1, "d")), ..Model::default() };
        assert_eq!(model.apply(Event::Ranked(ranking(2)).into()), (Topics::NONE, None));
        assert!(model.ranking.is_none());
        assert_eq!(model.apply(Event::Ranked(ranking(1)).into()).1, Some(FollowUp::Ranked));
    }

    #[test]
    fn a_refused_pack_leaves_the_last_good_one() {
        let mut model = Model::default();
        model.apply(Envelope { body: Event::PackOpened(pack()), attachments: vec![vec![0, 0]] });
        model.phase = Phase::Opening("bad".into());
        let other = Event::Failed { doing: "searching".into(), message: "no".into() };
        assert_eq!(model.apply(other.into()).1, None, "another failure says nothing about the pack");
        let refused = Event::Refused { message: "broken".into() };
        assert_eq!(model.apply(refused.into()).1, Some(FollowUp::Refused("bad".into())));
        assert_eq!(model.phase, Phase::Ready);
        assert_eq!(model.pack.as_ref().map(|pack| pack.name.as_str()), Some("toy"));
        assert!(model.problem.is_some());
    }

    #[test]
    fn the_disease_of_a_link_is_found_by_its_identifier() {
        let mut model = Model { wanted: Some("Disease::X".into()), ..Model::default() };
        let located = |id: &str, entity| Event::Located { id: id.into(), entity, is_disease: true };
        let found = located("Disease::X", Some(entity(4, "Disease::X")));
        assert_eq!(model.apply(found.clone().into()).1, Some(FollowUp::Rank(EntityId(4))));
        model.wanted = Some("Disease::Y".into());
        assert_eq!(model.apply(located("Disease::Y", None).into()), (Topics::PROBLEM | Topics::DISEASE, None));
        assert!(model.problem.is_some());
        // The person has chosen another disease before the answer came.
        model.choose(entity(1, "d"));
        assert_eq!(model.apply(found.into()), (Topics::NONE, None));
        assert_eq!(model.disease, Some(entity(1, "d")));
    }

    #[test]
    fn a_new_disease_is_not_shown_over_the_drugs_of_another() {
        let mut model = Model { disease: Some(entity(1, "d")), ranking: Some(ranking(1)), ..Model::default() };
        model.choose(entity(1, "d"));
        assert!(model.ranking.is_some());
        model.choose(entity(2, "e"));
        assert!(model.ranking.is_none());
    }

    #[test]
    fn matches_of_another_text_or_pack_are_not_offered() {
        let hit = EntityMatch { entity: entity(4, "x"), matched: None, is_disease: true };
        let mut model = Model { typed: "as".into(), found: ("a".into(), vec![hit.clone()]), ..Model::default() };
        assert!(model.hits().is_empty());
        model.apply(Event::Found { text: "as".into(), matches: vec![hit] }.into());
        assert_eq!(model.hits().len(), 1);
        model.apply(Envelope { body: Event::PackOpened(pack()), attachments: vec![vec![0, 0]] });
        assert!(model.hits().is_empty());
    }

    #[test]
    fn settings_that_were_sent_are_the_base_of_the_next_change() {
        let mut model = Model { sent: Some(Settings { seed: 9, ..Settings::default() }), ..Model::default() };
        assert_eq!(model.next_settings().seed, 9);
        model.apply(run(ModelSource::Live, false, 0));
        assert_eq!(model.next_settings(), Settings::default());
    }

    #[test]
    fn reset_forgets_the_curve() {
        let mut model = Model::default();
        model.apply(run(ModelSource::Live, true, 0));
        let slice = Progress { epoch: 1.5, step: 10, loss: 0.7, anchor_loss: 0.0, triples_per_sec: 1e5 };
        model.apply(Event::Trained(slice).into());
        assert_eq!((model.losses.points().len(), model.epoch()), (1, 1));
        model.apply(run(ModelSource::Live, false, 0));
        assert_eq!(model.losses.points().len(), 1, "a pause within the first epoch keeps the curve");
        model.apply(run(ModelSource::Live, false, 1));
        assert_eq!(model.losses.points().len(), 1);
        assert_eq!(model.status, "Paused after 1 epoch");
        model.apply(run(ModelSource::Pack, false, 0));
        assert_eq!((model.losses.points().len(), model.epoch()), (0, 0));
    }

    #[test]
    fn layouts_are_read_as_little_endian() {
        let mut model = Model::default();
        let bytes = [1.0f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let body = Event::LaidOut { epoch: None, variance_share: Some(0.5) };
        model.apply(Envelope { body, attachments: vec![bytes] });
        assert_eq!(model.layout.map(|layout| layout.positions), Some(vec![1.0, -2.0]));
    }

    #[test]
    fn a_description_that_came_too_late_is_dropped() {
        let mut model = Model { selected: Some(EntityId(2)), ..Model::default() };
        let card = |row| {
            let entity = entity(row, "x");
            Event::Described(EntityCard {
                entity,
                synonyms: vec![],
                area: String::new(),
                description: None,
                cautions: vec![],
                degree: 0,
                facts: vec![],
                facts_total: 0,
            })
        };
        assert_eq!(model.apply(card(1).into()), (Topics::NONE, None));
        assert_eq!(model.apply(card(2).into()), (Topics::CARD, Some(FollowUp::Described)));
    }
}
