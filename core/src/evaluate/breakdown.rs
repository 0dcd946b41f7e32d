//! Where a model is good and where not: the queries of an evaluation in groups.
//!
//! Scores of knowledge-graph embeddings track the degree of hubs, and heads and tails are different
//! questions, so one number hides much. Groups stand in a fixed order and empty ones are left out.
//!
//! A relation's category (Bordes et al., 2013) is `1` or `N` at each end: the tail end is `N` where the training
//! triples give a head of the relation 1.5 tails or more on average, the head end likewise.

use std::collections::BTreeMap;

use super::metrics::Metrics;
use super::rank::Rank;
use super::{Evaluation, QueryResult};
use crate::graph::{KnowledgeGraph, Side, Split};
use crate::ids::{EntityId, RelationId};

/// Partners on average from which an end of a relation is `N`.
const MANY: f64 = 1.5;

/// What the groups have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The side that is asked: heads, tails.
    Side,
    /// The relation, by row.
    Relation,
    /// The relation's category: 1-1, 1-N, N-1, N-N; last, relations without a training triple.
    RelationCategory,
    /// Training triples of the true answer: 0, then 1–3, 4–15, 16–63 and so on by powers of four.
    Degree,
    /// The disease of a drug–disease triple, by row; other triples are in no group.
    Disease,
}

/// Metrics of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What the queries have in common, for a person: `tails`, `N-1`, `4–15`, a relation's identifier, a disease's name.
    pub name: String,
    /// Metrics over its queries, by the evaluation's protocol; their number is `metrics.queries`.
    pub metrics: Metrics,
}

impl Evaluation {
    /// The evaluation's queries in groups.
    pub fn breakdown(&self, graph: &KnowledgeGraph, by: By) -> Vec<Group> {
        let categories = if by == By::RelationCategory { relation_categories(graph) } else { Vec::new() };
        let key = |result: &QueryResult| match by {
            By::Side => Some(u32::from(result.side == Side::Tail)),
            By::Relation => Some(result.triple.relation),
            By::RelationCategory => Some(categories[result.triple.relation().index()] as u32),
            By::Degree => {
                let degree = graph.degree(result.triple.entity(result.side));
                Some(degree.checked_ilog(4).map_or(0, |power| power + 1))
            }
            By::Disease => disease(graph, result).map(|entity| entity.0),
        };
        let mut groups: BTreeMap<u32, Vec<Rank>> = BTreeMap::new();
        for result in &self.results {
            if let Some(key) = key(result) {
                groups.entry(key).or_default().push(result.rank);
            }
        }
        let name = |key: u32| match by {
            By::Side => ["heads", "tails"][key.min(1) as usize].to_owned(),
            By::Relation => graph.vocabulary.relation(RelationId(key)).map_or_else(String::new, |r| r.id.clone()),
            By::RelationCategory => RelationCategory::ALL[key as usize].name().to_owned(),
            By::Degree => match key.checked_sub(1).map(|power| 4u64.pow(power)) {
                None => "0".to_owned(),
                Some(least) => format!("{least}–{}", 4 * least - 1),
            },
            By::Disease => graph.vocabulary.entity(EntityId(key)).map_or_else(String::new, |e| e.label.clone()),
        };
        groups
            .into_iter()
            .map(|(key, ranks)| Group { name: name(key), metrics: Metrics::by(&ranks, self.protocol.ties) })
            .collect()
    }
}

/// The disease of a drug–disease triple.
fn disease(graph: &KnowledgeGraph, result: &QueryResult) -> Option<EntityId> {
    let roles = graph.roles.as_ref()?;
    let kind = |entity: EntityId| graph.vocabulary.entity(entity).map(|entity| entity.kind);
    let is = |drug: EntityId, disease: EntityId| kind(drug) == Some(roles.drug) && kind(disease) == Some(roles.disease);
    let (head, tail) = (result.triple.entity(Side::Head), result.triple.entity(Side::Tail));
    if is(head, tail) {
        Some(tail)
    } else if is(tail, head) {
        Some(head)
    } else {
        None
    }
}

/// How many partners the ends of a relation have, head end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationCategory {
    /// One head per tail, one tail per head.
    OneToOne,
    /// A head has many tails.
    OneToMany,
    /// A tail has many heads.
    ManyToOne,
    /// Both.
    ManyToMany,
    /// No training triple tells.
    Untrained,
}

impl RelationCategory {
    /// All, in the order in which they are shown.
    pub const ALL: [RelationCategory; 5] = [
        RelationCategory::OneToOne,
        RelationCategory::OneToMany,
        RelationCategory::ManyToOne,
        RelationCategory::ManyToMany,
        RelationCategory::Untrained,
    ];

    /// As in the literature: `1-N`.
    pub fn name(self) -> &'static str {
        match self {
            RelationCategory::OneToOne => "1-1",
            RelationCategory::OneToMany => "1-N",
            RelationCategory::ManyToOne => "N-1",
            RelationCategory::ManyToMany => "N-N",
            RelationCategory::Untrained => "no training triple",
        }
    }
}

/// Category of each relation, by row, from the different training triples.
pub fn relation_categories(graph: &KnowledgeGraph) -> Vec<RelationCategory> {
    // Different triples per relation, and different entities at the end that comes first in the sorted rows.
    let counts = |side: Side| {
        let end = |at: Side, t: &crate::graph::Triple| t.entity(at).0;
        let mut rows: Vec<[u32; 3]> = graph
            .triples(Split::Train)
            .iter()
            .map(|triple| [triple.relation, end(side, triple), end(side.opposite(), triple)])
            .collect();
        rows.sort_unstable();
        rows.dedup();
        let mut counts = vec![[0u32; 2]; graph.relation_count()];
        for same_end in rows.chunk_by(|a, b| a[..2] == b[..2]) {
            let [triples, entities] = &mut counts[same_end[0][0] as usize];
            *triples += same_end.len() as u32;
            *entities += 1;
        }
        counts
    };
    let is_many = |[triples, entities]: [u32; 2]| f64::from(triples) >= MANY * f64::from(entities);
    let (by_head, by_tail) = (counts(Side::Head), counts(Side::Tail));
    let category = |(by_head, by_tail): ([u32; 2], [u32; 2])| match (is_many(by_tail), is_many(by_head)) {
        _ if by_head[0] == 0 => RelationCategory::Untrained,
        (false, false) => RelationCategory::OneToOne,
        (false, true) => RelationCategory::OneToMany,
        (true, false) => RelationCategory::ManyToOne,
        (true, true) => RelationCategory::ManyToMany,
    };
    by_head.into_iter().zip(by_tail).map(category).collect()
}
