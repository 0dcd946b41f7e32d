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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaStep {
    /// Relation.
    pub relation: RelationId,
    /// The end that the step arrives at: `Tail` where it goes along the relation.
    pub towards: Side,
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

/// Paths by pair of classes, each best first.
fn by_classes<'a>(found: impl Iterator<Item = &'a Found>) -> BTreeMap<[u32; 2], Vec<&'a Found>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for found in found {
        groups.entry([found.near.class, found.far.class]).or_default().push(found);
    }
    groups
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
    Path { discount: edges.iter().map(|edge| edge.discount).product(), edges, score: found.score }
}

/// The meta-path of a group, read from its first path.
fn steps(view: View<'_>, paths: &[Path]) -> Vec<MetaStep> {
    let kind = |entity: EntityId| view.graph.vocabulary.entities()[entity.index()].kind;
    let step = |edge: &PathEdge| {
        let triple = Triple::new(edge.head, edge.relation, edge.tail);
        MetaStep { relation: edge.relation, towards: edge.towards, to: kind(triple.entity(edge.towards)) }
    };
    paths.first().map_or(Vec::new(), |path| path.edges.iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{World, world};
    use crate::rng::{Stream, below, hash};

    /// All simple paths by depth-first search, each as (edges, score).
    fn enumerate(
        world: &World,
        from: EntityId,
        to: EntityId,
        longest: u32,
        exponent: f32,
    ) -> Vec<(Vec<PathEdge>, f64)> {
        fn walk(
            (world, to, longest, exponent): (&World, EntityId, u32, f32),
            at: EntityId,
            edges: &mut Vec<PathEdge>,
            seen: &mut Vec<EntityId>,
            out: &mut Vec<(Vec<PathEdge>, f64)>,
        ) {
            let treatments = &world.graph.roles.as_ref().expect("there are roles").treatments;
            for run in world.adjacency.runs(at) {
                for &other in run.others {
                    let other = EntityId(other);
                    let is_answer = edges.is_empty() && other == to && treatments.contains(&run.relation);
                    if seen.contains(&other) || is_answer || edges.len() == longest as usize {
                        continue;
                    }
                    edges.push(edge(world.view(), at, (run.relation, run.side, other), exponent));
                    if other == to {
                        let score = edges.iter().map(|e| f64::from(e.weight) * f64::from(e.discount)).product();
                        out.push((edges.clone(), score));
                    } else {
                        seen.push(other);
                        walk((world, to, longest, exponent), other, edges, seen, out);
                        seen.pop();
                    }
                    edges.pop();
                }
            }
        }
        let mut out = Vec::new();
        walk((world, to, longest, exponent), from, &mut Vec::new(), &mut vec![from], &mut out);
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        out
    }

    fn triples_of(edges: &[PathEdge]) -> Vec<(u32, u32, u32, Side)> {
        edges.iter().map(|e| (e.head.0, e.relation.0, e.tail.0, e.towards)).collect()
    }

    #[test]
    fn the_best_paths_are_those_of_an_enumeration() {
        for seed in 0..40 {
            let draw = |at, slot, n| below(hash(seed, Stream::Init, at, slot), n);
            // Fourteen entities of three types, three relations, repeats and self-loops among the draws.
            let triples: Vec<_> = (0..20 + draw(0, 9, 60))
                .map(|at| Triple { head: draw(at, 0, 14), relation: draw(at, 1, 3), tail: draw(at, 2, 14) })
                .collect();
            let world = world(14, 3, triples, seed);
            let (drug, disease) = (EntityId(draw(0, 3, 7)), EntityId(7 + draw(0, 4, 7)));
            for longest in 1..=LONGEST {
                let expected = enumerate(&world, drug, disease, longest, 0.4);
                let options = PathOptions { longest, most_paths: 12, ..PathOptions::default() };
                let found = paths(world.view(), drug, disease, &options).expect("both ends exist");
                assert!(found.caps.is_empty());
                assert_eq!(found.count, expected.len() as u64, "seed {seed}, longest {longest}");

                let mut listed: Vec<&Path> = found.groups.iter().flat_map(|group| &group.paths).collect();
                listed.sort_by(|a, b| b.score.total_cmp(&a.score));
                assert_eq!(listed.len(), expected.len().min(12));
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs();
                for (path, (_, score)) in listed.iter().zip(&expected) {
                    assert!(close(path.score, *score), "seed {seed}: {} is not {score}", path.score);
                    let edges = triples_of(&path.edges);
                    let same: Vec<_> = expected.iter().filter(|(other, _)| triples_of(other) == edges).collect();
                    assert_eq!(same.len(), 1, "seed {seed}: {edges:?} is a path, once");
                    assert!(close(path.score, same[0].1));
                }

                for group in &found.groups {
                    let of_group = expected.iter().filter(|(edges, _)| {
                        let path = Path { edges: edges.clone(), discount: 0.0, score: 0.0 };
                        steps(world.view(), &[path]) == group.steps
                    });
                    let (count, sum) = of_group.fold((0, 0.0), |(count, sum), (_, score)| (count + 1, sum + score));
                    assert_eq!(group.count, count);
                    assert!(close(group.sum, sum), "seed {seed}: {} is not {sum}", group.sum);
                }
            }
        }
    }

    /// Drug 0 and disease 7 by way of entity 1, with 12 others beside it, or by way of 2, which has no others.
    fn hub() -> World {
        let edge = |head, tail| Triple { head, relation: 1, tail };
        let mut triples = vec![edge(0, 1), edge(1, 7), edge(0, 2), edge(2, 7)];
        triples.extend((8..20).map(|tail| edge(1, tail)));
        world(20, 3, triples, 1)
    }

    #[test]
    fn a_path_through_a_hub_counts_less() {
        let world = hub();
        let options = PathOptions { longest: 2, ..PathOptions::default() };
        let found = paths(world.view(), EntityId(0), EntityId(7), &options).expect("both ends exist");
        let paths = &found.groups[0].paths;
        let through = |middle| paths.iter().find(|path| path.edges[0].tail == EntityId(middle)).expect("it is there");
        // Degrees of the edges: (2, 1) and (13, 2), or (2, 1) and (1, 2).
        let expected = |product: f32| product.powf(-0.4);
        assert!((through(1).discount - expected(2.0 * 13.0 * 2.0)).abs() < 1e-6);
        assert!((through(2).discount - expected(2.0 * 2.0)).abs() < 1e-6);
        let plain = PathOptions { hub_exponent: 0.0, ..options };
        let found = super::paths(world.view(), EntityId(0), EntityId(7), &plain).expect("both ends exist");
        assert!(found.groups[0].paths.iter().all(|path| path.discount == 1.0));
    }

    #[test]
    fn a_crowded_end_is_capped_and_says_so() {
        let world = hub();
        let options = PathOptions { longest: 4, most_edges: 3, ..PathOptions::default() };
        let found = paths(world.view(), EntityId(0), EntityId(7), &options).expect("both ends exist");
        assert_eq!(found.caps.len(), 2);
        assert!(found.caps.iter().all(|cap| cap.expanded < cap.neighbours && cap.neighbours == 2));
        assert_eq!(found.count, 2, "shorter paths are all there");
    }

    #[test]
    fn strange_requests_are_refused_and_lonely_entities_have_no_paths() {
        let world = world(9, 3, vec![Triple { head: 0, relation: 0, tail: 7 }], 1);
        let ask =
            |drug, disease, options: PathOptions| paths(world.view(), EntityId(drug), EntityId(disease), &options);
        let usual = PathOptions { longest: 4, ..PathOptions::default() };
        let none = Paths { groups: Vec::new(), count: 0, caps: Vec::new() };
        assert_eq!(ask(3, 4, usual), Ok(none.clone()), "no edges, one type");
        assert_eq!(ask(0, 7, usual), Ok(none), "the treatment itself explains nothing");
        assert!(ask(0, 9, usual).is_err() && ask(u32::MAX, 7, usual).is_err() && ask(0, 0, usual).is_err());
        assert!(ask(0, 7, PathOptions { longest: 5, ..usual }).is_err());
        assert!(ask(0, 7, PathOptions { longest: 0, ..usual }).is_err());
        assert!(ask(0, 7, PathOptions { most_paths: 0, ..usual }).is_err());
        assert!(ask(0, 7, PathOptions { hub_exponent: f32::NAN, ..usual }).is_err());
    }

    #[test]
    fn the_same_question_has_the_same_answer() {
        let draw = |at, slot, n| below(hash(5, Stream::Init, at, slot), n);
        let triples: Vec<_> = (0..400)
            .map(|at| Triple { head: draw(at, 0, 40), relation: draw(at, 1, 3), tail: draw(at, 2, 40) })
            .collect();
        let options = PathOptions { longest: 4, ..PathOptions::default() };
        let ask = |triples| paths(world(40, 3, triples, 2).view(), EntityId(1), EntityId(30), &options);
        let (first, again) = (ask(triples.clone()), ask(triples));
        assert_eq!(first, again);
        assert!(first.expect("both ends exist").groups.len() > 1);
    }
}
