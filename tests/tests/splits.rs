//! Splits: no pair on both sides, every held-out entity still trained.

use std::collections::HashSet;

use lladr_core::graph::{SplitRule, Triple, Vocabulary, split_by_pair};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn held_out_pairs_do_not_leak(
        rows in prop::collection::vec((0..12u32, 0..3u32, 0..12u32), 1..120),
        share in 0.0..0.5f32,
        seed in 0..50u32,
    ) {
        let mut vocabulary = Vocabulary::default();
        (0..12).for_each(|at| { vocabulary.entity_or_add(&format!("Entity::{at}")); });
        let relations: Vec<_> = ["treats", "also treats", "other"].iter().map(|id| vocabulary.relation_or_add(id)).collect();
        let mut triples: Vec<Triple> = rows.iter().map(|&(head, relation, tail)| Triple { head, relation, tail }).collect();
        // Mirrored statements must go the same way.
        let mirrored: Vec<Triple> = triples.iter().step_by(3).map(|t| Triple { head: t.tail, relation: 2, tail: t.head }).collect();
        triples.extend(mirrored);
        let rule = SplitRule { relations: relations[..2].to_vec(), share, first: Vec::new(), seed };
        let split = split_by_pair(&vocabulary, &triples, &rule);

        let pairs = |triples: &[Triple]| -> HashSet<_> {
            triples.iter().map(|t| (t.head.min(t.tail), t.head.max(t.tail))).collect()
        };
        let (train, valid, test) = (pairs(&split.train), pairs(&split.valid), pairs(&split.test));
        prop_assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test));
        prop_assert_eq!(split.train.len() + split.valid.len() + split.test.len(), triples.len());
        let trained: HashSet<u32> = split.train.iter().flat_map(|t| [t.head, t.tail]).collect();
        for triple in split.valid.iter().chain(&split.test) {
            prop_assert!(trained.contains(&triple.head) && trained.contains(&triple.tail));
        }
        prop_assert_eq!(&split, &split_by_pair(&vocabulary, &triples, &rule));
    }
}
