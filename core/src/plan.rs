//! The step planner: everything of a training step that is not arithmetic, prepared ahead of the device.
//!
//! A step takes `B` positives in chunks of [`CHUNK`]; each chunk shares `K` negatives. Every row a step
//! reads will be moved, and a row may occur often, so the planner sorts the occurrences by row. A
//! device then sums each row's gradients in that order, without atomics: same seed, same bits.
//!
//! The gradients of a step are rows of one array, the *occurrences*:
//!
//! | rows | whose gradient |
//! |---|---|
//! | `0 .. B` | the given entity of positive `b` |
//! | `B .. 2B` | its true entity |
//! | `2B .. 3B` | its relation |
//! | `3B .. 3B + C·K` | negative `j` of chunk `c` |
//! | then | sums of pieces of long segments |
//!
//! A segment longer than [`PIECE`] is cut: first each piece is summed into a row of its own (level 1,
//! `pieces`), then the row sums its pieces (level 2, `segments`). Both levels are the same list of lists.
//!
//! Under type-constrained sampling the positives of a step are put in order of the type of their true entity,
//! so that a chunk shares negatives of one type, or of few.

use std::sync::Arc;

use crate::graph::{KnownTriples, Side, Triple};
use crate::rng::Permutation;
use crate::sampling::{self, TypeTable};

/// Positives that share one set of negatives.
pub const CHUNK: usize = 256;
/// Longest list of occurrences that one thread group sums.
pub const PIECE: usize = 64;

/// What stays the same over a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanShape {
    /// Entities of the graph.
    pub entities: u32,
    /// Relations of the graph.
    pub relations: u32,
    /// Training triples.
    pub triples: u32,
    /// Positives per step, `B`.
    pub batch: u32,
    /// Negatives per chunk, `K`.
    pub negatives: u32,
    /// Seed of permutations and negatives.
    pub seed: u32,
}

impl PlanShape {
    /// Steps that make one epoch; the last one may be smaller.
    pub fn steps_per_epoch(&self) -> u32 {
        self.triples.div_ceil(self.batch)
    }

    /// The most occurrences a step has, pieces included.
    pub fn most_occurrences(&self) -> usize {
        let batch = (self.batch as usize).min(self.triples as usize);
        let plain = 3 * batch + batch.div_ceil(CHUNK) * self.negatives as usize;
        // Every piece but a row's last holds PIECE occurrences, and only rows with more are cut.
        plain + 2 * plain / PIECE + 1
    }
}

/// Lists of occurrences, one after another: list `i` is `items[starts[i] .. starts[i + 1]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// Where each list starts, and where the last ends.
    pub starts: Vec<u32>,
    /// Occurrence rows.
    pub items: Vec<u32>,
}

impl Lists {
    /// Number of lists.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// List `at`.
    pub fn get(&self, at: usize) -> &[u32] {
        &self.items[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    fn clear(&mut self) {
        self.starts.clear();
        self.starts.push(0);
        self.items.clear();
    }

    fn close(&mut self) {
        self.starts.push(self.items.len() as u32);
    }
}

/// One step, ready for any device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepPlan {
    /// Counter over the run.
    pub step: u32,
    /// The side that is corrupted: tails in even steps, heads in odd ones.
    pub side: Side,
    /// Rows of the training triples, `[B]`.
    pub positives: Vec<u32>,
    /// Negative entities, `[C × K]`.
    pub negatives: Vec<u32>,
    /// Slots of a positive's negatives that are known to be true, by positive; no list at all where they count.
    pub false_negatives: Lists,
    /// Level 1: pieces of long segments; piece `i` is summed into occurrence `first_piece + i`.
    pub pieces: Lists,
    /// Rows of the parameter table that this step moves, ascending.
    pub rows: Vec<u32>,
    /// Level 2: the occurrences of each of `rows`.
    pub segments: Lists,
}

impl StepPlan {
    /// Number of positives.
    pub fn batch(&self) -> usize {
        self.positives.len()
    }

    /// Number of chunks.
    pub fn chunks(&self) -> usize {
        self.batch().div_ceil(CHUNK)
    }

    /// The occurrence row of the first piece.
    pub fn first_piece(&self) -> usize {
        3 * self.batch() + self.negatives.len()
    }
}

/// What negatives are drawn from and checked against; nothing for uniform, unfiltered sampling.
#[derive(Debug, Clone, Default)]
pub struct Sampler {
    /// Types, for type-constrained sampling.
    pub types: Option<Arc<TypeTable>>,
    /// Training triples, to filter false negatives.
    pub known: Option<Arc<KnownTriples>>,
}

/// Makes plans. Keeps its working arrays, so that a warm planner that plans into a used plan allocates nothing.
#[derive(Debug, Clone)]
pub struct Planner {
    shape: PlanShape,
    sampler: Sampler,
    counts: Vec<u32>,
    touched: Vec<u32>,
    rows: Vec<u32>,
    sorted: Vec<u32>,
    /// Kind, place and row of positives.
    by_kind: Vec<[u32; 3]>,
    /// Entity and slot of negatives.
    slots: Vec<(u32, u32)>,
}

impl Planner {
    /// For one run with uniform, unfiltered negatives.
    pub fn new(shape: PlanShape) -> Self {
        Planner::with_sampler(shape, Sampler::default())
    }

    /// For one run.
    pub fn with_sampler(shape: PlanShape, sampler: Sampler) -> Self {
        let counts = vec![0; (shape.entities + shape.relations) as usize];
        Planner {
            shape,
            sampler,
            counts,
            touched: Vec::new(),
            rows: Vec::new(),
            sorted: Vec::new(),
            by_kind: Vec::new(),
            slots: Vec::new(),
        }
    }

    /// The shape given to [`Planner::new`].
    pub fn shape(&self) -> &PlanShape {
        &self.shape
    }

    /// Plan of the step with this counter.
    pub fn plan(&mut self, step: u32, triples: &[Triple]) -> StepPlan {
        let mut plan = StepPlan::default();
        self.plan_into(step, triples, &mut plan);
        plan
    }

    /// As [`Planner::plan`], in the place of another plan, whose arrays are used again.
    pub fn plan_into(&mut self, step: u32, triples: &[Triple], plan: &mut StepPlan) {
        let shape = self.shape;
        let per_epoch = shape.steps_per_epoch();
        let (epoch, within) = (step / per_epoch, step % per_epoch);
        let permutation = Permutation::new(shape.triples, shape.seed, epoch);
        let first = within * shape.batch;
        let last = (first + shape.batch).min(shape.triples);
        plan.step = step;
        plan.side = if step.is_multiple_of(2) { Side::Tail } else { Side::Head };
        plan.positives.clear();
        plan.positives.extend((first..last).map(|position| permutation.at(position)));
        plan.negatives.clear();
        plan.negatives.resize(plan.chunks() * shape.negatives as usize, 0);
        match &self.sampler.types {
            None => sampling::uniform(shape.seed, step, shape.entities, &mut plan.negatives),
            Some(types) => {
                let truth = |&row: &u32| triples[row as usize].entity(plan.side).0;
                self.by_kind.clear();
                let places = plan.positives.iter().zip(0..);
                self.by_kind.extend(places.map(|(row, place)| [types.kinds[truth(row) as usize], place, *row]));
                self.by_kind.sort_unstable();
                for (positive, [_, _, row]) in plan.positives.iter_mut().zip(&self.by_kind) {
                    *positive = *row;
                }
                let chunks = plan.positives.chunks(CHUNK).zip(plan.negatives.chunks_mut(shape.negatives as usize));
                for (chunk, (positives, negatives)) in chunks.enumerate() {
                    let mut truths = [0; CHUNK];
                    truths.iter_mut().zip(positives).for_each(|(entity, row)| *entity = truth(row));
                    let first_slot = chunk as u32 * shape.negatives;
                    let truths = &truths[..positives.len()];
                    sampling::of_types(shape.seed, step, first_slot, types, truths, negatives);
                }
            }
        }
        self.finish(plan, triples);
    }

    /// Plan of a step over given positives, `[B]`, and negatives, `[C × K]`.
    pub fn arrange(
        &mut self,
        step: u32,
        side: Side,
        positives: Vec<u32>,
        negatives: Vec<u32>,
        triples: &[Triple],
    ) -> StepPlan {
        let mut plan = StepPlan { step, side, positives, negatives, ..StepPlan::default() };
        self.finish(&mut plan, triples);
        plan
    }

    /// Fills all that follows from side, positives and negatives.
    fn finish(&mut self, plan: &mut StepPlan, triples: &[Triple]) {
        plan.false_negatives.starts.clear();
        plan.false_negatives.items.clear();
        self.find_false_negatives(plan, triples);
        self.sort_occurrences(plan, triples);
    }

    /// Fills `false_negatives`: for each positive, the slots of its negatives that answer its query.
    fn find_false_negatives(&mut self, plan: &mut StepPlan, triples: &[Triple]) {
        let Some(known) = &self.sampler.known else { return };
        plan.false_negatives.clear();
        let (k, slots) = (self.shape.negatives as usize, &mut self.slots);
        for (positives, negatives) in plan.positives.chunks(CHUNK).zip(plan.negatives.chunks(k)) {
            slots.clear();
            slots.extend(negatives.iter().copied().zip(0..));
            slots.sort_unstable();
            for &row in positives {
                let triple = &triples[row as usize];
                let answers = known.answer_rows(plan.side, triple.entity(plan.side.opposite()), triple.relation());
                let own = triple.entity(plan.side).0;
                let start = plan.false_negatives.items.len();
                // Whichever list is shorter is looked up in the other.
                if answers.len() < slots.len() {
                    for answer in answers.iter().map(|row| row[2]).filter(|&answer| answer != own) {
                        let from = slots.partition_point(|&(entity, _)| entity < answer);
                        let same = slots[from..].iter().take_while(|&&(entity, _)| entity == answer);
                        plan.false_negatives.items.extend(same.map(|&(_, slot)| slot));
                    }
                } else {
                    let is_known = |entity: u32| answers.binary_search_by_key(&entity, |row| row[2]).is_ok();
                    let found = slots.iter().filter(|&&(entity, _)| entity != own && is_known(entity));
                    plan.false_negatives.items.extend(found.map(|&(_, slot)| slot));
                }
                plan.false_negatives.items[start..].sort_unstable();
                plan.false_negatives.close();
            }
        }
    }

    /// Fills `pieces`, `rows` and `segments` by a counting sort of the occurrences.
    fn sort_occurrences(&mut self, plan: &mut StepPlan, triples: &[Triple]) {
        let positives = plan.positives.iter().map(|&row| triples[row as usize]);
        self.rows.clear();
        self.rows.extend(positives.clone().map(|t| t.entity(plan.side.opposite()).0));
        self.rows.extend(positives.clone().map(|t| t.entity(plan.side).0));
        self.rows.extend(positives.map(|t| self.shape.entities + t.relation));
        self.rows.extend(&plan.negatives);

        self.touched.clear();
        for &row in &self.rows {
            let count = &mut self.counts[row as usize];
            if *count == 0 {
                self.touched.push(row);
            }
            *count += 1;
        }
        self.touched.sort_unstable();

        // Counts become the places where the next occurrence of a row goes.
        let mut place = 0;
        for &row in &self.touched {
            let count = self.counts[row as usize];
            self.counts[row as usize] = place;
            place += count;
        }
        self.sorted.clear();
        self.sorted.resize(self.rows.len(), 0);
        for (occurrence, &row) in self.rows.iter().enumerate() {
            let place = &mut self.counts[row as usize];
            self.sorted[*place as usize] = occurrence as u32;
            *place += 1;
        }

        plan.pieces.clear();
        plan.segments.clear();
        let first_piece = plan.first_piece() as u32;
        let mut start = 0;
        for &row in &self.touched {
            // After the scatter, a row's count is where its segment ends.
            let end = std::mem::take(&mut self.counts[row as usize]) as usize;
            let segment = &self.sorted[start..end];
            if segment.len() <= PIECE {
                plan.segments.items.extend(segment);
            } else {
                for piece in segment.chunks(PIECE) {
                    plan.segments.items.push(first_piece + plan.pieces.len() as u32);
                    plan.pieces.items.extend(piece);
                    plan.pieces.close();
                }
            }
            plan.segments.close();
            start = end;
        }
        plan.rows.clone_from(&self.touched);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy(triples: u32) -> Vec<Triple> {
        (0..triples).map(|i| Triple { head: i % 7, relation: i % 3, tail: 7 + i % 5 }).collect()
    }

    #[test]
    fn every_occurrence_is_summed_once() {
        for (count, batch, negatives) in [(1, 1, 1), (37, 8, 5), (700, 600, 130), (513, 512, 1)] {
            let triples = toy(count);
            let shape = PlanShape { entities: 12, relations: 3, triples: count, batch, negatives, seed: 9 };
            let mut planner = Planner::new(shape);
            for step in 0..2 * shape.steps_per_epoch() {
                let plan = planner.plan(step, &triples);
                let mut seen = vec![0; plan.first_piece() + plan.pieces.len()];
                for &item in plan.pieces.items.iter().chain(&plan.segments.items) {
                    seen[item as usize] += 1;
                }
                assert!(seen.iter().all(|&times| times == 1));
                assert!(seen.len() <= shape.most_occurrences());
                assert!(plan.rows.is_sorted() && plan.rows.len() == plan.segments.len());
                assert!((0..plan.pieces.len()).all(|at| plan.pieces.get(at).len() <= PIECE));
            }
        }
    }

    #[test]
    fn an_epoch_takes_every_triple_once() {
        let triples = toy(700);
        let shape = PlanShape { entities: 12, relations: 3, triples: 700, batch: 64, negatives: 4, seed: 1 };
        let mut planner = Planner::new(shape);
        let mut rows: Vec<u32> =
            (0..shape.steps_per_epoch()).flat_map(|step| planner.plan(step, &triples).positives).collect();
        rows.sort_unstable();
        assert_eq!(rows, (0..700).collect::<Vec<_>>());
    }
}
