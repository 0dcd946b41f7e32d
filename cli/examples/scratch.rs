//! Scratch.
use std::io::{BufRead, BufReader, Read};
use lladr_core::graph::*;
use lladr_core::pack::*;
fn lines(path: &str) -> Box<dyn Iterator<Item = String>> {
    let file = std::fs::File::open(path).unwrap();
    let r: Box<dyn Read> = if path.ends_with(".gz") { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    Box::new(BufReader::new(r).lines().map(|l| l.unwrap()))
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (mode, input, out) = (&a[1], &a[2], &a[3]);
    let mut v = Vocabulary::default();
    let mut triples = Vec::new();
    if mode == "entities" {
        for l in lines(input) { v.entity_or_add(l.split('\t').next().unwrap().trim_end_matches('\r')); }
        let r = v.relation_or_add("Hetionet::CtD::Compound:Disease");
        let c = v.of_type(v.type_row("Compound").unwrap())[0];
        let d = v.of_type(v.type_row("Disease").unwrap())[0];
        triples.push(Triple::new(c, r, d));
    } else {
        for l in lines(input) { let c: Vec<&str> = l.split('\t').collect();
            triples.push(Triple::new(v.entity_or_add(c[0]), v.relation_or_add(c[1]), v.entity_or_add(c[2]))); }
    }
    let treatments: Vec<_> = ["Hetionet::CtD::Compound:Disease"].iter().filter_map(|id| v.relation_row(id)).collect();
    let rule = SplitRule { relations: treatments.clone(), share: if mode == "entities" { 0.0 } else { 0.1 }, first: vec![], seed: 1 };
    let splits = split_by_pair(&v, &triples, &rule);
    let roles = Roles { drug: v.type_row("Compound").unwrap(), disease: v.type_row("Disease").unwrap(), treatments };
    let first = v.entity_row("Disease::DOID:9352").unwrap_or(v.of_type(roles.disease)[0]);
    let default_disease = v.entity(first).unwrap().id.clone();
    let graph = KnowledgeGraph::new(v, splits, Some(roles)).unwrap();
    let manifest = Manifest { format: "lladr-pack".into(), version: VERSION, title: "scratch".into(), description: String::new(), licence: "mixed".into(), sources: vec![], made_by: "scratch".into(),
        roles: Some(RoleNames { drug_type: "Compound".into(), disease_type: "Disease".into(), treatments: vec!["Hetionet::CtD::Compound:Disease".into()], default_disease }),
        split: SplitCard { rule: "10 % of treatments".into(), seed: 1, triples: [0; 3] }, model: None, layout: None, texts: None, files: vec![] };
    let notes = Notes::default();
    let files = write(manifest, &Contents { graph: &graph, model: None, notes: &notes, layout: None, text: None, first_ranking: None }, Storage::WORK).unwrap();
    std::fs::create_dir_all(out).unwrap();
    for (n, b) in files { std::fs::write(format!("{out}/{n}"), b).unwrap(); }
}
