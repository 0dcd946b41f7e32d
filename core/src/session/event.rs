//! What the session tells: worker → page, session → command line.

use serde::{Deserialize, Serialize};

use super::explained::Explanation;
use crate::experiment::ExperimentEvent;
use crate::graph::Vocabulary;
use crate::ids::EntityId;
use crate::model::Interaction;
use crate::pack::{CautionKind, Grade, LeakLine, MetricLine};
use crate::predict::LinkStatus;
use crate::settings::{Settings, Template};

/// An answer or a piece of news. Small values only; arrays travel as attachments beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Which backend runs, and why.
    BackendChosen(BackendReport),
    /// A pack is loaded. Attachment 0: one `u8` per entity, its row in `types`.
    PackOpened(PackSummary),
    /// The drugs of a disease, best first.
    Ranked(Ranking),
    /// Entities that match what was typed.
    Found {
        /// The text of the request, to drop stale answers.
        text: String,
        /// Best first.
        matches: Vec<EntityMatch>,
    },
    /// The answer to [`Command::Locate`](super::Command::Locate).
    Located {
        /// The identifier that was asked for.
        id: String,
        /// The entity; `None` where the pack has no such one.
        entity: Option<EntityRef>,
        /// Whether drugs can be ranked for it (a disease).
        is_disease: bool,
    },
    /// One entity in full.
    Described(EntityCard),
    /// The answer to [`Command::Explain`](super::Command::Explain).
    Explained(Explanation),
    /// One entity's name.
    Named(EntityRef),
    /// Something about the live run changed: started, paused, reset, configured.
    RunChanged(RunState),
    /// A slice of training is done.
    Trained(Progress),
    /// News of an experiment.
    Experiment {
        /// Which one: [`RunState::experiment`] of the state that it started with.
        number: u32,
        /// What is new.
        news: ExperimentEvent,
    },
    /// New positions for the map. Attachment 0: `f32` x, y per entity.
    LaidOut {
        /// Epoch of the model behind them; `None` for the pack's own model.
        epoch: Option<u32>,
        /// Share of the variance that the two axes show, 0 to 1; `None` for a map that the pack brings.
        variance_share: Option<f32>,
    },
    /// The pack of [`Command::OpenPack`](super::Command::OpenPack) cannot be opened; the last good one stays.
    Refused {
        /// What is wrong with it.
        message: String,
    },
    /// A request could not be done; everything else stays as it was.
    Failed {
        /// What was being done, in a few plain words.
        doing: String,
        /// What went wrong and what to do.
        message: String,
    },
}

/// Backend of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackendReport {
    /// `webgpu` or `cpu`.
    pub kind: BackendKind,
    /// Device name, where the browser tells one.
    pub device: String,
    /// Why this one, in a sentence.
    pub reason: String,
}

/// The two backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// SIMD on one core (natively on all).
    Cpu,
    /// wgpu compute shaders.
    #[serde(rename = "webgpu")]
    WebGpu,
}

/// What a pack holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackSummary {
    /// Folder name.
    pub name: String,
    /// Human title.
    pub title: String,
    /// One paragraph.
    pub description: String,
    /// Licence of the whole.
    pub licence: String,
    /// Sources with their licences, one line each.
    pub sources: Vec<String>,
    /// First 12 hex digits of the SHA-256 of `pack.json`: names the data in a link.
    pub hash: String,
    /// Entity types in the order of the type attachment.
    pub types: Vec<TypeSummary>,
    /// Number of entities.
    pub entities: u32,
    /// Number of relations.
    pub relations: u32,
    /// Triples: train, valid, test.
    pub triples: [u32; 3],
    /// Diseases with at least one known treatment, by name.
    pub diseases: Vec<EntityRef>,
    /// The disease to show first.
    pub default_disease: Option<EntityId>,
    /// Metrics of the pack's model, each with its protocol; empty where there is no model.
    pub metrics: Vec<MetricLine>,
    /// Settings of the pack's model, or defaults.
    pub settings: Settings,
    /// Whether the pack carries a trained model.
    pub has_model: bool,
    /// How the map of the pack's model was made and how far it may be believed, where the pack brings one.
    pub layout: String,
    /// How much of the held-out answers the descriptions give away, one line per template.
    pub leaks: Vec<LeakLine>,
    /// Templates whose text vectors the pack brings: what a live run can be anchored in.
    pub templates: Vec<Template>,
    /// Repurposing stories to replay.
    pub cases: Vec<CaseCard>,
}

/// One entity type of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeSummary {
    /// `Compound`, `Disease`, `Gene`, …
    pub name: String,
    /// Entities of this type.
    pub count: u32,
}

/// An entity, short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityRef {
    /// Row.
    pub entity: EntityId,
    /// Identifier, for example `Compound::DB00945`.
    pub id: String,
    /// Human name; the identifier where none is known.
    pub label: String,
    /// Type name.
    pub kind: String,
}

impl EntityRef {
    /// The short form of an entity; the caller has checked that it exists.
    pub(super) fn of(vocabulary: &Vocabulary, row: EntityId) -> Self {
        match vocabulary.entity(row) {
            Some(entity) => EntityRef {
                entity: row,
                id: entity.id.clone(),
                label: entity.label.clone(),
                kind: vocabulary.type_name(entity.kind).to_owned(),
            },
            None => EntityRef { entity: row, id: String::new(), label: String::new(), kind: String::new() },
        }
    }
}

/// A search hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityMatch {
    /// The entity.
    pub entity: EntityRef,
    /// The synonym or identifier that matched, where it was not the name.
    pub matched: Option<String>,
    /// Whether drugs can be ranked for it (a disease).
    pub is_disease: bool,
}

/// An entity in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityCard {
    /// The entity.
    pub entity: EntityRef,
    /// Other names.
    pub synonyms: Vec<String>,
    /// Field of a disease; empty where none is given.
    pub area: String,
    /// What the pack has been told about it, by a language model.
    pub description: Option<Written>,
    /// What speaks against a drug.
    pub cautions: Vec<CautionLine>,
    /// Number of training triples it takes part in.
    pub degree: u32,
    /// What the graph states about it, grouped by relation; at most 60.
    pub facts: Vec<Fact>,
    /// How many facts there are in all.
    pub facts_total: u32,
}

/// A description, and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The text, by LLaDR's template "good".
    pub text: String,
    /// Who wrote it and when, to be shown beside it.
    pub by: String,
}

/// Something that speaks against a drug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CautionLine {
    /// How.
    pub kind: CautionKind,
    /// A disease or a side effect.
    pub about: EntityRef,
}

/// A repurposing story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCard {
    /// Short name, for addresses.
    pub id: String,
    /// Title.
    pub title: String,
    /// The drug.
    pub drug: EntityRef,
    /// The disease it turned out to help with.
    pub disease: EntityRef,
    /// What happened.
    pub story: String,
    /// What to look for.
    pub look_for: String,
}

/// One triple, seen from an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Relation name, for example `Hetionet::CtD::Compound:Disease`.
    pub relation: String,
    /// The relation in words, for example `treats`, read head to tail.
    pub words: String,
    /// Whether the described entity is the head.
    pub outgoing: bool,
    /// The other end.
    pub other: EntityRef,
    /// Whether the triple was kept from training.
    pub held_out: bool,
}

/// Where the model on the screen comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelSource {
    /// Trained beforehand, shipped in the pack.
    Pack,
    /// Being trained here.
    Live,
}

/// State of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// Which model is on the screen.
    pub source: ModelSource,
    /// Whether it trains right now.
    pub running: bool,
    /// Completed epochs of the live run.
    pub epoch: u32,
    /// Settings in force.
    pub settings: Settings,
    /// Number of the experiment that runs, from 1; 0 where none does.
    pub experiment: u32,
}

/// After a slice of training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Completed epochs, with the current one's share, for example 3.25.
    pub epoch: f32,
    /// Steps done.
    pub step: u32,
    /// Mean link loss per positive over the slice.
    pub loss: f32,
    /// Mean anchor loss with its weight over the slice; 0 without an anchor.
    pub anchor_loss: f32,
    /// Positives trained per second of wall time, over the last second or so.
    pub triples_per_sec: f32,
}

/// Drugs for a disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// The disease.
    pub disease: EntityRef,
    /// Best first; at most the requested number.
    pub rows: Vec<RankingRow>,
    /// How many drugs were ranked.
    pub candidates: u32,
    /// Drugs the model was trained on for this disease.
    pub known: u32,
    /// Of these, among the first ten rows.
    pub known_in_top_10: u32,
    /// Treatments that were kept from training.
    pub held_out: u32,
    /// The best rank of one of these.
    pub held_out_best: Option<f32>,
    /// Scoring function of the model.
    pub interaction: Interaction,
    /// Where the model comes from.
    pub source: ModelSource,
    /// Epoch of the live run; 0 for the pack's model.
    pub epoch: u32,
    /// How the ranking was made, in words.
    pub protocol: String,
}

/// One drug of a ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankingRow {
    /// The drug.
    pub drug: EntityRef,
    /// Realistic rank among all candidates, from 1; ties share their mean.
    pub rank: f32,
    /// Score under the model: higher is more plausible; not a probability.
    pub score: f32,
    /// Share of candidates ranked below, 0 to 100.
    pub percentile: f32,
    /// Known treatment, held-out treatment, or prediction.
    pub status: LinkStatus,
    /// How well a known or held-out treatment is supported, where the pack says so.
    pub grade: Option<Grade>,
    /// Whether the pack lists the disease against the drug: contraindicated, or made worse by it.
    pub caution: Option<CautionKind>,
    /// Number of training triples of the drug: well-connected drugs tend to score high.
    pub degree: u32,
}
