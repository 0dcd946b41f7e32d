//! Properties of a part, on graphs that are drawn.

use std::collections::{HashMap, HashSet};

use super::*;
use crate::graph::{Roles, SplitRule, Vocabulary, split_by_pair};
use crate::rng::{Permutation, Stream, below, hash};

const TYPES: [&str; 4] = ["Gene", "Compound", "Disease", "Pathway"];

#[allow(clippy::unwrap_used, reason = "a test")]
fn graph(seed: u32, entities: u32, triples: u32) -> KnowledgeGraph {
    let mut vocabulary = Vocabulary::default();
    for at in 0..entities {
        vocabulary.entity_or_add(&format!("{}::{at}", TYPES[at as usize % 4]));
    }
    let draw = |at, slot, n| below(hash(seed, Stream::Init, at, slot), n);
    let mut all = Vec::new();
    for at in 0..triples {
        // A product of draws: some entities are hubs.
        let row = |slot| draw(at, slot, entities) * draw(at, slot + 10, entities) / entities;
        let (head, tail) = (row(0), row(1));
        let kind = |row: u32| TYPES[row as usize % 4];
        let code = draw(at, 2, 2);
        let relation = vocabulary.relation_or_add(&format!("r{code}::{}:{}", kind(head), kind(tail)));
        all.push(Triple { head, relation: relation.0, tail });
    }
    all.sort_unstable_by_key(|t| (t.relation, t.head, t.tail));
    all.dedup();
    all.retain(|triple| triple.head != triple.tail);
    let kind = |name| vocabulary.type_row(name).unwrap();
    let treatments = vec![vocabulary.relation_row("r0::Compound:Disease").unwrap()];
    let rule = SplitRule { relations: treatments.clone(), share: 0.3, first: vec![], seed };
    let splits = split_by_pair(&vocabulary, &all, &rule);
    let roles = Roles { drug: kind("Compound"), disease: kind("Disease"), treatments };
    KnowledgeGraph::new(vocabulary, splits, Some(roles)).unwrap()
}

fn settings(seed: u32) -> Vec<Around> {
    let plain = Around { seeds: vec![EntityId(4 * (seed % 5) + 2)], hops: 2, ..Around::default() };
    let [gene, drug, disease] = [0, 1, 2].map(TypeId);
    vec![
        plain.clone(),
        Around { most_entities: Some(40), ..plain.clone() },
        Around { cap: Some(2), ..plain.clone() },
        Around {
            cap: Some(3),
            most_entities: Some(25),
            hops: 4,
            seeds: vec![EntityId(1), EntityId(6)],
            ..plain.clone()
        },
        Around { types: Some(vec![gene, drug]), most_entities: Some(30), ..plain.clone() },
        Around { relations: Some((0..12).map(RelationId).collect()), hops: 3, ..plain.clone() },
        Around { meta_paths: vec![vec![drug, gene, disease]], most_entities: Some(30), cap: Some(4), ..plain.clone() },
        Around {
            meta_paths: vec![vec![disease, gene, drug], vec![disease, drug, disease], vec![gene, disease]],
            cap: Some(1),
            ..plain
        },
    ]
}

/// Selected triples and entities, by identifier.
fn words(graph: &KnowledgeGraph, part: &Neighbourhood) -> (Vec<String>, [Vec<String>; 3]) {
    let id = |row: u32| graph.vocabulary.entities()[row as usize].id.as_str();
    let triples = |triples: &[Triple]| {
        let relation = |row: u32| graph.vocabulary.relations()[row as usize].id.as_str();
        let mut all: Vec<_> =
            triples.iter().map(|t| format!("{} {} {}", id(t.head), relation(t.relation), id(t.tail))).collect();
        all.sort_unstable();
        all
    };
    let mut entities: Vec<_> =
        part.selection.entities.iter().zip(&part.distances).map(|(row, far)| format!("{} {far}", id(row.0))).collect();
    entities.sort_unstable();
    let SplitTriples { train, valid, test } = &part.selection.triples;
    (entities, [triples(train), triples(valid), triples(test)])
}

#[test]
fn a_part_is_connected_no_larger_than_asked_and_keeps_the_split() -> Result<()> {
    let mut pairs = 0;
    for seed in 0..12 {
        let graph = graph(seed, 120, 700);
        for around in settings(seed) {
            let part = graph.around(&around)?;
            let most = around.most_entities.unwrap_or(usize::MAX);
            assert_eq!(part.selection.entities.len(), part.reached.min(most), "the target is met: {around:?}");
            assert!(around.seeds.iter().all(|row| part.selection.entities.contains(row)));
            let kept: HashSet<u32> = part.selection.entities.iter().map(|row| row.0).collect();
            let Selection { triples: SplitTriples { train, valid, test }, .. } = &part.selection;
            for (split, triples) in Split::ALL.into_iter().zip([train, valid, test]) {
                let old: HashSet<_> = graph.triples(split).iter().collect();
                assert!(triples.iter().all(|t| old.contains(t)), "a triple changed its split: {around:?}");
                assert!(triples.iter().all(|t| kept.contains(&t.head) && kept.contains(&t.tail)));
                let allowed = around.relations.as_ref();
                assert!(triples.iter().all(|t| allowed.is_none_or(|allowed| allowed.contains(&t.relation()))));
            }
            // Every entity is reached from the seeds along what stays of training, in as many hops as is said or fewer.
            let mut far: HashMap<u32, u32> = around.seeds.iter().map(|row| (row.0, 0)).collect();
            for hop in 1..10 {
                for t in train {
                    for (a, b) in [(t.head, t.tail), (t.tail, t.head)] {
                        if far.get(&a) == Some(&(hop - 1)) {
                            far.entry(b).or_insert(hop);
                        }
                    }
                }
            }
            for (row, distance) in part.selection.entities.iter().zip(&part.distances) {
                assert!(far.get(&row.0).is_some_and(|real| real <= distance), "{row:?} at {distance}: {around:?}");
            }
            let trained: HashSet<u32> = train.iter().flat_map(|t| [t.head, t.tail]).collect();
            assert!(valid.iter().chain(test).all(|t| trained.contains(&t.head) && trained.contains(&t.tail)));
            let count = part.held_out;
            let sum = count.kept + count.filtered + count.out_of_reach + count.no_room + count.untrained;
            assert_eq!(sum, count.all);
            let stay: HashSet<_> = valid.iter().chain(test).map(pair).collect();
            assert_eq!(stay.len(), count.kept);
            pairs += stay.len();
            if let Some(cap) = around.cap {
                let mut uses: HashMap<(u32, u32), usize> = HashMap::new();
                let treatments = graph.roles.as_ref().map_or(&[][..], |roles| &roles.treatments);
                for t in train.iter().filter(|t| !treatments.contains(&t.relation())) {
                    *uses.entry((t.head, t.relation)).or_default() += 1;
                    *uses.entry((t.tail, t.relation)).or_default() += 1;
                }
                assert!(uses.values().all(|count| *count <= cap));
            }
            let cut = graph.select(&part.selection)?;
            assert_eq!(cut.triples(Split::Test).len(), test.len());
        }
    }
    assert!(pairs > 50, "{pairs} held-out pairs were looked at");
    Ok(())
}

#[test]
fn rows_do_not_matter() -> Result<()> {
    for seed in 0..6 {
        let graph = graph(seed, 120, 700);
        let order = Permutation::new(120, seed, 1);
        let order: Vec<_> = (0..120).map(|at| EntityId(order.at(at))).collect();
        let mut selection = Selection::of_entities(&graph, &order);
        selection.relations.reverse();
        let moved = graph.select(&selection)?;
        for around in settings(seed) {
            let row = |old: &EntityId| {
                let id = graph.vocabulary.entity(*old).map_or("", |entity| &entity.id);
                moved.vocabulary.entity_row(id).unwrap_or(*old)
            };
            let kind = |old: &TypeId| moved.vocabulary.type_row(graph.vocabulary.type_name(*old)).unwrap_or(*old);
            let kinds = |list: &Vec<TypeId>| list.iter().map(kind).collect::<Vec<_>>();
            let last = graph.relation_count() as u32 - 1;
            let there = Around {
                seeds: around.seeds.iter().map(row).collect(),
                types: around.types.as_ref().map(kinds),
                meta_paths: around.meta_paths.iter().map(kinds).collect(),
                relations: around.relations.as_ref().map(|l| l.iter().map(|r| RelationId(last - r.0)).collect()),
                ..around.clone()
            };
            assert_eq!(words(&graph, &graph.around(&around)?), words(&moved, &moved.around(&there)?), "{around:?}");
        }
    }
    Ok(())
}

#[test]
fn a_walk_must_be_whole() -> Result<()> {
    let mut vocabulary = Vocabulary::default();
    let mut train = Vec::new();
    for line in ["Disease::d a Gene::1", "Compound::x b Gene::1", "Disease::d a Gene::2", "Compound::x c Disease::d"] {
        let cells: Vec<_> = line.split(' ').collect();
        let relation = vocabulary.relation_or_add(cells[1]);
        train.push(Triple::new(vocabulary.entity_or_add(cells[0]), relation, vocabulary.entity_or_add(cells[2])));
    }
    let kind = |name| vocabulary.type_row(name).unwrap_or(TypeId(9));
    let path = vec![kind("Compound"), kind("Gene"), kind("Disease")];
    let around = Around { seeds: vec![EntityId(0)], meta_paths: vec![path.clone()], ..Around::default() };
    let graph = KnowledgeGraph::new(vocabulary, SplitTriples { train, ..SplitTriples::default() }, None)?;
    let part = graph.around(&around)?;
    let (entities, [train, ..]) = words(&graph, &part);
    assert_eq!(entities, ["Compound::x 2", "Disease::d 0", "Gene::1 1"], "gene 2 leads nowhere");
    assert_eq!(train.len(), 3, "triples among them stay, also those off the walk");
    let wrong = |around: Around| matches!(graph.around(&around), Err(Error::Settings(_)));
    assert!(wrong(Around { seeds: vec![], ..around.clone() }));
    assert!(wrong(Around { seeds: vec![EntityId(99)], ..around.clone() }));
    assert!(wrong(Around { seeds: vec![EntityId(1)], ..around.clone() }), "a gene is at no end of the walk");
    assert!(wrong(Around { meta_paths: vec![path[..1].to_vec()], ..around.clone() }));
    assert!(wrong(Around { most_entities: Some(0), ..around }));
    Ok(())
}
