//! For TensorFlow's Embedding Projector: a line of numbers for each entity, and a table of what the lines are.

use anyhow::{Result, bail};
use lladr_core::ids::EntityId;
use lladr_core::pack::Pack;

use super::model_of;
use super::place::Place;

/// Writes the folder, of entities of some types or of all.
pub fn write(pack: &Pack, place: &mut Place, types: &[String]) -> Result<Vec<String>> {
    let (vocabulary, model) = (&pack.graph.vocabulary, model_of(pack)?);
    for name in types {
        if vocabulary.type_row(name).is_none() {
            bail!("the pack has no type {name}; it has {}", vocabulary.types().join(", "));
        }
    }
    let is_wanted = |kind: &str| types.is_empty() || types.iter().any(|name| name == kind);
    let chosen = || {
        let rows = (0..).map(EntityId).zip(vocabulary.entities());
        rows.filter(|(_, entity)| is_wanted(vocabulary.type_name(entity.kind)))
    };
    let numbers = |row: EntityId| model.entity(row).iter().map(f32::to_string).collect::<Vec<_>>().join("\t");
    place.lines("vectors.tsv", chosen().map(|(row, _)| numbers(row)))?;
    // A table of more than one column needs a header.
    let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let about = chosen().map(|(row, entity)| {
        let kind = vocabulary.type_name(entity.kind);
        format!("{}\t{kind}\t{}\t{}", clean(&entity.label), entity.id, pack.graph.degree(row))
    });
    place.lines("metadata.tsv", std::iter::once("name\ttype\tid\ttraining triples".to_owned()).chain(about))?;
    Ok(vec!["load vectors.tsv and metadata.tsv at https://projector.tensorflow.org".into()])
}
