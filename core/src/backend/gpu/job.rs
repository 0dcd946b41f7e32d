//! What a step tells its shaders: the uniform `Job` and the step's lists, packed into one array.

use bytemuck::{Pod, Zeroable};

use crate::backend::{RunData, RunSpec};
use crate::graph::Side;
use crate::plan::{CHUNK, StepPlan};
use crate::sampling::FalseNegatives;

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
    pub entity_rows: u32,
    pub gamma: f32,
    pub alpha: f32,
    pub margin: f32,
    pub share: f32,
    pub zeta_link: f32,
    pub anchor_text: f32,
    pub anchor_second: f32,
    pub learning_rate: f32,
    pub entity_scale: f32,
    pub relation_scale: f32,
    pub entity_norm: f32,
    pub relation_norm: f32,
    pub power: u32,
    pub at_positives: u32,
    pub at_negatives: u32,
    pub at_false_starts: u32,
    pub at_false_items: u32,
    pub at_piece_starts: u32,
    pub at_piece_items: u32,
    pub at_rows: u32,
    pub at_segment_starts: u32,
    pub at_segment_items: u32,
    pub first_piece: u32,
    pub first_total: u32,
    pub groups_across: u32,
    pub at_losses: u32,
    pub at_anchor_losses: u32,
    pub at_pulls: u32,
    pub at_loss_ring: u32,
    pub at_weights: u32,
    pub at_kinds: u32,
    pub at_text: u32,
    pub at_second: u32,
    pub first_map_row: u32,
    pub at_free: u32,
}

/// No such list or table; `NOWHERE` in the shader.
const NOWHERE: u32 = u32::MAX;

/// Most thread groups along one axis of a dispatch.
pub const MOST_GROUPS: u32 = 65_535;

impl Job {
    /// Appends the lists of `plan` to `words` and says where they are.
    pub fn pack(
        spec: &RunSpec,
        data: &RunData,
        places: &Places,
        plan: &StepPlan,
        learning_rate: f32,
        loss_slot: u32,
        words: &mut Vec<u32>,
    ) -> Job {
        let mut append = |list: &[u32]| {
            let at = words.len() as u32;
            words.extend_from_slice(list);
            at
        };
        let settings = &spec.settings;
        let batch = plan.batch() as u32;
        let row_count = plan.rows.len() as u32;
        let is_filtered = !plan.false_negatives.is_empty();
        let anchors = data.anchors(settings).map(|anchor| anchor.map_or(0.0, |(zeta, _)| zeta / batch as f32));
        let is_concat = spec.map_rows() > 0;
        Job {
            batch,
            chunk: CHUNK as u32,
            negatives: spec.shape.negatives,
            dim: settings.dim,
            entities: spec.shape.entities,
            side: match plan.side {
                Side::Tail => 0,
                Side::Head => 1,
            },
            loss_slot,
            row_count,
            entity_rows: plan.rows.partition_point(|&row| row < spec.shape.entities) as u32,
            gamma: settings.gamma,
            alpha: settings.alpha,
            margin: settings.recipe.margin,
            share: data.share(spec, plan),
            zeta_link: settings.text.zeta_link,
            anchor_text: anchors[0],
            anchor_second: anchors[1],
            learning_rate: spec.learning_rate(learning_rate, plan.step),
            entity_scale: spec.entity_scale(),
            relation_scale: spec.relation_scale(),
            entity_norm: spec.regularization(0),
            relation_norm: spec.regularization(spec.shape.entities as usize),
            power: settings.recipe.norm,
            at_positives: append(&plan.positives),
            at_negatives: append(&plan.negatives),
            at_false_starts: if is_filtered { append(&plan.false_negatives.starts) } else { NOWHERE },
            at_false_items: append(&plan.false_negatives.items),
            at_piece_starts: append(&plan.pieces.starts),
            at_piece_items: append(&plan.pieces.items),
            at_rows: append(&plan.rows),
            at_segment_starts: append(&plan.segments.starts),
            at_segment_items: append(&plan.segments.items),
            first_piece: plan.first_piece() as u32,
            first_total: (plan.first_piece() + plan.pieces.len()) as u32,
            groups_across: (row_count + 1).min(MOST_GROUPS),
            at_losses: places.results[0],
            at_anchor_losses: places.results[1],
            at_pulls: places.results[2],
            at_loss_ring: places.results[3],
            at_weights: places.fixed[0],
            at_kinds: places.fixed[1],
            at_text: places.fixed[2],
            at_second: places.fixed[3],
            first_map_row: (spec.row_count() - spec.map_rows()) as u32,
            at_free: if is_concat { (spec.row_count() * spec.dim()) as u32 } else { NOWHERE },
        }
    }
}

/// Where the parts of the buffers start that several things share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// In `results`: losses, anchor losses, pulls, losses by step; the positives' coefficients come first.
    pub results: [u32; 4],
    /// In `fixed`: weights, types, text, second modality; the triples come first.
    pub fixed: [u32; 4],
}

impl Places {
    /// For one run.
    pub fn new(spec: &RunSpec, data: &RunData) -> Self {
        let batch = spec.shape.batch.min(spec.shape.triples);
        let mut next = 3 * data.triples.len() as u32;
        let fixed = [data.weights.len(), data.kinds.len(), data.text.len(), data.second.len()].map(|length| {
            let at = if length == 0 { NOWHERE } else { next };
            next += length as u32;
            at
        });
        Places { results: [batch, 2 * batch, 3 * batch, 7 * batch], fixed }
    }
}

/// The buffer `fixed`: what stays the same over a run, as words.
pub fn fixed_words(data: &RunData) -> Vec<u32> {
    let mut words: Vec<u32> = bytemuck::cast_slice(&data.triples).to_vec();
    words.extend(data.weights.iter().map(|x| x.to_bits()));
    words.extend(&data.kinds);
    words.extend(data.text.iter().chain(&data.second).map(|x| x.to_bits()));
    words
}

/// The most words a step's lists can take.
pub fn most_words(spec: &RunSpec) -> usize {
    let shape = &spec.shape;
    let batch = shape.batch.min(shape.triples) as usize;
    let items = shape.most_occurrences();
    let rows = spec.row_count().min(items);
    let negatives = batch.div_ceil(CHUNK) * shape.negatives as usize;
    let false_negatives = match spec.settings.recipe.false_negatives {
        FalseNegatives::Kept => 0,
        // At worst every negative of every positive is one.
        FalseNegatives::Filtered => batch + 1 + batch * shape.negatives as usize,
    };
    // Positives, negatives, items of both levels, starts of both levels, rows.
    batch + negatives + false_negatives + items + (items + 1) + rows + (rows + 1)
}
