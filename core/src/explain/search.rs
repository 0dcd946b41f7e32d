//! Finds the paths between a drug and a disease, the most telling first.
//!
//! The search meets in the middle: both ends look one or two hops out and join where they meet
//! (`fronts.rs`, `meet.rs`). Paths pass no entity twice. Edges are the training triples, less the
//! treatments between the two ends themselves, since what is to be explained explains nothing, and less
//! those that state a harm: a path over one would not be a reason why the drug might help.

use std::collections::BTreeMap;

use super::fronts::{Front, Half};
use super::meet::{Best, Found, Join};
use super::paths::{MetaPath, MetaStep, Path, PathEdge, PathOptions, Paths};
use super::weight::View;
use crate::error::{Error, Result};
use crate::graph::{Side, Triple};
use crate::ids::{EntityId, RelationId};

/// The best paths between two entities of the graph, here called drug and disease, none of them over a `harmful`
/// relation ([`harm_relations`](super::harm_relations)).
///
/// # Errors
/// [`Error::NotFound`] when an end does not exist or both are the same, [`Error::Settings`] for options out of range.
pub fn paths(
    view: View<'_>,
    drug: EntityId,
    disease: EntityId,
    harmful: &[RelationId],
    options: &PathOptions,
) -> Result<Paths> {
    check(view, drug, disease, options)?;
    let exponent = options.hub_exponent;
    let front = |start, goal| Front::new(view, start, goal, exponent, harmful);
    let (mut near, mut far) = (front(drug, disease), front(disease, drug));
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

    let joins =
        [(1, &near.direct, &far.zero), (2, &near.one, &far.one), (3, &near.two, &far.one), (4, &near.two, &far.two)]
            .map(|(hops, near, far)| Join { hops, near, far });
    let joins = &joins[..options.longest as usize];
    let mut best = Best::new(options.most_paths);
    joins.iter().for_each(|join| join.search(&mut best));
    let best = best.into_sorted();
    let (mut groups, mut count) = (Vec::new(), 0);
    for join in joins {
        let listed = by_classes(best.iter().filter(|found| found.hops == join.hops));
        let pairs: Vec<_> = listed.keys().copied().collect();
        let mut sums = vec![(0.0, 0); pairs.len()];
        count += join.sum([near.class_count(), far.class_count()], &pairs, &mut sums);
        for (found, (sum, count)) in listed.into_values().zip(sums) {
            let paths: Vec<_> = found.iter().map(|found| path(view, (&near, &far), found, drug, exponent)).collect();
            groups.push(MetaPath { steps: steps(view, &paths), sum, count, paths });
        }
    }
    groups.sort_by(|a, b| b.sum.total_cmp(&a.sum));
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
    options.check()
}

/// Paths by pair of classes, each best first.
fn by_classes<'a>(found: impl Iterator<Item = &'a Found>) -> BTreeMap<[u32; 2], Vec<&'a Found>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for found in found {
        groups.entry([found.near.class, found.far.class]).or_default().push(found);
    }
    groups
}

/// The edge that is found at `from` as one of `relation`, with `other` on `side`, travelled to `other`.
pub(super) fn edge(
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
    Path { discount: edges.iter().map(|edge| edge.discount).product(), edges, score: found.score }
}

/// The meta-path of a group, read from its first path.
pub(super) fn steps(view: View<'_>, paths: &[Path]) -> Vec<MetaStep> {
    let kind = |entity: EntityId| view.graph.vocabulary.entities()[entity.index()].kind;
    let step = |edge: &PathEdge| {
        let triple = Triple::new(edge.head, edge.relation, edge.tail);
        MetaStep { relation: edge.relation, towards: edge.towards, to: kind(triple.entity(edge.towards)) }
    };
    paths.first().map_or(Vec::new(), |path| path.edges.iter().map(step).collect())
}
