// What every stage sees: one step's numbers and the buffers of the run.
//
// All stages share this one bind group; a step is chosen by the dynamic offset of `job`.
// `Job` mirrors `gpu/job.rs`; a test compares every offset.
//
// Rows are read as pairs: pair p of a row is its numbers p and half + p. For the complex models that is one complex
// number; for all others it is a way to read two numbers at once (the second is 0 beyond an odd row's end).

struct Job {
    batch: u32,
    chunk: u32,
    negatives: u32,
    dim: u32,
    entities: u32,
    // 0: tails are asked for, 1: heads.
    side: u32,
    // Where this step's loss goes.
    loss_slot: u32,
    // Rows that this step moves, and how many of them are entities' (they come first).
    row_count: u32,
    entity_rows: u32,
    gamma: f32,
    alpha: f32,
    margin: f32,
    // What a positive of weight 1 counts in the link loss.
    share: f32,
    zeta_link: f32,
    // Weight of each anchor, its share of the batch included; 0 where there is none.
    anchor_text: f32,
    anchor_second: f32,
    learning_rate: f32,
    // Factors of gradients and steps of entities' rows and of relations' rows.
    entity_scale: f32,
    relation_scale: f32,
    // Weight of the norm's gradient in entities' rows and in relations' rows, and the norm's power.
    entity_norm: f32,
    relation_norm: f32,
    power: u32,
    // Where the step's lists start in `plan`. `at_false_starts` is NOWHERE if false negatives count.
    at_positives: u32,
    at_negatives: u32,
    at_false_starts: u32,
    at_false_items: u32,
    at_piece_starts: u32,
    at_piece_items: u32,
    at_rows: u32,
    at_segment_starts: u32,
    at_segment_items: u32,
    // Occurrence that holds the first piece's sum, and the one that holds the first moved row's sum for the stage `map`.
    first_piece: u32,
    first_total: u32,
    // Thread groups along x in the stages `update` and `represent`.
    groups_across: u32,
    // Where the parts of `results` start.
    at_losses: u32,
    at_anchor_losses: u32,
    at_pulls: u32,
    at_loss_ring: u32,
    // Where the parts of `fixed` start; NOWHERE if there is none.
    at_weights: u32,
    at_kinds: u32,
    at_text: u32,
    at_second: u32,
    // Concatenated text: the row of the table where the learned map starts, and the place in `rows` where free rows start.
    first_map_row: u32,
    at_free: u32,
}

const NOWHERE = 0xffffffffu;
// The score of a negative that has no part in the loss: the least f32, in digits that every compiler takes.
const MASKED = -3.4028234e38;

@group(0) @binding(0) var<uniform> job: Job;
// Entity rows, then relation rows, then the learned map: [row_count, dim]; then free rows: [entities, dim].
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
// State of the optimiser.
@group(0) @binding(2) var<storage, read_write> state: array<f32>;
// What stays the same over a run: triples (head, relation, tail); then, as bits of f32, weights of triples; types of
// entities; and, as bits of f32, text rows and rows of the second modality.
@group(0) @binding(3) var<storage, read> fixed: array<u32>;
// The lists of the steps in flight.
@group(0) @binding(4) var<storage, read> plan: array<u32>;
// [batch, dim].
@group(0) @binding(5) var<storage, read_write> queries: array<f32>;
// Scores, then gradient coefficients: [batch, negatives].
@group(0) @binding(6) var<storage, read_write> coefficients: array<f32>;
// Scores, then coefficients of the positives; losses by positive; anchors by positive; losses by step.
@group(0) @binding(7) var<storage, read_write> results: array<f32>;
// Gradients by occurrence.
@group(0) @binding(8) var<storage, read_write> gradients: array<f32>;

struct Positive {
    given: u32,
    relation: u32,
    truth: u32,
}

// Rows of positive `b` in the table.
fn positive(b: u32) -> Positive {
    let at = plan[job.at_positives + b] * 3u;
    let head = fixed[at];
    let tail = fixed[at + 2u];
    let is_tail = job.side == 0u;
    return Positive(select(tail, head, is_tail), job.entities + fixed[at + 1u], select(head, tail, is_tail));
}

// Weight of positive `b`.
fn weight_of(b: u32) -> f32 {
    if job.at_weights == NOWHERE {
        return 1.0;
    }
    return bitcast<f32>(fixed[job.at_weights + plan[job.at_positives + b]]);
}

fn half() -> u32 {
    return (job.dim + 1u) / 2u;
}

// Pair p of a row of the table.
fn row_pair(row: u32, p: u32) -> vec2<f32> {
    let k = half() + p;
    let at = row * job.dim;
    return vec2<f32>(rows[at + p], select(0.0, rows[at + min(k, job.dim - 1u)], k < job.dim));
}

// Pair p of a row of text, or of the second modality.
fn fixed_pair(start: u32, row: u32, p: u32) -> vec2<f32> {
    let k = half() + p;
    let at = start + row * job.dim;
    let second = bitcast<f32>(fixed[at + min(k, job.dim - 1u)]);
    return vec2<f32>(bitcast<f32>(fixed[at + p]), select(0.0, second, k < job.dim));
}

// ln(1 + e^x) and 1 / (1 + e^-x).
fn softplus_sigmoid(x: f32) -> vec2<f32> {
    let e = exp(-abs(x));
    let inverse = 1.0 / (1.0 + e);
    return vec2<f32>(max(x, 0.0) + log(1.0 + e), select(e * inverse, inverse, x >= 0.0));
}
