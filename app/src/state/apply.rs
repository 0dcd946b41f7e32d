//! The one writer: what each event changes on the page.

use std::sync::Arc;

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::session::{Envelope, Event, ModelSource, PackSummary, Ranking, RunState};

use super::{Layout, Losses, Phase, State};
use crate::format;

/// What has to be asked after an event: the engine client does so.
#[derive(Debug, Clone, PartialEq)]
pub enum FollowUp {
    /// A pack is open: choose a disease, apply the link's settings.
    Opened,
    /// Rank the drugs of this disease.
    Rank(EntityId),
    /// A ranking is on the screen.
    Ranked,
    /// The pack that was being opened is refused.
    Refused,
}

impl State {
    /// Write an event into the page's state.
    pub fn apply(&self, envelope: Envelope<Event>) -> Option<FollowUp> {
        let Envelope { body, mut attachments } = envelope;
        match body {
            Event::BackendChosen(report) => self.backend.set(Some(report)),
            Event::PackOpened(pack) => {
                self.open(pack, attachments.drain(..).next().unwrap_or_default());
                return Some(FollowUp::Opened);
            }
            Event::Ranked(ranking) => return self.rank(ranking),
            Event::Found { text, matches } => return self.find(text, matches),
            Event::Described(card) => {
                if self.selected.get_untracked() == Some(card.entity.entity) {
                    self.card.set(Some(Arc::new(card)));
                }
            }
            Event::Named(entity) => self.names.update(|names| {
                names.insert(entity.entity.0, entity);
            }),
            Event::RunChanged(run) => self.change_run(run),
            Event::Trained(progress) => {
                self.losses.update(|losses| losses.push(progress.loss));
                self.progress.set(Some(progress));
            }
            Event::LaidOut { epoch, variance_share } => {
                let bytes = attachments.drain(..).next().unwrap_or_default();
                let positions = bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect();
                self.layout.set(Some(Arc::new(Layout { positions, epoch, variance_share })));
            }
            Event::Failed { doing, message } => {
                self.fail(doing, message);
                if matches!(self.phase.get_untracked(), Phase::Opening { .. }) {
                    self.phase.set(if self.pack.with_untracked(Option::is_some) { Phase::Ready } else { Phase::Empty });
                    return Some(FollowUp::Refused);
                }
            }
        }
        None
    }

    fn open(&self, pack: PackSummary, kinds: Vec<u8>) {
        self.hidden.set(vec![false; pack.types.len()]);
        self.kinds.set(Arc::new(kinds));
        self.layout.set(None);
        self.ranking.set(None);
        self.disease.set(None);
        self.selected.set(None);
        self.card.set(None);
        self.names.update(|names| names.clear());
        self.run.set(None);
        self.forget_run();
        self.status.set(format!("{} is open", pack.title));
        self.pack.set(Some(Arc::new(pack)));
        self.phase.set(Phase::Ready);
    }

    fn rank(&self, ranking: Ranking) -> Option<FollowUp> {
        // An answer for a disease that is no longer chosen is stale.
        let chosen = self.disease.with_untracked(|disease| disease.as_ref().map(|disease| disease.entity));
        if chosen.is_some_and(|chosen| chosen != ranking.disease.entity) {
            return None;
        }
        let before = self.ranking.with_untracked(|old| old.as_ref().map(|old| old.disease.entity));
        if before != Some(ranking.disease.entity) {
            let drugs = format::plural(ranking.candidates, "drug", "drugs");
            self.status.set(format!("{drugs} ranked for {}", ranking.disease.label));
        }
        if chosen.is_none() || self.disease.with_untracked(|d| d.as_ref() != Some(&ranking.disease)) {
            self.disease.set(Some(ranking.disease.clone()));
        }
        self.ranking.set(Some(Arc::new(ranking)));
        Some(FollowUp::Ranked)
    }

    fn find(&self, text: String, matches: Vec<lladr_core::session::EntityMatch>) -> Option<FollowUp> {
        if self.wanted.with_untracked(|wanted| wanted.as_deref() == Some(&*text)) {
            self.wanted.set(None);
            let hit = matches.iter().find(|hit| hit.entity.id == text && hit.is_disease);
            let Some(hit) = hit else {
                self.fail("reading the link", format!("This pack has no disease “{text}”; another one is shown."));
                return None;
            };
            self.disease.set(Some(hit.entity.clone()));
            return Some(FollowUp::Rank(hit.entity.entity));
        }
        self.found.set((text, Arc::new(matches)));
        None
    }

    fn change_run(&self, run: RunState) {
        let before = self.run.get_untracked();
        let restarted = run.source == ModelSource::Pack || run.epoch == 0;
        if restarted && !run.running || before.as_ref().is_some_and(|before| before.epoch > run.epoch) {
            self.forget_run();
        }
        let was_running = before.as_ref().is_some_and(|before| before.running);
        match (run.source, run.running) {
            (ModelSource::Live, true) => self.status.set("Training on this device".into()),
            (ModelSource::Live, false) if was_running || run.epoch > 0 => {
                self.status.set(format!("Paused after {}", format::plural(run.epoch, "epoch", "epochs")));
            }
            (ModelSource::Live, false) => self.status.set("Ready to train".into()),
            (ModelSource::Pack, _) if before.is_some_and(|before| before.source == ModelSource::Live) => {
                self.status.set("Reset: this is the pack’s own model again".into());
            }
            (ModelSource::Pack, _) => {}
        }
        self.run.set(Some(run));
    }

    fn forget_run(&self) {
        self.progress.set(None);
        self.losses.set(Losses::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::model::Interaction;
    use lladr_core::session::{EntityMatch, EntityRef, Progress, Settings, TypeSummary};

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
        }
    }

    fn run(source: ModelSource, running: bool, epoch: u32) -> Envelope<Event> {
        Event::RunChanged(RunState { source, running, epoch, settings: Settings::default() }).into()
    }

    fn with_state(test: impl FnOnce(State)) {
        Owner::new().with(|| test(State::new()));
    }

    #[test]
    fn opening_a_pack_starts_afresh() {
        with_state(|state| {
            state.disease.set(Some(entity(9, "old")));
            let envelope = Envelope { body: Event::PackOpened(pack()), attachments: vec![vec![0, 0]] };
            assert_eq!(state.apply(envelope), Some(FollowUp::Opened));
            assert_eq!(state.phase.get_untracked(), Phase::Ready);
            assert_eq!(state.disease.get_untracked(), None);
            assert_eq!(state.kinds.get_untracked().len(), 2);
        });
    }

    #[test]
    fn stale_rankings_are_dropped() {
        with_state(|state| {
            state.disease.set(Some(entity(1, "d")));
            assert_eq!(state.apply(Event::Ranked(ranking(2)).into()), None);
            assert!(state.ranking.get_untracked().is_none());
            assert_eq!(state.apply(Event::Ranked(ranking(1)).into()), Some(FollowUp::Ranked));
        });
    }

    #[test]
    fn a_refused_pack_leaves_the_last_good_one() {
        with_state(|state| {
            state.apply(Envelope { body: Event::PackOpened(pack()), attachments: vec![vec![0, 0]] });
            state.phase.set(Phase::Opening { pack: "bad".into() });
            let failed = Event::Failed { doing: "opening".into(), message: "broken".into() };
            assert_eq!(state.apply(failed.into()), Some(FollowUp::Refused));
            assert_eq!(state.phase.get_untracked(), Phase::Ready);
            assert_eq!(state.pack.get_untracked().map(|pack| pack.name.clone()), Some("toy".into()));
            assert!(state.problem.get_untracked().is_some());
        });
    }

    #[test]
    fn the_disease_of_a_link_is_found_by_its_identifier() {
        with_state(|state| {
            state.wanted.set(Some("Disease::X".into()));
            let hit = EntityMatch { entity: entity(4, "Disease::X"), matched: None, is_disease: true };
            let found = Event::Found { text: "Disease::X".into(), matches: vec![hit] };
            assert_eq!(state.apply(found.clone().into()), Some(FollowUp::Rank(EntityId(4))));
            state.wanted.set(Some("Disease::Y".into()));
            let nothing = Event::Found { text: "Disease::Y".into(), matches: Vec::new() };
            assert_eq!(state.apply(nothing.into()), None);
            assert!(state.problem.get_untracked().is_some());
        });
    }

    #[test]
    fn reset_forgets_the_curve() {
        with_state(|state| {
            state.apply(run(ModelSource::Live, true, 0));
            let slice = Progress { epoch: 1.5, step: 10, loss: 0.7, triples_per_sec: 1e5 };
            state.apply(Event::Trained(slice).into());
            assert_eq!(state.losses.get_untracked().points().len(), 1);
            assert_eq!(state.epoch(), 1);
            state.apply(run(ModelSource::Live, false, 1));
            assert_eq!(state.losses.get_untracked().points().len(), 1);
            state.apply(run(ModelSource::Pack, false, 0));
            assert_eq!(state.losses.get_untracked().points().len(), 0);
            assert_eq!(state.epoch(), 0);
        });
    }

    #[test]
    fn layouts_are_read_as_little_endian() {
        with_state(|state| {
            let bytes = [1.0f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
            let body = Event::LaidOut { epoch: None, variance_share: 0.5 };
            state.apply(Envelope { body, attachments: vec![bytes] });
            assert_eq!(state.layout.get_untracked().map(|l| l.positions.clone()), Some(vec![1.0, -2.0]));
        });
    }
}
