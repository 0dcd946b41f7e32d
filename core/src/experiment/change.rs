//! What an arm does to the training triples or to the texts: functions of a seed.

use crate::graph::{KnowledgeGraph, Split, Triple};
use crate::ids::EntityId;
use crate::rng::{Stream, below, hash, unit};

/// Draws of these functions differ in their second counter.
const DELETE: u32 = 0;
const ADD: u32 = 1;
const SWAP: u32 = 2;

/// Training triples without a share of them, each drawn alone.
pub fn delete_share(triples: &[Triple], share: f32, seed: u32) -> Vec<Triple> {
    let is_kept = |at: u32| unit(hash(seed, Stream::Experiment, at, DELETE)) >= share;
    triples.iter().zip(0..).filter(|(_, at)| is_kept(*at)).map(|(triple, _)| *triple).collect()
}

/// Training triples and noise: copies of random ones with a tail drawn from all entities. A draw that is true,
/// known or held out, is left out.
pub fn add_noise(graph: &KnowledgeGraph, share: f32, seed: u32) -> Vec<Triple> {
    let triples = graph.triples(Split::Train);
    let count = (triples.len() as f32 * share) as u32;
    let draw = |at: u32, n: usize| below(hash(seed, Stream::Experiment, at, ADD), n as u32);
    let noise = (0..count).map(|at| Triple {
        tail: draw(2 * at + 1, graph.entity_count()),
        ..triples[draw(2 * at, triples.len()) as usize]
    });
    triples.iter().copied().chain(noise.filter(|triple| !graph.known.contains(triple))).collect()
}

/// Training triples without those between two entities.
pub fn hide_pair(triples: &[Triple], a: EntityId, b: EntityId) -> Vec<Triple> {
    let is_pair = |t: &Triple| (t.head, t.tail) == (a.0, b.0) || (t.head, t.tail) == (b.0, a.0);
    triples.iter().filter(|triple| !is_pair(triple)).copied().collect()
}

/// Text rows `[entities, width]` where a share of the entities have the next drawn one's text.
pub fn swap_texts(rows: &[f32], width: usize, share: f32, seed: u32) -> Vec<f32> {
    let entities = (rows.len() / width.max(1)) as u32;
    let key = |entity: u32| hash(seed, Stream::Experiment, entity, SWAP);
    let mut drawn: Vec<u32> = (0..entities).filter(|&entity| unit(key(entity)) < share).collect();
    drawn.sort_by_key(|&entity| (key(entity), entity));
    let mut out = rows.to_vec();
    for (at, &entity) in drawn.iter().enumerate() {
        let from = drawn[(at + 1) % drawn.len()] as usize * width;
        let to = entity as usize * width;
        out[to..to + width].copy_from_slice(&rows[from..from + width]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_deleted_and_a_share_swapped() {
        let triples: Vec<Triple> = (0..4000).map(|at| Triple { head: at, relation: 0, tail: at + 1 }).collect();
        let left = delete_share(&triples, 0.4, 3).len();
        assert!(left.abs_diff(2400) < 150, "{left}");
        assert_eq!(delete_share(&triples, 0.0, 3), triples);
        assert_eq!(hide_pair(&triples, EntityId(8), EntityId(7)).len(), 3999);

        let rows: Vec<f32> = (0..1000).flat_map(|at| [at as f32, -(at as f32)]).collect();
        let swapped = swap_texts(&rows, 2, 0.5, 3);
        let moved = rows.chunks(2).zip(swapped.chunks(2)).filter(|(a, b)| a != b).count();
        assert!(moved.abs_diff(500) < 70, "{moved}");
        let mut sorted: Vec<i32> = swapped.iter().map(|x| *x as i32).collect();
        let mut expected: Vec<i32> = rows.iter().map(|x| *x as i32).collect();
        sorted.sort_unstable();
        expected.sort_unstable();
        assert_eq!(sorted, expected, "texts are moved, not copied");
        assert_eq!(swap_texts(&rows, 2, 0.0, 3), rows);
    }
}
