// What every stage sees: one step's numbers and the buffers of the run.
//
// All stages share this one bind group; a step is chosen by the dynamic offset of `job`.
// `Job` mirrors `gpu/job.rs`; a test compares every offset.

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
    // Rows that this step moves.
    row_count: u32,
    gamma: f32,
    alpha: f32,
    // Half of one positive's share of the batch.
    weight: f32,
    learning_rate: f32,
    // Where the step's lists start in `plan`.
    at_positives: u32,
    at_negatives: u32,
    at_piece_starts: u32,
    at_piece_items: u32,
    at_rows: u32,
    at_segment_starts: u32,
    at_segment_items: u32,
    // Occurrence that holds the first piece's sum.
    first_piece: u32,
    // Thread groups along x in the stage `update`.
    groups_across: u32,
    // Where losses and the loss ring start in `results`.
    at_losses: u32,
    at_loss_ring: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> job: Job;
// Entity rows, then relation rows: [entities + relations, dim].
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
// Adagrad state: [entities + relations].
@group(0) @binding(2) var<storage, read_write> state: array<f32>;
// Training triples: head, relation, tail.
@group(0) @binding(3) var<storage, read> triples: array<u32>;
// The lists of the steps in flight.
@group(0) @binding(4) var<storage, read> plan: array<u32>;
// [batch, dim].
@group(0) @binding(5) var<storage, read_write> queries: array<f32>;
// Scores, then gradient coefficients: [batch, negatives].
@group(0) @binding(6) var<storage, read_write> coefficients: array<f32>;
// Coefficients of the positives, losses by positive, losses by step.
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
    let head = triples[at];
    let tail = triples[at + 2u];
    let is_tail = job.side == 0u;
    return Positive(select(tail, head, is_tail), job.entities + triples[at + 1u], select(head, tail, is_tail));
}

// ln(1 + e^x) and 1 / (1 + e^-x).
fn softplus_sigmoid(x: f32) -> vec2<f32> {
    let e = exp(-abs(x));
    let inverse = 1.0 / (1.0 + e);
    return vec2<f32>(max(x, 0.0) + log(1.0 + e), select(e * inverse, inverse, x >= 0.0));
}
