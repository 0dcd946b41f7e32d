//! What a part has of the whole: entities by type and by hop, triples by relation and by split, held-out pairs.

use std::collections::BTreeMap;

use lladr_core::graph::{KnowledgeGraph, Neighbourhood, Split};
use serde_json::{Value, json};

/// A count of the whole and of the part.
type Both = [u64; 2];

/// What is told.
pub struct Report<'a> {
    part: &'a Neighbourhood,
    types: BTreeMap<String, Both>,
    relations: BTreeMap<String, Both>,
    splits: [(Split, Both); 3],
    hops: Vec<u64>,
}

/// Triples of all splits, by relation.
pub fn relations(graph: &KnowledgeGraph) -> BTreeMap<String, u64> {
    let mut counts = vec![0; graph.relation_count()];
    for triple in Split::ALL.iter().flat_map(|split| graph.triples(*split)) {
        counts[triple.relation as usize] += 1;
    }
    graph.vocabulary.relations().iter().map(|relation| relation.id.clone()).zip(counts).collect()
}

fn types(graph: &KnowledgeGraph) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for entity in graph.vocabulary.entities() {
        *counts.entry(graph.vocabulary.type_name(entity.kind).to_owned()).or_default() += 1;
    }
    counts
}

impl<'a> Report<'a> {
    /// Counts.
    pub fn new(whole: &KnowledgeGraph, cut: &KnowledgeGraph, part: &'a Neighbourhood) -> Self {
        let both = |of: fn(&KnowledgeGraph) -> BTreeMap<String, u64>| {
            let left = of(cut);
            of(whole)
                .into_iter()
                .map(|(name, all)| (name.clone(), [all, left.get(&name).copied().unwrap_or(0)]))
                .collect()
        };
        let size = |split| [whole, cut].map(|graph| graph.triples(split).len() as u64);
        let mut hops = vec![0; part.distances.iter().max().map_or(0, |most| *most as usize + 1)];
        part.distances.iter().for_each(|hop| hops[*hop as usize] += 1);
        let splits = Split::ALL.map(|split| (split, size(split)));
        Report { part, types: both(types), relations: both(relations), splits, hops }
    }

    fn entities(&self) -> Both {
        self.types.values().fold([0, 0], |sum, both| [sum[0] + both[0], sum[1] + both[1]])
    }

    /// In lines.
    pub fn words(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (what, table, all) in [("type", &self.types, "entities"), ("relation", &self.relations, "triples")] {
            lines.push(format!("{what:<44} {:>12} {:>12} {:>7}", format!("{all}"), "kept", "share"));
            lines.extend(table.iter().map(|(name, [all, kept])| {
                let share = 100.0 * *kept as f64 / (*all).max(1) as f64;
                format!("{name:<44} {all:>12} {kept:>12} {share:>6.1}%")
            }));
        }
        let hops = self.hops.iter().enumerate().map(|(hop, count)| format!("{count} at {hop}"));
        let hops = hops.collect::<Vec<_>>().join(", ");
        let [all, kept] = self.entities();
        lines.push(format!("entities  {kept} of {all}, {} reached; by hops: {hops}", self.part.reached));
        let splits = self.splits.iter().map(|(split, [all, kept])| format!("{} {kept} of {all}", split.name()));
        lines.push(format!("triples   {}", splits.collect::<Vec<_>>().join(", ")));
        if self.part.capped > 0 {
            lines.push(format!("capped    {} training triples are left out by --cap", self.part.capped));
        }
        let held = self.part.held_out;
        lines.push(format!(
            "held out  {} of {} pairs stay; {} are filtered out, {} are out of reach, {} have no room, {} have an untrained \
             end",
            held.kept, held.all, held.filtered, held.out_of_reach, held.no_room, held.untrained
        ));
        lines
    }

    /// For a script.
    pub fn json(&self) -> Value {
        let table = |table: &BTreeMap<String, Both>| {
            let line = |(name, [all, kept]): (&String, &Both)| (name.clone(), json!({ "before": all, "after": kept }));
            Value::Object(table.iter().map(line).collect())
        };
        let splits = self
            .splits
            .iter()
            .map(|(split, [all, kept])| (split.name().to_owned(), json!({ "before": all, "after": kept })));
        let held = self.part.held_out;
        let [all, kept] = self.entities();
        json!({
            "entities": { "before": all, "reached": self.part.reached, "after": kept },
            "entities_by_hop": self.hops, "types": table(&self.types), "relations": table(&self.relations),
            "triples": Value::Object(splits.collect()), "capped": self.part.capped,
            "held_out_pairs": {
                "before": held.all, "after": held.kept, "filtered": held.filtered, "out_of_reach": held.out_of_reach,
                "no_room": held.no_room, "untrained": held.untrained,
            },
        })
    }
}
