//! A pack that is reordered or cut: the model's rows, positions, text vectors and notes follow their entities.

use std::path::Path;

use lladr_core::graph::{Selection, Split};
use lladr_core::ids::{EntityId, RelationId};
use lladr_core::pack::{self, Pack, Storage};
use lladr_core::rng::Permutation;

#[allow(clippy::unwrap_used, reason = "a test")]
fn starter() -> Pack {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter");
    let read = |name: &str| (name.to_owned(), std::fs::read(folder.join(name)).unwrap());
    let manifest = read(pack::MANIFEST_FILE);
    let files = pack::Manifest::parse(&manifest.1, pack::MOST_IN_BROWSER).unwrap().files;
    let files: Vec<_> = std::iter::once(manifest).chain(files.iter().map(|entry| read(&entry.name))).collect();
    pack::read(&files, pack::MOST_IN_BROWSER).unwrap()
}

fn id(pack: &Pack, row: EntityId) -> &str {
    pack.graph.vocabulary.entity(row).map_or("", |entity| &entity.id)
}

/// Everything that `new` says of its entities is what `old` says of them.
#[allow(clippy::unwrap_used, reason = "a test")]
fn assert_follows(new: &Pack, old: &Pack) {
    let (model, old_model) = (new.model.as_ref().unwrap(), old.model.as_ref().unwrap());
    let (text, old_text) = (new.text.as_ref().unwrap(), old.text.as_ref().unwrap());
    let old_row = |row| old.graph.vocabulary.entity_row(id(new, row)).unwrap();
    for row in (0..new.graph.entity_count() as u32).map(EntityId) {
        let old_row = old_row(row);
        assert_eq!(
            new.graph.vocabulary.entity(row).unwrap().label,
            old.graph.vocabulary.entity(old_row).unwrap().label
        );
        assert_eq!(model.entity(row), old_model.entity(old_row));
        let position = |pack: &Pack, row: EntityId| pack.layout.as_ref().unwrap()[2 * row.index()..][..2].to_vec();
        assert_eq!(position(new, row), position(old, old_row));
        for ((_, table), (_, old_table)) in text.templates.iter().zip(&old_text.templates) {
            let dims = text.dims;
            assert_eq!(table[row.index() * dims..][..dims], old_table[old_row.index() * dims..][..dims]);
        }
        let texts = |pack: &Pack, row| pack.notes.description(row).map(|texts| texts.good.clone());
        assert_eq!(texts(new, row), texts(old, old_row));
    }
    for (row, relation) in (0..).map(RelationId).zip(new.graph.vocabulary.relations()) {
        let old_row = old.graph.vocabulary.relation_row(&relation.id).unwrap();
        assert_eq!(model.relation(row), old_model.relation(old_row));
    }
    for known in &new.notes.evidence {
        assert_eq!(old.notes.grade(old_row(known.drug), old_row(known.disease)), Some(known.grade));
    }
    for triple in new.graph.triples(Split::Test) {
        let relation = &new.graph.vocabulary.relations()[triple.relation as usize].id;
        let old_triple = lladr_core::graph::Triple::new(
            old_row(EntityId(triple.head)),
            old.graph.vocabulary.relation_row(relation).unwrap(),
            old_row(EntityId(triple.tail)),
        );
        assert!(old.graph.triples(Split::Test).contains(&old_triple));
        assert_eq!(model.score(triple), old_model.score(&old_triple));
    }
}

#[test]
fn a_reordered_pack_says_the_same_and_can_be_written() -> lladr_core::Result<()> {
    let old = starter();
    let count = old.graph.entity_count() as u32;
    let permutation = Permutation::new(count, 3, 0);
    let order: Vec<_> = (0..count).map(|at| EntityId(permutation.at(at))).collect();
    let new = old.select(&order)?;
    assert_follows(&new, &old);
    let mut manifest = new.manifest.clone();
    manifest.files.clone_from(&old.manifest.files);
    assert_eq!(manifest, old.manifest, "what was measured stays true");
    let sizes = |pack: &Pack| {
        let notes = &pack.notes;
        (notes.evidence.len(), notes.cautions.len(), notes.cases.len(), notes.descriptions.len())
    };
    assert_eq!(sizes(&new), sizes(&old));
    assert_eq!(new.default_disease.map(|row| id(&new, row)), old.default_disease.map(|row| id(&old, row)));
    let files = pack::write(new.manifest.clone(), &new.contents(), Storage::WORK)?;
    let again = pack::read(&files, pack::MOST_IN_BROWSER)?;
    assert_eq!(again.graph.triples(Split::Train), new.graph.triples(Split::Train));

    // And back: the same bytes as the old pack gives.
    let mut back = vec![EntityId(0); order.len()];
    for (new, old) in (0..).zip(&order) {
        back[old.index()] = EntityId(new);
    }
    let back = again.select(&back)?;
    let write = |pack: &Pack| pack::write(pack.manifest.clone(), &pack.contents(), Storage::WORK);
    assert_eq!(write(&back)?, write(&old)?);
    Ok(())
}

#[test]
fn a_cut_pack_keeps_what_belongs_to_the_kept_and_forgets_what_was_measured() -> lladr_core::Result<()> {
    let old = starter();
    let first = old.default_disease;
    let kept: Vec<_> = (0..old.graph.entity_count() as u32).map(EntityId).filter(|row| row.0 % 3 != 0).collect();
    let kept: Vec<_> = kept.into_iter().filter(|row| Some(*row) != first).collect();
    let mut selection = Selection::of_entities(&old.graph, &kept);
    let used = |row: &RelationId| selection.triples.train.iter().any(|triple| triple.relation() == *row);
    selection.relations = selection.relations.iter().copied().filter(used).rev().collect();
    let is_kept = |row: u32| selection.relations.contains(&RelationId(row));
    selection.triples.valid.retain(|triple| is_kept(triple.relation));
    selection.triples.test.retain(|triple| is_kept(triple.relation));
    let new = old.cut(&selection)?;
    assert_follows(&new, &old);
    assert!(!new.notes.evidence.is_empty() && !new.graph.triples(Split::Test).is_empty());
    let model = new.manifest.model.as_ref();
    assert!(model.is_some_and(|card| card.metrics.is_empty() && card.origin.contains("cut from a model")));
    assert!(new.manifest.layout.as_ref().is_some_and(|card| card.quality.is_none()));
    let graph = &new.graph;
    let disease = graph.roles.as_ref().map(|roles| roles.disease);
    let most = disease.and_then(|kind| graph.vocabulary.of_type(kind).iter().map(|row| graph.degree(*row)).max());
    assert_eq!(new.default_disease.map(|row| graph.degree(row)), most, "another disease is shown first");
    let files = pack::write(new.manifest.clone(), &new.contents(), Storage::WORK)?;
    assert_eq!(pack::read(&files, pack::MOST_IN_BROWSER)?.default_disease, new.default_disease);
    Ok(())
}
