#![no_main]
//! `lladr import`: bytes are a table or an error, and a table makes a pack that can be read.

use libfuzzer_sys::fuzz_target;
use lladr_cli::import::triples_from;
use lladr_core::graph::{KnowledgeGraph, SplitTriples, Vocabulary};
use lladr_core::pack::{self, Contents, Manifest, Notes, Storage};
use lladr_core::settings::Settings;

fuzz_target!(|bytes: &[u8]| {
    let mut vocabulary = Vocabulary::default();
    let Ok(import) = triples_from(bytes, &mut vocabulary) else { return };
    let splits = SplitTriples { train: import.triples, ..SplitTriples::default() };
    let graph = KnowledgeGraph::new(vocabulary, splits, None).expect("a table with a triple makes a graph");
    let mut manifest = lladr_fuzz::manifest(Settings::default());
    for key in ["roles", "model", "layout", "texts"] {
        manifest.as_object_mut().map(|fields| fields.remove(key));
    }
    let manifest: Manifest = serde_json::from_value(manifest).expect("a manifest");
    let notes = Notes::default();
    let contents = Contents { graph: &graph, model: None, notes: &notes, layout: None, text: None, rankings: &[] };
    let files = pack::write(manifest, &contents, Storage::WORK).expect("it can be written");
    let read = pack::read(&files, pack::MOST_ON_WORKSTATION).expect("what was written can be read");
    assert_eq!(read.graph.vocabulary.entities(), graph.vocabulary.entities());
});
