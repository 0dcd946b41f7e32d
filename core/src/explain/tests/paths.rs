//! Paths: all of them by enumeration, hubs, caps, harms, and what is refused.

use super::{World, world};
use crate::explain::search::{edge, steps};
use crate::explain::{LONGEST, Path, PathEdge, PathOptions, Paths, paths};
use crate::graph::{Side, Triple};
use crate::ids::{EntityId, RelationId};
use crate::rng::{Stream, below, hash};

/// All simple paths by depth-first search, each as (edges, score).
fn enumerate(world: &World, from: EntityId, to: EntityId, longest: u32, exponent: f32) -> Vec<(Vec<PathEdge>, f64)> {
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
    let mut left_out = 0;
    for seed in 0..40 {
        let draw = |at, slot, n| below(hash(seed, Stream::Init, at, slot), n);
        // Fourteen entities of three types, three relations, repeats and self-loops among the draws.
        let triples: Vec<_> = (0..20 + draw(0, 9, 60))
            .map(|at| Triple { head: draw(at, 0, 14), relation: draw(at, 1, 3), tail: draw(at, 2, 14) })
            .collect();
        let world = world(14, 3, triples, seed);
        let (drug, disease) = (EntityId(draw(0, 3, 7)), EntityId(7 + draw(0, 4, 7)));
        // In every second graph relation 2 states a harm, and no path may pass over it.
        let harmful = if seed % 2 == 1 { vec![RelationId(2)] } else { Vec::new() };
        let is_harmless = |edges: &[PathEdge]| edges.iter().all(|edge| !harmful.contains(&edge.relation));
        for longest in 1..=LONGEST {
            let mut expected = enumerate(&world, drug, disease, longest, 0.4);
            left_out += expected.len();
            expected.retain(|(edges, _)| is_harmless(edges));
            left_out -= expected.len();
            let options = PathOptions { longest, most_paths: 12, ..PathOptions::default() };
            let found = paths(world.view(), drug, disease, &harmful, &options).expect("both ends exist");
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
    assert!(left_out > 1000, "{left_out} paths over harms were there to be left out");
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
    let found = paths(world.view(), EntityId(0), EntityId(7), &[], &options).expect("both ends exist");
    let listed = &found.groups[0].paths;
    let through = |middle| listed.iter().find(|path| path.edges[0].tail == EntityId(middle)).expect("it is there");
    // Degrees of the edges: (2, 1) and (13, 2), or (2, 1) and (1, 2).
    let expected = |product: f32| product.powf(-0.4);
    assert!((through(1).discount - expected(2.0 * 13.0 * 2.0)).abs() < 1e-6);
    assert!((through(2).discount - expected(2.0 * 2.0)).abs() < 1e-6);
    let plain = PathOptions { hub_exponent: 0.0, ..options };
    let found = paths(world.view(), EntityId(0), EntityId(7), &[], &plain).expect("both ends exist");
    assert!(found.groups[0].paths.iter().all(|path| path.discount == 1.0));
}

#[test]
fn a_crowded_end_is_capped_and_says_so() {
    let world = hub();
    let options = PathOptions { longest: 4, most_edges: 3, ..PathOptions::default() };
    let found = paths(world.view(), EntityId(0), EntityId(7), &[], &options).expect("both ends exist");
    assert_eq!(found.caps.len(), 2);
    assert!(found.caps.iter().all(|cap| cap.expanded < cap.neighbours && cap.neighbours == 2));
    assert_eq!(found.count, 2, "shorter paths are all there");
}

#[test]
fn strange_requests_are_refused_and_lonely_entities_have_no_paths() {
    let world = world(9, 3, vec![Triple { head: 0, relation: 0, tail: 7 }], 1);
    let ask =
        |drug, disease, options: PathOptions| paths(world.view(), EntityId(drug), EntityId(disease), &[], &options);
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
    let triples: Vec<_> =
        (0..400).map(|at| Triple { head: draw(at, 0, 40), relation: draw(at, 1, 3), tail: draw(at, 2, 40) }).collect();
    let options = PathOptions { longest: 4, ..PathOptions::default() };
    let ask = |triples| paths(world(40, 3, triples, 2).view(), EntityId(1), EntityId(30), &[], &options);
    let (first, again) = (ask(triples.clone()), ask(triples));
    assert_eq!(first, again);
    assert!(first.expect("both ends exist").groups.len() > 1);
}
