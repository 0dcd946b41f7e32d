//! Paths between a drug and a disease, the most telling first.
//!
//! A path of `L` edges is worth the product
//!
//! `score = Π_e weight_e · (d_head,e · d_tail,e)^−w`
//!
//! of what the model thinks of each edge and how few others each edge's ends have (see `weight.rs`). With
//! all weights 1 it is the path-degree product, and the sum over a meta-path is its degree-weighted path
//! count. Longer paths have more factors below 1, so they must be better to stand beside short ones.
//!
//! The search meets in the middle: both ends look one or two hops out and join where they meet
//! (`fronts.rs`, `meet.rs`). Paths pass no entity twice. Edges are the training triples, less the
//! treatments between the two ends themselves: what is to be explained explains nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fronts::{Front, Half};
use super::meet::{Best, Found, Join};
use super::weight::View;
use crate::error::{Error, Result};
use crate::graph::{Side, Triple};
use crate::ids::{EntityId, RelationId, TypeId};

/// Most edges of a path.
pub const LONGEST: u32 = 4;

/// Most paths that can be asked for.
const MOST_PATHS: usize = 1000;

/// What to search for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PathOptions {
    /// Most edges of a path, from 1 to [`LONGEST`].
    pub longest: u32,
    /// How many paths to return, at most 1000.
    pub most_paths: usize,
    /// The exponent `w` of the hub discount; 0 for none.
    pub hub_exponent: f32,
    /// Edges that the second hop out of an end may look at. Beyond it, only the neighbours with the
    /// strongest edges are followed, and the answer says so ([`Paths::caps`]).
    pub most_edges: usize,
}

impl Default for PathOptions {
    fn default() -> Self {
        PathOptions { longest: 3, most_paths: 20, hub_exponent: 0.4, most_edges: 2_000_000 }
    }
}

/// An edge of a path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PathEdge {
    /// Head, as the graph states it.
    pub head: EntityId,
    /// Relation.
    pub relation: RelationId,
    /// Tail, as the graph states it.
    pub tail: EntityId,
    /// The end that the path arrives at: `Tail` where it goes along the relation.
    pub towards: Side,
    /// What the model thinks of it, from 0 to 1; ½ is typical of the relation.
    pub weight: f32,
    /// Hub discount.
    pub discount: f32,
}

/// A path from the drug to the disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Its edges, in the order of travel.
    pub edges: Vec<PathEdge>,
    /// Product of the edges' hub discounts.
    pub discount: f32,
    /// Product of all weights and discounts.
    pub score: f64,
}

/// A step of a meta-path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetaStep {
    /// Relation.
    pub relation: RelationId,
    /// Whether the step goes along it or against it.
    pub against: bool,
    /// Type of the entity that it arrives at.
    pub to: TypeId,
}

/// All paths of one sequence of relations, directions and types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetaPath {
    /// The sequence.
    pub steps: Vec<MetaStep>,
    /// Sum of the scores of all its paths, also those that are not listed.
    pub sum: f64,
    /// Number of all its paths.
    pub count: u64,
    /// Those among the best, best first.
    pub paths: Vec<Path>,
}

/// That an end was too crowded to be searched whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The end.
    pub entity: EntityId,
    /// Neighbours followed by a second hop: those with the strongest edges.
    pub expanded: u32,
    /// All its neighbours.
    pub neighbours: u32,
}

/// How the graph connects a drug and a disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paths {
    /// The best paths by meta-path, the one with the largest sum first.
    pub groups: Vec<MetaPath>,
    /// Number of all paths that were searched.
    pub count: u64,
    /// Where the search left something out; empty when it was exhaustive. Sums and counts are then of
    /// what was searched.
    pub caps: Vec<Cap>,
}

/// The best paths between two entities of the graph, here called drug and disease.
///
/// # Errors
/// [`Error::NotFound`] when an end does not exist or both are the same, [`Error::Settings`] for options out of range.
pub fn paths(view: View<'_>, drug: EntityId, disease: EntityId, options: &PathOptions) -> Result<Paths> {
    check(view, drug, disease, options)?;
    let exponent = options.hub_exponent;
    let (mut near, mut far) = (Front::new(view, drug, disease, exponent), Front::new(view, disease, drug, exponent));
    // The near front is the one whose second hop is cheaper: paths of three edges need only one.
    if far.cost() < near.cost() {
        std::mem::swap(&mut near, &mut far);
    }
    let mut caps = Vec::new();
    if options.longest >= 3 {
        let mut wanted = vec![options.longest > 3; view.graph.entity_count()];
        far.one.by_end().for_each(|ways| wanted[ways[0].end as usize] = true);
        (wanted[drug.index()], wanted[disease.index()]) = (false, false);
        caps.extend(near.expand(&wanted, options.most_edges));
    }
    if options.longest >= 4 {
        let mut wanted = vec![false; view.graph.entity_count()];
        near.two.by_end().for_each(|ways| wanted[ways[0].end as usize] = true);
        caps.extend(far.expand(&wanted, options.most_edges));
    }

    let joins = [(2, &near.one, &far.one), (3, &near.two, &far.one), (4, &near.two, &far.two)]
        .map(|(hops, near, far)| Join { hops, near, far });
    let joins = &joins[..options.longest as usize - 1];
    let mut best = Best::new(options.most_paths);
    joins.iter().for_each(|join| join.search(&mut best));
    let mut listed = listed(&best.into_sorted());
    let mut groups = Vec::new();
    let mut count = 0;
    for join in joins {
        let of_length = listed.split_off(&(join.hops + 1, [0, 0]));
        let (pairs, found): (Vec<_>, Vec<_>) =
            std::mem::replace(&mut listed, of_length).into_iter().map(|((_, pair), found)| (pair, found)).unzip();
        let mut sums = vec![(0.0, 0); pairs.len()];
        count += join.sum([near.classes.len(), far.classes.len()], &pairs, &mut sums);
        for (found, (sum, count)) in found.iter().zip(sums) {
            let paths: Vec<_> = found.iter().map(|found| path(view, (&near, &far), found, drug, exponent)).collect();
            groups.push(MetaPath { steps: steps(view, &paths), sum, count, paths });
        }
    }
    let direct = direct(view, drug, disease, exponent);
    count += direct.len() as u64;
    groups.extend(direct.into_iter().map(|path| {
        let sum = path.score;
        let paths = vec![path];
        MetaPath { steps: steps(view, &paths), sum, count: 1, paths }
    }));
    keep_best(&mut groups, options.most_paths);
    groups.sort_by(|a, b| b.sum.total_cmp(&a.sum).then_with(|| a.steps.cmp(&b.steps)));
    Ok(Paths { groups, count, caps })
}

fn check(view: View<'_>, drug: EntityId, disease: EntityId, options: &PathOptions) -> Result<()> {
    for end in [drug, disease] {
        if view.graph.vocabulary.entity(end).is_none() {
            return Err(Error::NotFound(format!("entity {} is not in this pack", end.0)));
        }
    }
    if drug == disease {
        return Err(Error::NotFound("paths need two different ends".into()));
    }
    let PathOptions { longest, most_paths, hub_exponent, .. } = *options;
    if !(1..=LONGEST).contains(&longest) {
        return Err(Error::Settings(format!("paths have 1 to {LONGEST} edges, not {longest}")));
    }
    if !(1..=MOST_PATHS).contains(&most_paths) {
        return Err(Error::Settings(format!("1 to {MOST_PATHS} paths can be asked for, not {most_paths}")));
    }
    if !(0.0..=1.0).contains(&hub_exponent) {
        return Err(Error::Settings(format!("the exponent of the hub discount is from 0 to 1, not {hub_exponent}")));
    }
    Ok(())
}

/// Paths by number of edges and pair of classes, each best first.
fn listed(found: &[Found]) -> BTreeMap<(u32, [u32; 2]), Vec<Found>> {
    let mut groups: BTreeMap<_, Vec<Found>> = BTreeMap::new();
    for found in found {
        groups.entry((found.hops, [found.near.class, found.far.class])).or_default().push(*found);
    }
    groups
}

/// The edges that connect both ends directly, less the treatments, as paths.
fn direct(view: View<'_>, drug: EntityId, disease: EntityId, exponent: f32) -> Vec<Path> {
    let treatments = view.graph.roles.as_ref().map_or(&[][..], |roles| &roles.treatments);
    let runs = view
        .adjacency
        .runs(drug)
        .filter(|run| !treatments.contains(&run.relation) && run.others.binary_search(&disease.0).is_ok());
    runs.map(|run| one_path(vec![edge(view, drug, (run.relation, run.side, disease), exponent)])).collect()
}

/// The edge that is found at `from` as one of `relation`, with `other` on `side`, travelled to `other`.
fn edge(
    view: View<'_>,
    from: EntityId,
    (relation, side, other): (RelationId, Side, EntityId),
    exponent: f32,
) -> PathEdge {
    let mut query = vec![0.0; view.model.dim()];
    view.model.query(side, from, relation, &mut query);
    let run = view.adjacency.runs(from).find(|run| run.relation == relation && run.side == side);
    let (weight, discount) = run.map_or((0.0, 0.0), |run| view.edge(&run, &query, other, exponent));
    let (head, tail) = match side {
        Side::Tail => (from, other),
        Side::Head => (other, from),
    };
    PathEdge { head, relation, tail, towards: side, weight, discount }
}

fn path(view: View<'_>, (near, far): (&Front<'_>, &Front<'_>), found: &Found, drug: EntityId, exponent: f32) -> Path {
    let outward = |front: &Front<'_>, half: &Half| {
        let mut from = front.start;
        let edges = front.steps(half).into_iter().map(|step| {
            let edge = edge(view, from, step, exponent);
            from = step.2;
            edge
        });
        edges.collect::<Vec<_>>()
    };
    let (near_edges, far_edges) = (outward(near, &found.near), outward(far, &found.far));
    let (mut edges, back) = if near.start == drug { (near_edges, far_edges) } else { (far_edges, near_edges) };
    edges.extend(back.into_iter().rev().map(|edge| PathEdge { towards: edge.towards.opposite(), ..edge }));
    Path { score: found.score, ..one_path(edges) }
}

fn one_path(edges: Vec<PathEdge>) -> Path {
    let discount = edges.iter().map(|edge| edge.discount).product();
    let score = edges.iter().map(|edge| f64::from(edge.weight * edge.discount)).product();
    Path { edges, discount, score }
}

/// The meta-path of a group, read from its first path.
fn steps(view: View<'_>, paths: &[Path]) -> Vec<MetaStep> {
    let kind = |entity: EntityId| view.graph.vocabulary.entities()[entity.index()].kind;
    let step = |edge: &PathEdge| {
        let triple = Triple::new(edge.head, edge.relation, edge.tail);
        let against = edge.towards == Side::Head;
        MetaStep { relation: edge.relation, against, to: kind(triple.entity(edge.towards)) }
    };
    paths.first().map_or(Vec::new(), |path| path.edges.iter().map(step).collect())
}

/// Drops all but the best paths, and groups that keep none: direct edges came on top.
fn keep_best(groups: &mut Vec<MetaPath>, most: usize) {
    let mut scores: Vec<(f64, usize)> =
        groups.iter().flat_map(|group| group.paths.iter().map(|path| (path.score, path.edges.len()))).collect();
    if scores.len() <= most {
        return;
    }
    scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let worst = scores[most - 1];
    let mut room = most;
    for group in groups.iter_mut() {
        group.paths.retain(|path| {
            let order = worst.0.total_cmp(&path.score).then(path.edges.len().cmp(&worst.1));
            let keeps = order != std::cmp::Ordering::Greater && room > 0;
            room -= usize::from(keeps);
            keeps
        });
    }
    groups.retain(|group| !group.paths.is_empty());
}
