//! What a step tells its shaders: the uniform `Job` and the step's lists, packed into one array.

use bytemuck::{Pod, Zeroable};

use crate::backend::RunSpec;
use crate::graph::Side;
use crate::plan::{CHUNK, StepPlan};

/// Dynamic offsets must be multiples of this.
pub const JOB_STRIDE: u64 = 256;

/// Mirrors `Job` in `shader/shared/job.wgsl`, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
#[allow(missing_docs, reason = "each field is explained in the shader")]
pub struct Job {
    pub batch: u32,
    pub chunk: u32,
    pub negatives: u32,
    pub dim: u32,
    pub entities: u32,
    pub side: u32,
    pub loss_slot: u32,
    pub row_count: u32,
    pub gamma: f32,
    pub alpha: f32,
    pub weight: f32,
    pub learning_rate: f32,
    pub at_positives: u32,
    pub at_negatives: u32,
    pub at_piece_starts: u32,
    pub at_piece_items: u32,
    pub at_rows: u32,
    pub at_segment_starts: u32,
    pub at_segment_items: u32,
    pub first_piece: u32,
    pub groups_across: u32,
    pub at_losses: u32,
    pub at_loss_ring: u32,
    pub unused: u32,
}

/// Most thread groups along one axis of a dispatch.
pub const MOST_GROUPS: u32 = 65_535;

impl Job {
    /// Appends the lists of `plan` to `words` and says where they are.
    pub fn pack(spec: &RunSpec, plan: &StepPlan, learning_rate: f32, loss_slot: u32, words: &mut Vec<u32>) -> Job {
        let mut append = |list: &[u32]| {
            let at = words.len() as u32;
            words.extend_from_slice(list);
            at
        };
        let batch = plan.batch() as u32;
        let row_count = plan.rows.len() as u32;
        let most_batch = spec.shape.batch.min(spec.shape.triples);
        Job {
            batch,
            chunk: CHUNK as u32,
            negatives: spec.shape.negatives,
            dim: spec.dim as u32,
            entities: spec.shape.entities,
            side: match plan.side {
                Side::Tail => 0,
                Side::Head => 1,
            },
            loss_slot,
            row_count,
            gamma: spec.gamma,
            alpha: spec.alpha,
            weight: 0.5 / batch as f32,
            learning_rate,
            at_positives: append(&plan.positives),
            at_negatives: append(&plan.negatives),
            at_piece_starts: append(&plan.pieces.starts),
            at_piece_items: append(&plan.pieces.items),
            at_rows: append(&plan.rows),
            at_segment_starts: append(&plan.segments.starts),
            at_segment_items: append(&plan.segments.items),
            first_piece: plan.first_piece() as u32,
            groups_across: (row_count + 1).min(MOST_GROUPS),
            at_losses: most_batch,
            at_loss_ring: 2 * most_batch,
            unused: 0,
        }
    }
}

/// The most words a step's lists can take.
pub fn most_words(spec: &RunSpec) -> usize {
    let shape = &spec.shape;
    let batch = shape.batch.min(shape.triples) as usize;
    let items = shape.most_occurrences();
    let rows = spec.row_count().min(items);
    // Positives, negatives, items of both levels, starts of both levels, rows.
    batch + batch.div_ceil(CHUNK) * shape.negatives as usize + items + (items + 1) + rows + (rows + 1)
}
