//! For PyTorch-BigGraph 1.0.0: lists of edges for `torchbiggraph_import_from_tsv`, and the configuration to train with.
//!
//! Its words are cut at white space, so identifiers are written with `%20` for a space and `%25` for a per cent sign.
//! Where every relation joins one type with one other, entities are typed, and negatives are of the right type;
//! otherwise all entities are of one type. `graph/dynamic_rel_names.json` is what `torchbiggraph_export_to_tsv` reads the
//! relations' names from, and what its own import writes only in another mode.

use anyhow::Result;
use lladr_core::graph::{KnowledgeGraph, Split};
use lladr_core::ids::TypeId;
use lladr_core::model::Interaction;
use lladr_core::pack::Pack;

use super::place::{Place, ids};
use crate::embeddings::pbg_word as word;

/// Scoring functions that it has as this project has them.
pub const SCORERS: [Interaction; 3] = [Interaction::TransEL2, Interaction::DistMult, Interaction::ComplEx];

/// What to train there.
pub struct Run {
    /// Parts of each type.
    pub partitions: u16,
    /// Scoring function; without one, the pack's model's, if it is possible.
    pub model: Option<Interaction>,
    /// Numbers in a row; without, as many as the pack's model has.
    pub dim: Option<u32>,
    /// Epochs.
    pub epochs: u32,
}

/// Writes the folder.
pub fn write(pack: &Pack, place: &mut Place, run: &Run) -> Result<Vec<String>> {
    let graph = &pack.graph;
    place.splits(graph, ".tsv", |triple| ids(graph, triple).map(word).join("\t"))?;
    let own = pack.model.as_ref().map(|model| model.interaction).filter(|own| SCORERS.contains(own));
    let scorer = run.model.or(own).unwrap_or(Interaction::ComplEx);
    let dim = run.dim.or(pack.model.as_ref().map(|model| model.dim() as u32)).unwrap_or(128);
    let (operator, comparator) = match scorer {
        Interaction::DistMult => ("diagonal", "dot"),
        Interaction::ComplEx => ("complex_diagonal", "dot"),
        _ => ("translation", "l2"),
    };
    let names: Vec<String> = graph.vocabulary.relations().iter().map(|relation| word(&relation.id)).collect();
    place.write("graph/dynamic_rel_names.json", serde_json::to_string(&names)?.as_bytes())?;

    let ends = ends(graph);
    let kind = |kind: TypeId| quoted(&word(graph.vocabulary.type_name(kind)));
    let entities: Vec<String> = match &ends {
        None => vec!["'all'".into()],
        Some(ends) => {
            let used = |kind: &TypeId| ends.iter().any(|(head, tail)| head == kind || tail == kind);
            (0..graph.vocabulary.types().len() as u32).map(TypeId).filter(used).map(kind).collect()
        }
    };
    let entities =
        entities.iter().map(|name| format!("            {name}: {{'num_partitions': {}}},\n", run.partitions));
    let relations = names.iter().enumerate().map(|(at, name)| {
        let (head, tail) = match &ends {
            None => ("'all'".to_owned(), "'all'".to_owned()),
            Some(ends) => (kind(ends[at].0), kind(ends[at].1)),
        };
        format!("            {{'name': {}, 'lhs': {head}, 'rhs': {tail}, 'operator': '{operator}'}},\n", quoted(name))
    });
    let config = format!(
        "# Written by lladr export pbg; a configuration of PyTorch-BigGraph.\n#\n\
         #     torchbiggraph_import_from_tsv --lhs-col=0 --rel-col=1 --rhs-col=2 config.py train.tsv\n\
         #     torchbiggraph_train config.py\n\
         #     torchbiggraph_export_to_tsv config.py --entities-output entity_embeddings.tsv \\\n\
         #         --relation-types-output relation_types_parameters.tsv\n\n\n\
         def get_torchbiggraph_config():\n    return dict(\n\
         \x20       entity_path='graph',\n\
         \x20       edge_paths=['graph/train'],\n\
         \x20       checkpoint_path='model',\n\
         \x20       entities={{\n{}        }},\n\
         \x20       relations=[\n{}        ],\n\
         \x20       dimension={dim},\n\
         \x20       global_emb=False,\n\
         \x20       comparator='{comparator}',\n\
         \x20       num_epochs={},\n\
         \x20       loss_fn='softmax',\n\
         \x20       lr=0.1,\n\
         \x20       num_batch_negs=50,\n\
         \x20       num_uniform_negs=50,\n\
         \x20       eval_fraction=0.0,\n\
         \x20   )\n",
        entities.collect::<String>(),
        relations.collect::<String>(),
        run.epochs,
    );
    place.write("config.py", config.as_bytes())?;
    Ok(vec![
        "torchbiggraph_import_from_tsv --lhs-col=0 --rel-col=1 --rhs-col=2 config.py train.tsv".into(),
        "torchbiggraph_train config.py".into(),
        "torchbiggraph_export_to_tsv config.py --entities-output entity_embeddings.tsv --relation-types-output \
         relation_types_parameters.tsv"
            .into(),
        "lladr import-embeddings pbg DIR --pack …".into(),
    ])
}

/// Types at both ends of every relation; `None` where a relation has several.
fn ends(graph: &KnowledgeGraph) -> Option<Vec<(TypeId, TypeId)>> {
    let mut ends: Vec<Option<(TypeId, TypeId)>> = vec![None; graph.relation_count()];
    let kind = |row: u32| graph.vocabulary.entities().get(row as usize).map(|entity| entity.kind);
    for triple in Split::ALL.iter().flat_map(|split| graph.triples(*split)) {
        let found = (kind(triple.head)?, kind(triple.tail)?);
        let own = ends.get_mut(triple.relation as usize)?;
        if *own.get_or_insert(found) != found {
            return None;
        }
    }
    // A relation without a triple may have any.
    Some(ends.into_iter().map(|own| own.unwrap_or((TypeId(0), TypeId(0)))).collect())
}

/// As a Python string.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
