//! For PyKEEN: triples and names as its `TriplesFactory` stores them, rows, our scores of some triples, and scripts.
//!
//! `load_into_pykeen.py` builds PyKEEN's model with these rows and compares scores; `pykeen_to_lladr.py` is the way
//! back, from the folder that PyKEEN saves. PyKEEN's distance models have no margin: their score is ours less gamma.
//! Its RotatE measures `‖h r − t‖₂` over all numbers, the authors' and ours `Σ |h_k r_k − t_k|`; the script gives
//! PyKEEN that one.

use anyhow::Result;
use lladr_core::graph::{Split, Triple};
use lladr_core::pack::Pack;

use super::place::{Place, ids};
use super::{model_json, model_of, tables, text};

const LOAD: &str = include_str!("load_into_pykeen.py");
const BACK: &str = include_str!("pykeen_to_lladr.py");

/// Writes the folder; with scores of the first `count` triples of test, valid and train.
pub fn write(pack: &Pack, place: &mut Place, count: usize) -> Result<Vec<String>> {
    let (graph, model) = (&pack.graph, model_of(pack)?);
    place.splits(graph, ".tsv", |triple| ids(graph, triple).join("\t"))?;
    let table = |names: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        std::iter::once("id\tlabel".to_owned())
            .chain(names.enumerate().map(|(row, id)| format!("{row}\t{id}")))
            .collect()
    };
    let entities = table(&mut graph.vocabulary.entities().iter().map(|it| it.id.as_str()));
    let relations = table(&mut graph.vocabulary.relations().iter().map(|it| it.id.as_str()));
    place.lines("entity_to_id.tsv.gz", entities.into_iter())?;
    place.lines("relation_to_id.tsv.gz", relations.into_iter())?;
    let (entities, relations) = tables(model);
    place.rows("entity_embeddings.npy", entities, model.dim())?;
    place.rows("relation_embeddings.npy", relations, model.dim())?;
    place.write("model.json", (serde_json::to_string_pretty(&model_json(pack, model))? + "\n").as_bytes())?;
    text(pack, place)?;

    let splits = [Split::Test, Split::Valid, Split::Train];
    let scored: Vec<&Triple> = splits.iter().flat_map(|split| graph.triples(*split)).take(count).collect();
    let line = |triple: &&Triple| format!("{}\t{}", ids(graph, triple).join("\t"), model.score(triple));
    let scores = std::iter::once("head\trelation\ttail\tscore".to_owned()).chain(scored.iter().map(line));
    place.lines("scores.tsv", scores)?;
    place.write("load_into_pykeen.py", LOAD.as_bytes())?;
    place.write("pykeen_to_lladr.py", BACK.as_bytes())?;
    Ok(vec!["python load_into_pykeen.py, there, where PyKEEN is installed: loads the rows and compares scores".into()])
}
