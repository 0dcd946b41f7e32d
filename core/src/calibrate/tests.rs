//! Calibration on scores whose shares are known.

use super::*;
use crate::graph::{SplitTriples, Triple, Vocabulary};
use crate::model::Interaction;
use crate::rng::{Stream, hash, unit};

/// Scores and labels where a score `s` is true with share `sigmoid(2 s − 1)`.
fn known_shares(count: u32, seed: u32) -> (Vec<f32>, Vec<bool>) {
    let draw = |at: u32, slot: u32| unit(hash(seed, Stream::Init, at, slot));
    let scores: Vec<f32> = (0..count).map(|at| 6.0 * draw(at, 0) - 3.0).collect();
    let labels = scores.iter().zip(0..).map(|(s, at)| draw(at, 1) < 1.0 / (1.0 + (1.0 - 2.0 * s).exp())).collect();
    (scores, labels)
}

#[test]
fn known_shares_are_found() {
    let (scores, labels) = known_shares(20_000, 1);
    let (test_scores, test_labels) = known_shares(20_000, 2);
    for method in [Method::Platt, Method::Isotonic] {
        let calibrator = Calibrator::fit(method, &scores, &labels).expect("there are both labels");
        for at in -10..=10 {
            let score = at as f32 * 0.25;
            let expected = 1.0 / (1.0 + (1.0 - 2.0 * f64::from(score)).exp());
            assert!((calibrator.share(score) - expected).abs() < 0.06, "{method:?} {score}");
        }
        let shares: Vec<f64> = test_scores.iter().map(|&score| calibrator.share(score)).collect();
        let reliability = Reliability::of(&shares, &test_labels, 10);
        assert_eq!(reliability.bins.iter().map(|bin| bin.count).sum::<usize>(), 20_000);
        assert!(reliability.expected_error < 0.02, "{method:?}: {reliability:?}");
        // Always saying the base rate is calibrated, and worth less.
        let base = test_labels.iter().filter(|&&label| label).count() as f64 / 20_000.0;
        let constant = Reliability::of(&vec![base; 20_000], &test_labels, 10);
        assert!(constant.expected_error < 1e-9 && constant.brier > reliability.brier + 0.05);
        assert!(constant.log_loss > reliability.log_loss + 0.1);
    }
}

#[test]
fn scale_and_shift_of_scores_do_not_matter() {
    let (scores, labels) = known_shares(500, 3);
    let far: Vec<f32> = scores.iter().map(|score| 1024.0 * score - 65_536.0).collect();
    let near = Platt::fit(&scores, &labels);
    let moved = Platt::fit(&far, &labels);
    for (&a, &b) in scores.iter().zip(&far) {
        assert!((near.share(a) - moved.share(b)).abs() < 1e-4);
    }
}

#[test]
fn a_perfect_split_stays_within_the_smoothed_targets() {
    let platt = Platt::fit(&[-2.0, -1.0, 1.0, 2.0], &[false, false, true, true]);
    assert!(platt.share(2.0) < 0.9 && platt.share(-2.0) > 0.1, "{platt:?}");
    let same = Platt::fit(&[1.0; 4], &[false, true, true, true]);
    assert!((same.share(1.0) - (3.0 * 0.8 + 1.0 / 3.0) / 4.0).abs() < 1e-6, "{same:?}");
}

#[test]
fn violators_are_pooled() {
    let isotonic = Isotonic::fit(&[1.0, 2.0, 3.0, 3.0, 4.0], &[false, true, false, true, true]);
    assert_eq!(isotonic.scores, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(isotonic.shares, [0.0, 2.0 / 3.0, 2.0 / 3.0, 1.0]);
    assert_eq!([0.0, 1.5, 2.5, 9.0].map(|score| isotonic.share(score)), [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
}

#[test]
fn what_cannot_be_calibrated_is_refused() {
    for (scores, labels) in
        [(&[1.0, 2.0][..], &[true, true][..]), (&[], &[]), (&[1.0], &[true, false]), (&[f32::NAN, 1.0], &[true, false])]
    {
        assert!(Calibrator::fit(Method::Platt, scores, labels).is_err());
    }
}

#[test]
fn negatives_are_of_the_same_type_and_not_known() {
    let mut vocabulary = Vocabulary::default();
    for at in 0..60 {
        vocabulary.entity_or_add(&format!("{}::{at}", if at < 40 { "Compound" } else { "Disease" }));
    }
    (0..2).for_each(|at| _ = vocabulary.relation_or_add(&at.to_string()));
    let triples = |from: u32, to: u32| -> Vec<Triple> {
        (from..to)
            .map(|at| Triple { head: at % 40, relation: u32::from(at % 7 == 0), tail: 40 + at * 3 % 20 })
            .collect()
    };
    let splits = SplitTriples { train: triples(0, 40), valid: triples(41, 60), test: triples(61, 80) };
    let graph = KnowledgeGraph::new(vocabulary, splits, None).expect("rows exist");
    let rows = (0..62 * 4).map(|at| unit(hash(1, Stream::Init, at, 0))).collect();
    let model = Model::new(Interaction::DistMult, 1.0, 60, 2, 4, rows).expect("rows fit");
    let treats = [RelationId(0)];
    let pairs = calibration_pairs(&graph, &model, Split::Valid, &treats, 3, 9).expect("there are pairs");
    let positives: Vec<&Triple> = graph.triples(Split::Valid).iter().filter(|triple| triple.relation == 0).collect();
    assert_eq!(pairs.labels.len(), 4 * positives.len());
    for (at, (score, label)) in pairs.scores.iter().zip(&pairs.labels).enumerate() {
        let positive = positives[at / 4];
        assert_eq!(*label, at % 4 == 0);
        // Some entity of the same type, in place of one end, has this score.
        let ends =
            (0..40).map(|head| Triple { head, ..*positive }).chain((40..60).map(|tail| Triple { tail, ..*positive }));
        let found =
            ends.filter(|triple| model.score(triple) == *score).any(|triple| graph.known.contains(&triple) == *label);
        assert!(found, "{at}");
    }
    assert!(pairs.words.contains("valid split, 16 true triples and 48 random ones"), "{}", pairs.words);
    let calibration = calibrate(&graph, &model, &treats, Method::Isotonic, 3, 9).expect("there are pairs");
    assert!(calibration.words.contains("fitted on valid split") && calibration.words.contains("judged on test split"));
    assert!(calibration_pairs(&graph, &model, Split::Valid, &[], 3, 9).is_err());
}
