//! A small pack with everything that a pack can hold, to change one file of.

use lladr_cli::import::triples_from;
use lladr_core::graph::{KnowledgeGraph, SplitTriples, Vocabulary};
use lladr_core::ids::EntityId;
use lladr_core::model::{Model, initial_rows};
use lladr_core::pack::{
    self, Case, Caution, CautionKind, Compression, Contents, Description, Evidence, Grade, Manifest, NamedBytes, Notes,
    Precision, Storage, TextVectors, sha256_hex,
};
use lladr_core::settings::Settings;
use serde_json::{Value, json};

/// Triples that the pack is of.
pub const TABLE: &str = "\
Compound::DB1\tHetionet::CtD::Compound:Disease\tDisease::D1
Compound::DB2\tHetionet::CtD::Compound:Disease\tDisease::D1
Compound::DB2\tHetionet::CbG::Compound:Gene\tGene::1
Gene::1\tHetionet::GiG::Gene:Gene\tGene::2
Disease::D1\tHetionet::DaG::Disease:Gene\tGene::2
";

/// A manifest of a pack with these settings.
pub fn manifest(settings: Settings) -> Value {
    json!({
        "format": "lladr-pack", "version": pack::VERSION, "title": "Small", "description": "A toy.",
        "licence": "CC0-1.0", "sources": [{"name": "nobody", "licence": "CC0-1.0", "used_for": "all"}],
        "made_by": "a fuzz target", "split": {"rule": "by hand", "seed": 0, "triples": [0, 0, 0]},
        "roles": {"drug_type": "Compound", "disease_type": "Disease", "default_disease": "Disease::D1",
            "treatments": ["Hetionet::CtD::Compound:Disease"]},
        "model": {"settings": settings, "epochs": 1, "metrics": [], "origin": ""},
        "layout": {"method": "by hand", "metrics": [],
            "quality": {"metric": "euclidean", "k": 1, "knn_recall": 0.5, "trustworthiness": 0.5}},
        "texts": {"written_by": "nobody", "date": "", "leaks": [], "vectors": "",
            "templates": [{"name": "name", "prompt": ""}, {"name": "good", "prompt": ""}]},
        "files": [],
    })
}

/// The files of the pack, their rows stored in this precision.
pub fn files(precision: Precision) -> Result<Vec<NamedBytes>, Box<dyn std::error::Error>> {
    let mut vocabulary = Vocabulary::default();
    let import = triples_from(TABLE.as_bytes(), &mut vocabulary)?;
    let (entities, relations) = (vocabulary.entities().len(), vocabulary.relations().len());
    let splits = SplitTriples { train: import.triples, ..SplitTriples::default() };
    let settings = Settings { dim: 4, ..Settings::default() };
    let rows = initial_rows(settings.interaction, [entities, relations], 4, settings.gamma, 1);
    let model = Model::new(settings.interaction, settings.gamma, entities, relations, 4, rows)?;
    let graph = KnowledgeGraph::new(vocabulary, splits, None)?;
    let (drug, disease) = (EntityId(0), EntityId(1));
    let text = || "a text".to_owned();
    let notes = Notes {
        evidence: vec![Evidence { drug, disease, grade: Grade::OffLabel }],
        cautions: vec![Caution { drug, about: disease, kind: CautionKind::Worsens }],
        cases: vec![Case { id: text(), title: text(), drug, disease, story: text(), look_for: text() }],
        descriptions: vec![Description { entity: drug, original: text(), good: text(), masked: text() }],
    };
    let vectors = |name: &str| (name.to_owned(), vec![0.5; 3 * entities]);
    let vectors = TextVectors { dims: 3, templates: vec![vectors("name"), vectors("good")] };
    let layout = vec![0.25; 2 * entities];
    let contents = Contents {
        graph: &graph,
        model: Some(&model),
        notes: &notes,
        layout: Some(&layout),
        text: Some(&vectors),
        rankings: &[],
    };
    let manifest: Manifest = serde_json::from_value(manifest(settings))?;
    Ok(pack::write(manifest, &contents, Storage { rows: precision, compression: Compression::Fast })?)
}

/// The pack with file number `at` (`pack.json` aside) made of other bytes, which the manifest lists truthfully: stored
/// as they are, or taken to be gzip'd and to unpack to `unpacked` bytes.
pub fn with(files: &[NamedBytes], at: usize, bytes: &[u8], unpacked: Option<u64>) -> Vec<NamedBytes> {
    let mut files = files.to_vec();
    let at = 1 + at % (files.len() - 1);
    let mut manifest: Value = serde_json::from_slice(&files[0].1).unwrap_or_default();
    let stem = files[at].0.trim_end_matches(".gz").to_owned();
    let name = if unpacked.is_some() { format!("{stem}.gz") } else { stem };
    manifest["files"][at - 1] = json!({
        "name": name, "bytes": bytes.len(), "unpacked_bytes": unpacked.unwrap_or(bytes.len() as u64),
        "sha256": sha256_hex(bytes),
    });
    files[at] = (name, bytes.to_vec());
    files[0].1 = serde_json::to_vec(&manifest).unwrap_or_default();
    files
}
