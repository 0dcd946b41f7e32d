//! Real data: Hetionet in DRKG's naming, as `LLADR_DATA` points to it.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use lladr_core::backend::{AnyBackend, Parameters, cpu::CpuBackend};
use lladr_core::graph::{KnowledgeGraph, SplitRule, Triple, Vocabulary, split_by_pair};
use lladr_core::model::{Arithmetic, Interaction};
use lladr_core::settings::Settings;
use lladr_core::train::{Trainer, run_data, run_spec};

fn hetionet() -> (Vocabulary, Vec<Triple>) {
    let folder = PathBuf::from(std::env::var_os("LLADR_DATA").expect("LLADR_DATA is set"));
    let path = folder.join("hetionet-drkg/hetionet_drkg.tsv.gz");
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut vocabulary, mut triples) = (Vocabulary::default(), Vec::new());
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let line = line.expect("the file is text");
        let cells: Vec<&str> = line.split('\t').collect();
        let [head, relation, tail] = cells[..] else { panic!("{line:?} is no triple") };
        let (head, relation, tail) =
            (vocabulary.entity_or_add(head), vocabulary.relation_or_add(relation), vocabulary.entity_or_add(tail));
        triples.push(Triple::new(head, relation, tail));
    }
    (vocabulary, triples)
}

#[test]
#[cfg_attr(not(has_data), ignore = "set LLADR_DATA to a folder with hetionet-drkg/")]
fn data_hetionet_is_read_split_and_trained() {
    let (vocabulary, triples) = hetionet();
    assert_eq!((triples.len(), vocabulary.entities().len(), vocabulary.relations().len()), (2_250_197, 45_158, 24));
    let relations = ["Hetionet::CtD::Compound:Disease", "Hetionet::CpD::Compound:Disease"]
        .map(|id| vocabulary.relation_row(id).expect("Hetionet has treatments"));
    let splits = split_by_pair(
        &vocabulary,
        &triples,
        &SplitRule { relations: relations.into(), share: 0.1, first: Vec::new(), seed: 1 },
    );
    assert!(splits.test.len() > 100 && splits.valid.len() > 100);
    let graph = KnowledgeGraph::new(vocabulary, splits, None).expect("all rows exist");

    // A few steps of the recipe that the README times over a whole epoch.
    let settings = Settings { dim: 64, batch: 1024, negatives: 64, ..Settings::for_interaction(Interaction::TransEL2) };
    let spec = run_spec(&graph, &settings);
    let data = run_data(&graph, &spec, None, None).expect("no text is asked for");
    let backend = CpuBackend::new(spec, Arithmetic::Fast, data.clone(), Parameters::initial(&spec, &data));
    let mut trainer = Trainer::new(spec, data, AnyBackend::Cpu(backend));
    let (_, first) = pollster::block_on(trainer.advance(10, 0.1)).expect("training stays finite");
    let (_, last) = pollster::block_on(trainer.advance(200, 0.1)).expect("training stays finite");
    assert!(last.link < first.link, "{last:?} is not below {first:?}");
}
