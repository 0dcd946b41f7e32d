//! The case against a drug for a disease: what a critic would say, from the graph and the model.
//!
//! Cautions and harms speak about the drug; competitors, degree and reliability about the prediction. The
//! degree check asks whether a popular drug would stand as high for any disease: its rank when drugs are
//! sorted by their number of training triples alone, and Spearman's ρ between the scores of all
//! drugs for this disease and their degrees. The reliability is the filtered rank of held-out treatments
//! of this disease: treatments that the model was trained on are not counted as being in the way.

use serde::{Deserialize, Serialize};

use super::weight::View;
use crate::error::{Error, Result};
use crate::graph::{KnowledgeGraph, Relation, Vocabulary};
use crate::ids::{EntityId, RelationId};
use crate::predict::{LinkStatus, RankedDisease, RankedDrug, rank_diseases, rank_drugs};

/// A caution as a pack's notes state it; `K` is the pack's word for its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CautionNote<K> {
    /// A disease or a side effect.
    pub about: EntityId,
    /// How it speaks against the drug.
    pub kind: K,
}

/// A training triple that states a harm of the drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harm {
    /// The relation.
    pub relation: RelationId,
    /// What it harms or causes.
    pub about: EntityId,
    /// Number of drugs, or whatever stands on the drug's side, with the same harm: few make it specific.
    pub shared_by: u32,
}

/// Harms of the drug that the graph states.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Harms {
    /// How many.
    pub count: u32,
    /// Those about this disease, then the most specific.
    pub first: Vec<Harm>,
}

/// Those ranked above the one at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Competition<T> {
    /// How many score strictly higher.
    pub above: u32,
    /// How many there are, with the one at hand.
    pub candidates: u32,
    /// The first of those above.
    pub first: Vec<T>,
}

/// How much of a drug's place its degree explains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DegreeCheck {
    /// Rank by the model, ties at their mean.
    pub rank: f32,
    /// Rank by number of training triples alone, ties at their mean.
    pub rank_by_degree: f32,
    /// Number of training triples.
    pub degree: u32,
    /// Spearman's ρ between score and degree over all drugs of this disease; 0 where either is constant.
    pub correlation: f32,
}

/// What became of the treatments of this disease that were kept from training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reliability {
    /// How many were kept (valid and test).
    pub held_out: u32,
    /// How many of them the model ranks in its first 10, filtered.
    pub in_top_10: u32,
    /// How many in its first 100.
    pub in_top_100: u32,
    /// Drugs that were ranked.
    pub candidates: u32,
    /// The same in a sentence.
    pub words: String,
}

/// What speaks against a drug for a disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseAgainst<K> {
    /// Cautions about this disease.
    pub cautions: Vec<CautionNote<K>>,
    /// Other cautions of the drug.
    pub other_cautions: Vec<CautionNote<K>>,
    /// Harms that the graph states.
    pub harms: Harms,
    /// Drugs that the model ranks above this one for the disease.
    pub drugs: Competition<RankedDrug>,
    /// Diseases that the model ranks above this one for the drug.
    pub diseases: Competition<RankedDisease>,
    /// Would its degree alone bring it there?
    pub degree: DegreeCheck,
    /// How well the model does on this disease.
    pub reliability: Reliability,
}

/// Relations that state a harm of a drug, by the code in their identifier: `CcSE` (Hetionet: causes side effect),
/// `Sa` and `J` (GNBR: adverse event, role in disease pathogenesis), or by words that say so.
///
/// DRKG states `J` for genes too: that a gene takes part in a disease is no harm of a drug.
pub fn harm_relations(vocabulary: &Vocabulary) -> Vec<RelationId> {
    const CODES: [&str; 3] = ["CcSE", "Sa", "J"];
    const WORDS: [&str; 6] = ["side effect", "side_effect", "adverse", "contraindicat", "worsens", "toxic"];
    let states_harm = |relation: &Relation| {
        let mut parts = relation.id.split("::").skip(1);
        let code = parts.next().unwrap_or(&relation.id);
        let is_of_gene = parts.next().is_some_and(|ends| ends.starts_with("Gene:"));
        let words = [code, &relation.words].map(str::to_lowercase);
        let says_so = WORDS.iter().any(|word| words.iter().any(|text| text.contains(word)));
        (CODES.contains(&code) || says_so) && !is_of_gene
    };
    let rows = vocabulary.relations().iter().zip(0..).filter(|(relation, _)| states_harm(relation));
    rows.map(|(_, row)| RelationId(row)).collect()
}

/// The case against `drug` for `disease`: `cautions` are all those of the drug, `harmful` the relations that
/// state a harm ([`harm_relations`]), and lists hold their first `most`.
///
/// # Errors
/// [`Error::NotFound`] when the graph has no drugs and diseases, or the two are none.
pub fn case_against<K: Copy>(
    view: View<'_>,
    drug: EntityId,
    disease: EntityId,
    cautions: &[CautionNote<K>],
    harmful: &[RelationId],
    most: usize,
) -> Result<CaseAgainst<K>> {
    let drugs = rank_drugs(view.graph, view.model, disease)?;
    let diseases = rank_diseases(view.graph, view.model, drug)?;
    let missing = || Error::NotFound("this drug is not among the drugs of the pack".into());
    let own = drugs.iter().find(|row| row.drug == drug).ok_or_else(missing)?;
    let score = diseases.iter().find(|row| row.disease == disease).map_or(f32::MAX, |row| row.score);
    let (here, other): (Vec<_>, Vec<_>) = cautions.iter().partition(|caution| caution.about == disease);
    Ok(CaseAgainst {
        cautions: here,
        other_cautions: other,
        harms: harms(view, drug, disease, harmful, most),
        degree: degree_check(view.graph, &drugs, own),
        reliability: reliability(view.graph, &drugs, disease),
        drugs: competition(&drugs, most, |row| row.score > own.score),
        diseases: competition(&diseases, most, |row| row.score > score),
    })
}

fn competition<T: Copy>(ranked: &[T], most: usize, is_above: impl Fn(&T) -> bool) -> Competition<T> {
    let above = ranked.iter().take_while(|row| is_above(row)).count();
    let first = ranked[..above.min(most)].to_vec();
    Competition { above: above as u32, candidates: ranked.len() as u32, first }
}

fn harms(view: View<'_>, drug: EntityId, disease: EntityId, harmful: &[RelationId], most: usize) -> Harms {
    let mut first = Vec::new();
    for run in view.adjacency.runs(drug).filter(|run| harmful.contains(&run.relation)) {
        first.extend(run.others.iter().map(|&other| {
            let about = EntityId(other);
            let shared_by = view.adjacency.degree_within(about, run.relation, run.side.opposite());
            Harm { relation: run.relation, about, shared_by }
        }));
    }
    let count = first.len() as u32;
    first.sort_by_key(|harm| (harm.about != disease, harm.shared_by, harm.about, harm.relation));
    first.truncate(most);
    Harms { count, first }
}

/// Mean ranks from 1, the largest value first.
fn mean_ranks(values: &[f32]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    let (mut ranks, mut before) = (vec![0.0; values.len()], 0);
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f32 + 0.5 * (tied.len() + 1) as f32;
        tied.iter().for_each(|&at| ranks[at] = rank);
        before += tied.len();
    }
    ranks
}

fn degree_check(graph: &KnowledgeGraph, drugs: &[RankedDrug], own: &RankedDrug) -> DegreeCheck {
    let degrees: Vec<f32> = drugs.iter().map(|row| graph.degree(row.drug) as f32).collect();
    let by_degree = mean_ranks(&degrees);
    let mean = 0.5 * (drugs.len() as f64 + 1.0);
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (row, rank) in drugs.iter().zip(&by_degree) {
        let (a, b) = (f64::from(row.rank) - mean, f64::from(*rank) - mean);
        (both, first, second) = (both + a * b, first + a * a, second + b * b);
    }
    let spread = (first * second).sqrt();
    let at = drugs.iter().position(|row| row.drug == own.drug);
    DegreeCheck {
        rank: own.rank,
        rank_by_degree: at.map_or(0.0, |at| by_degree[at]),
        degree: graph.degree(own.drug),
        correlation: if spread > 0.0 { (both / spread) as f32 } else { 0.0 },
    }
}

/// Ranks of held-out drugs among those that are not known treatments: others known to be true, trained on
/// or held out, are left out of each one's way, as in filtered evaluation.
fn reliability(graph: &KnowledgeGraph, drugs: &[RankedDrug], disease: EntityId) -> Reliability {
    let (mut held_out, mut in_top_10, mut in_top_100) = (0, 0, 0);
    // Realistic ranks: the known ones ahead go, and of those that tie, half.
    let known: Vec<&RankedDrug> = drugs.iter().filter(|row| row.status != LinkStatus::Predicted).collect();
    for row in known.iter().filter(|row| row.status == LinkStatus::HeldOut) {
        let ahead = known.iter().filter(|other| other.score > row.score).count() as f32;
        let tied = known.iter().filter(|other| other.score == row.score && other.drug != row.drug).count() as f32;
        let rank = row.rank - ahead - 0.5 * tied;
        held_out += 1;
        in_top_10 += u32::from(rank <= 10.0);
        in_top_100 += u32::from(rank <= 100.0);
    }
    let candidates = drugs.len() as u32;
    let label = graph.vocabulary.entity(disease).map_or("this disease", |entity| &entity.label);
    let words = match held_out {
        0 => format!("No treatment of {label} was kept from training, so nothing here tests the model on it."),
        1 => format!(
            "One treatment of {label} was kept from training; the model places it {} of {candidates} drugs, \
             other known treatments set aside.",
            match (in_top_10, in_top_100) {
                (1, _) => "in the first 10",
                (_, 1) => "in the first 100, not in the first 10,",
                _ => "behind the first 100",
            }
        ),
        _ => format!(
            "Of {held_out} treatments of {label} that were kept from training, the model places {in_top_10} in the \
             first 10 and {in_top_100} in the first 100 of {candidates} drugs, other known treatments set aside."
        ),
    };
    Reliability { held_out, in_top_10, in_top_100, candidates, words }
}
