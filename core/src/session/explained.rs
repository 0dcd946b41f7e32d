//! Why a drug might help in a disease, and what speaks against it, with every name in place.
//!
//! The values of [`crate::explain`] are rows; here each row becomes an [`EntityRef`] and each relation its words, so
//! that a page shows an explanation without asking again. Nearness is measured as the scoring function does:
//! Euclidean distance for those that measure distances, cosine distance for those that multiply.

use serde::{Deserialize, Serialize};

use super::event::{CautionLine, EntityRef, ModelSource};
use super::loaded::LoadedPack;
use super::ranked::Shown;
use crate::error::{Error, Result};
use crate::explain::{self, CaseAgainst, CautionNote, EdgeWeights, Neighbour, PathEdge, PathOptions, View};
use crate::graph::{KnowledgeGraph, Side};
use crate::ids::{EntityId, RelationId};
use crate::model::{Interaction, Metric, Similarity};
use crate::pack::{CautionKind, Grade, Pack};

/// Entries of every list but the paths.
const MOST: usize = 8;

/// What stands for and against a drug in a disease. None of it is the reason of a score: an embedding has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The drug.
    pub drug: EntityRef,
    /// The disease.
    pub disease: EntityRef,
    /// Scoring function of the model that weighs.
    pub interaction: Interaction,
    /// Where the model comes from.
    pub source: ModelSource,
    /// Epoch of the live run; 0 for the pack's model.
    pub epoch: u32,
    /// The best paths through the training triples but over harms by meta-path, the meta-path with the largest sum first.
    pub groups: Vec<PathGroup>,
    /// Number of all paths that were searched.
    pub path_count: f64,
    /// Most edges of a path.
    pub longest: u32,
    /// Ends that were too crowded to be searched whole; sums and counts are then of what was searched.
    pub capped: Vec<EntityRef>,
    /// The distance that [`Other::value`] of near ones is.
    pub metric: Metric,
    /// Drugs known to treat the disease, nearest to the drug first.
    pub near_drugs: Vec<Other>,
    /// How many are known.
    pub near_drugs_known: u32,
    /// Diseases the drug is known to treat, nearest to the disease first.
    pub near_diseases: Vec<Other>,
    /// How many are known.
    pub near_diseases_known: u32,
    /// The case against.
    pub against: Against,
}

/// Paths of one sequence of relations and types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathGroup {
    /// The sequence, from the drug on.
    pub steps: Vec<StepWords>,
    /// Sum of the worth of all its paths, also those that are not listed.
    pub sum: f64,
    /// Number of all its paths.
    pub count: f64,
    /// Those among the best, best first: where each step of the sequence arrives, the last time at the disease.
    pub paths: Vec<Vec<Stop>>,
}

/// A relation as it is travelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepWords {
    /// Identifier of the relation.
    pub relation: String,
    /// Its words, read from head to tail.
    pub words: String,
    /// Whether the step goes from head to tail; else the words are read backwards.
    pub is_forward: bool,
    /// Type of the entity that it arrives at.
    pub to: String,
}

/// Where an edge of a path arrives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// The entity.
    pub entity: EntityRef,
    /// What the model thinks of the edge, from 0 to 1; ½ is typical of its relation.
    pub weight: f32,
    /// Discount of the edge for the degrees of its ends; 1 where it is the only one of its relation at both.
    pub discount: f32,
}

/// Another drug for the same disease, another disease for the same drug, or what a drug harms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Other {
    /// The other drug or disease.
    pub entity: EntityRef,
    /// Of a near one its distance, smaller is nearer; of a rival its realistic rank; of a harm the number of drugs
    /// that share it.
    pub value: f32,
    /// How well this treatment is supported, where the pack says so.
    pub grade: Option<Grade>,
}

/// What a critic would say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// Cautions of the pack about this disease.
    pub cautions: Vec<CautionLine>,
    /// Other cautions about the drug.
    pub other_cautions: Vec<CautionLine>,
    /// Harms that the graph states: those about this disease, then those that few drugs share.
    pub harms: Vec<Other>,
    /// How many harms there are.
    pub harm_count: u32,
    /// Drugs that the model ranks above this one for the disease.
    pub drugs: Rivals,
    /// Diseases that the model ranks above this one for the drug.
    pub diseases: Rivals,
    /// Its rank by the model, ties at their mean.
    pub rank: f32,
    /// Its rank by number of training triples alone: would its degree bring it there?
    pub rank_by_degree: f32,
    /// Spearman's ρ between score and degree over all drugs of this disease.
    pub degree_correlation: f32,
    /// How well the model does on this disease, in a sentence.
    pub reliability: String,
}

/// Those ranked above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rivals {
    /// How many score strictly higher.
    pub above: u32,
    /// How many were ranked.
    pub candidates: u32,
    /// The first of those above.
    pub first: Vec<Other>,
}

/// Everything for and against a pair under the pack's own model: what a session answers when the pack has just been
/// opened.
///
/// # Errors
/// [`Error::NotFound`] when the pack brings no model, or the two are not a drug and a disease of it.
pub fn pack_explanation(pack: Pack, drug: EntityId, disease: EntityId) -> Result<Explanation> {
    let loaded = LoadedPack::new(String::new(), pack);
    let model = loaded.pack.model.as_ref().ok_or_else(|| Error::NotFound("this pack brings no model".into()))?;
    loaded.explain(Shown { model, source: ModelSource::Pack, epoch: 0 }, drug, disease)
}

impl LoadedPack {
    /// Everything for and against a pair under the model on the screen.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the two are not a drug and a disease of the pack.
    pub fn explain(&self, shown: Shown<'_>, drug: EntityId, disease: EntityId) -> Result<Explanation> {
        let (graph, model, notes) = (self.graph(), shown.model, &self.pack.notes);
        let (drug_ref, disease_ref) = (self.existing(drug)?, self.existing(disease)?);
        let weights = EdgeWeights::new(graph, model)?;
        let view = View { graph, adjacency: self.adjacency(), model, weights: &weights };
        let cautions: Vec<CautionNote<CautionKind>> =
            notes.cautions(drug).iter().map(|line| CautionNote { about: line.about, kind: line.kind }).collect();
        let harmful = explain::harm_relations(&graph.vocabulary);
        // It also sees to it that the two are a drug and a disease.
        let case = explain::case_against(view, drug, disease, &cautions, &harmful, MOST)?;
        let options = PathOptions::default();
        let paths = explain::paths(view, drug, disease, &harmful, &options)?;
        let metric = metric_of(model.interaction);
        let known = explain::nearest_known(view, drug, disease, metric, MOST)?;
        let near = |entries: Vec<Neighbour>, pair: &dyn Fn(EntityId) -> (EntityId, EntityId)| {
            let other = |near: Neighbour| self.other(near.entity, near.distance, pair(near.entity));
            entries.into_iter().map(other).collect()
        };
        Ok(Explanation {
            drug: drug_ref,
            disease: disease_ref,
            interaction: model.interaction,
            source: shown.source,
            epoch: shown.epoch,
            groups: paths.groups.iter().map(|group| self.path_group(group)).collect(),
            path_count: paths.count as f64,
            longest: options.longest,
            capped: paths.caps.iter().map(|cap| self.entity_ref(cap.entity)).collect(),
            metric,
            near_drugs: near(known.drugs, &|other| (other, disease)),
            near_drugs_known: known.drugs_known,
            near_diseases: near(known.diseases, &|other| (drug, other)),
            near_diseases_known: known.diseases_known,
            against: self.against(case, drug, disease),
        })
    }

    /// One end of a pair that may be a treatment.
    fn other(&self, entity: EntityId, value: f32, (drug, disease): (EntityId, EntityId)) -> Other {
        Other { entity: self.entity_ref(entity), value, grade: self.pack.notes.grade(drug, disease) }
    }

    fn path_group(&self, group: &explain::MetaPath) -> PathGroup {
        let graph = self.graph();
        let step = |step: &explain::MetaStep| StepWords {
            relation: graph.vocabulary.relation(step.relation).map_or(String::new(), |relation| relation.id.clone()),
            words: words_of(graph, step.relation),
            is_forward: step.towards == Side::Tail,
            to: graph.vocabulary.type_name(step.to).to_owned(),
        };
        let stop = |edge: &PathEdge| {
            let entity = match edge.towards {
                Side::Tail => edge.tail,
                Side::Head => edge.head,
            };
            Stop { entity: self.entity_ref(entity), weight: edge.weight, discount: edge.discount }
        };
        let line = |path: &explain::Path| path.edges.iter().map(stop).collect();
        PathGroup {
            steps: group.steps.iter().map(step).collect(),
            sum: group.sum,
            count: group.count as f64,
            paths: group.paths.iter().map(line).collect(),
        }
    }

    fn against(&self, case: CaseAgainst<CautionKind>, drug: EntityId, disease: EntityId) -> Against {
        let caution =
            |note: &CautionNote<CautionKind>| CautionLine { kind: note.kind, about: self.entity_ref(note.about) };
        let harm = |harm: &explain::Harm| self.other(harm.about, harm.shared_by as f32, (drug, harm.about));
        Against {
            cautions: case.cautions.iter().map(caution).collect(),
            other_cautions: case.other_cautions.iter().map(caution).collect(),
            harms: case.harms.first.iter().map(harm).collect(),
            harm_count: case.harms.count,
            drugs: Rivals {
                above: case.drugs.above,
                candidates: case.drugs.candidates,
                first: case.drugs.first.iter().map(|row| self.other(row.drug, row.rank, (row.drug, disease))).collect(),
            },
            diseases: Rivals {
                above: case.diseases.above,
                candidates: case.diseases.candidates,
                first: case
                    .diseases
                    .first
                    .iter()
                    .map(|row| self.other(row.disease, row.rank, (drug, row.disease)))
                    .collect(),
            },
            rank: case.degree.rank,
            rank_by_degree: case.degree.rank_by_degree,
            degree_correlation: case.degree.correlation,
            reliability: case.reliability.words,
        }
    }
}

fn words_of(graph: &KnowledgeGraph, relation: RelationId) -> String {
    graph.vocabulary.relation(relation).map_or(String::new(), |relation| relation.words.clone())
}

fn metric_of(interaction: Interaction) -> Metric {
    match interaction.similarity() {
        Similarity::Dot => Metric::Cosine,
        Similarity::L1 | Similarity::L2 | Similarity::Modulus => Metric::Euclidean,
    }
}
