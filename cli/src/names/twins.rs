//! Diseases that are in the graph twice, as `DOID` and as `MESH`, by Disease Ontology's own cross references.
//!
//! A reference counts where it is one to one among the diseases of the graph. Of several that share an end, one counts
//! if it alone joins two of the same name, whatever the order of its words (`Cardiomyopathy, Dilated`); the others are
//! broader or narrower things than their twin would be, and are told and left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};
use lladr_core::graph::{Entity, MergeCount, merged_rows};
use lladr_core::ids::EntityId;
use lladr_core::pack::{Pack, Source};
use serde_json::{Value, json};

use super::gather::{MOST_SYNONYMS, has_name};
use super::{diseases, keys, obo, table};
use table::Format;

/// What was found.
pub struct Twins {
    /// Entities of the disease type by `DOID`, and by `MESH`.
    nodes: [usize; 2],
    /// Twins: `MESH` first, `DOID` second.
    pairs: Vec<(EntityId, EntityId)>,
    /// Of them, those of which an end is referred to by other diseases too, which the graph does not have.
    loose: usize,
    /// Of them, those told from others by their names.
    by_name: usize,
    /// References with both ends in the graph that do not count.
    ambiguous: usize,
    source: Source,
}

/// What merging did.
pub struct Merged {
    count: MergeCount,
    entities: usize,
}

/// The format of a file of cross references.
pub fn format_of(path: &Path) -> Result<(&'static Format, Source)> {
    let (format, source) = table::format_of(path, None)?;
    if ![diseases::DO_XREFS.name, diseases::DO_MESH.name, obo::OBO.name].contains(&format.name) {
        bail!(
            "{} is of the format {}; --xrefs takes doid.obo, or a table with doid_code, resource and resource_id",
            path.display(),
            format.name
        );
    }
    Ok((format, source))
}

/// Refuses a pack of which more than the graph would have to be merged.
pub fn check_mergeable(pack: &Pack) -> Result<()> {
    let notes = &pack.notes;
    let parts = [
        ("a model", pack.model.is_some()),
        ("a map", pack.layout.is_some()),
        ("texts", pack.text.is_some() || pack.manifest.texts.is_some() || !notes.descriptions.is_empty()),
        ("evidence, cautions or cases", notes.evidence.len() + notes.cautions.len() + notes.cases.len() > 0),
    ];
    let there: Vec<_> = parts.iter().filter(|(_, is_there)| *is_there).map(|(what, _)| *what).collect();
    if !there.is_empty() {
        bail!(
            "the pack has {}, made for its entities as they are: merge right after `lladr import`, before anything else",
            there.join(", ")
        );
    }
    Ok(())
}

/// Finds them.
pub fn find(pack: &Pack, path: &Path, (format, source): (&'static Format, Source)) -> Result<Twins> {
    let mut references = BTreeSet::new();
    table::read(path, format, &mut |row| {
        let Ok(row) = row else { return };
        let ends = |keys: &[String], scheme: &str| {
            keys.iter().filter(|key| key.starts_with(scheme)).cloned().collect::<Vec<_>>()
        };
        // The first key is the class's own, further ones are of classes that were merged into it.
        let own = ends(&row.own, "doid:");
        for mesh in ends(&row.xrefs, "mesh:") {
            references.extend(own.first().map(|doid| (mesh, doid.clone())));
        }
    })?;
    if references.is_empty() {
        bail!("{} holds no reference from Disease Ontology to MeSH", path.display());
    }
    let mut rows: BTreeMap<String, EntityId> = BTreeMap::new();
    let kind = pack.manifest.roles.as_ref().map_or("Disease", |roles| &roles.disease_type);
    let kind = pack.graph.vocabulary.type_row(kind);
    for row in kind.map_or(&[][..], |kind| pack.graph.vocabulary.of_type(kind)) {
        let keys = pack.graph.vocabulary.entity(*row).map(|entity| keys::of_entity(&entity.id)).unwrap_or_default();
        if let [key] = keys.as_slice() {
            rows.insert(key.clone(), *row);
        }
    }
    let nodes = ["doid:", "mesh:"].map(|scheme| rows.keys().filter(|key| key.starts_with(scheme)).count());
    let in_graph: Vec<_> = references
        .iter()
        .filter_map(|(mesh, doid)| Some(((mesh, doid), (*rows.get(mesh)?, *rows.get(doid)?))))
        .collect();
    let in_file = uses(references.iter().map(|(mesh, doid)| (mesh, doid)));
    let of_row = uses(in_graph.iter().map(|(_, (from, to))| (from, to)));
    let is_same = |(from, to): &(EntityId, EntityId)| {
        let words = |row| pack.graph.vocabulary.entity(row).map(words_of).filter(|words| !words.is_empty());
        words(*from).is_some_and(|own| Some(own) == words(*to))
    };
    let of_name = uses(in_graph.iter().filter(|(_, rows)| is_same(rows)).map(|(_, (from, to))| (from, to)));
    let mut twins = Twins { nodes, pairs: Vec::new(), loose: 0, by_name: 0, ambiguous: 0, source };
    for &((mesh, doid), (from, to)) in &in_graph {
        let is_only = is_one_to_one(&of_row, &from, &to);
        let is_named = !is_only && is_same(&(from, to)) && is_one_to_one(&of_name, &from, &to);
        if is_only || is_named {
            twins.pairs.push((from, to));
            twins.by_name += usize::from(is_named);
            twins.loose += usize::from(is_only && !is_one_to_one(&in_file, mesh, doid));
        } else {
            twins.ambiguous += 1;
        }
    }
    Ok(twins)
}

/// How often each end is used.
type Uses<'a, T> = [BTreeMap<&'a T, usize>; 2];

fn uses<'a, T: Ord>(pairs: impl Iterator<Item = (&'a T, &'a T)>) -> Uses<'a, T> {
    let mut uses = [BTreeMap::new(), BTreeMap::new()];
    for (from, to) in pairs {
        *uses[0].entry(from).or_default() += 1;
        *uses[1].entry(to).or_default() += 1;
    }
    uses
}

fn is_one_to_one<T: Ord>(uses: &Uses<'_, T>, from: &T, to: &T) -> bool {
    (uses[0].get(from), uses[1].get(to)) == (Some(&1), Some(&1))
}

/// The words of an entity's name, in order.
fn words_of(entity: &Entity) -> Vec<String> {
    let name = entity.label.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words
}

impl Twins {
    /// Makes one entity of each two; the pack then has fewer.
    pub fn merge(&self, pack: &mut Pack) -> Result<Merged> {
        let (graph, count) = pack.graph.merge(&self.pairs)?;
        pack.graph = graph;
        for (from, to) in &self.pairs {
            let vocabulary = &mut pack.graph.vocabulary;
            if let (Some(gone), Some(stays)) = (vocabulary.entity(*from), vocabulary.entity(*to)) {
                let names = united(stays, gone);
                vocabulary.rename(*to, &names);
            }
        }
        let first = pack.default_disease;
        let first = first.map(|row| self.pairs.iter().find(|(from, _)| *from == row).map_or(row, |(_, to)| *to));
        if let Some(first) = first {
            pack.show_first(first);
        }
        let selection = merged_rows(&pack.graph, &self.pairs);
        *pack = pack.cut(&selection)?;
        if !self.pairs.is_empty() {
            let rule = &mut pack.manifest.split.rule;
            *rule += &format!(
                "; then {} diseases were merged with their twins, and a pair of which any triple is held out is held out \
                 whole",
                self.pairs.len()
            );
            let used_for = format!("cross references that made {} diseases one", self.pairs.len());
            pack.manifest.sources.push(Source { used_for, ..self.source.clone() });
        }
        Ok(Merged { count, entities: pack.graph.entity_count() })
    }

    /// In lines.
    pub fn words(&self) -> Vec<String> {
        let [doid, mesh] = self.nodes;
        vec![format!(
            "{} diseases are in the graph twice, as DOID and as MESH (of {doid} by DOID and {mesh} by MESH): {} by a \
             reference that is one to one, {} by one that is so in this graph, {} by their name; {} more references between \
             diseases of the graph are left",
            self.pairs.len(),
            self.pairs.len() - self.loose - self.by_name,
            self.loose,
            self.by_name,
            self.ambiguous
        )]
    }

    /// For a script.
    pub fn json(&self) -> Value {
        json!({
            "doid": self.nodes[0], "mesh": self.nodes[1], "twins": self.pairs.len(), "one_to_one_in_graph_only": self.loose,
            "by_name": self.by_name, "ambiguous": self.ambiguous,
        })
    }
}

/// Names of an entity that another joins: its identifier and names become synonyms.
fn united(stays: &Entity, gone: &Entity) -> Entity {
    let mut entity = stays.clone();
    if !has_name(stays) && has_name(gone) {
        entity.label.clone_from(&gone.label);
    }
    if entity.area.is_empty() {
        entity.area.clone_from(&gone.area);
    }
    let id = gone.id.split_once("::").map_or(gone.id.as_str(), |(_, id)| id);
    let label = has_name(gone).then_some(&gone.label);
    // The identifier first: who looks for it shall find it, however many synonyms there are.
    let all = [id]
        .into_iter()
        .chain(label.map(String::as_str))
        .chain(stays.synonyms.iter().chain(&gone.synonyms).map(String::as_str));
    let mut seen = BTreeSet::from([entity.label.to_lowercase()]);
    let all = all.filter(|name| seen.insert(name.to_lowercase())).map(str::to_owned);
    entity.synonyms = all.take(MOST_SYNONYMS.max(stays.synonyms.len() + 2)).collect();
    entity
}

impl Merged {
    /// In lines.
    pub fn words(&self) -> Vec<String> {
        let c = &self.count;
        vec![
            format!(
                "merged: {} entities stay; {} triples redirected, {} repeats and {} self-loops dropped",
                self.entities, c.redirected, c.duplicates, c.self_loops
            ),
            format!(
                "held out: {} triples left training with their pair, {} pairs went from valid to test, {} back to training \
                 since an end had no other training triple",
                c.newly_held_out, c.valid_to_test, c.given_back
            ),
        ]
    }

    /// For a script.
    pub fn json(&self) -> Value {
        let c = &self.count;
        json!({
            "entities": self.entities, "redirected": c.redirected, "duplicates": c.duplicates,
            "self_loops": c.self_loops, "newly_held_out": c.newly_held_out, "valid_to_test": c.valid_to_test,
            "given_back": c.given_back,
        })
    }
}
