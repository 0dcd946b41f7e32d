// Stage score: 16 positives of a chunk against all its negatives, then loss and coefficients in place.
//
// 256 threads: 16 rows by 16 lanes; a thread scores four negatives of a tile of 64. Tiles of 8 pairs
// pass through workgroup memory, first numbers before second ones. Afterwards the 16 lanes of a row share its soft-max.

const DEPTH = 8u;
const TILE = 64u;
// One more than two DEPTHs, so that lanes read different banks.
const PITCH = 17u;
var<workgroup> q_tile: array<f32, 272>;
var<workgroup> n_tile: array<f32, 1088>;
var<workgroup> partial: array<f32, 256>;

// Sum of `value` over the 16 lanes of a row, in a fixed order.
fn row_sum(thread: u32, value: f32) -> f32 {
    workgroupBarrier();
    partial[thread] = value;
    workgroupBarrier();
    let first = thread & ~15u;
    var total = 0.0;
    for (var i = 0u; i < 16u; i++) {
        total += partial[first + i];
    }
    return total;
}

fn row_max(thread: u32, value: f32) -> f32 {
    workgroupBarrier();
    partial[thread] = value;
    workgroupBarrier();
    let first = thread & ~15u;
    var most = partial[first];
    for (var i = 1u; i < 16u; i++) {
        most = max(most, partial[first + i]);
    }
    return most;
}

fn negative_pair(j: u32, at: u32) -> vec2<f32> {
    return vec2<f32>(n_tile[j * PITCH + at], n_tile[j * PITCH + DEPTH + at]);
}

// Whether a draw may stand against a positive's own entity.
fn is_negative(own: u32, negative: u32) -> bool {
    if job.at_kinds == NOWHERE {
        return negative != own;
    }
    return negative != own && fixed[job.at_kinds + negative] == fixed[job.at_kinds + own];
}

// Soft-max weight of a negative, before its share.
fn weight(score: f32, largest: f32) -> f32 {
    return select(exp(clamp(temperature() * (score - largest), -87.0, 87.0)), 0.0, score == MASKED);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let dim = job.dim;
    let count = job.negatives;
    let row = thread / 16u;
    let lane = thread % 16u;
    let b = group.y * job.chunk + group.x * 16u + row;
    let is_row = b < job.batch;
    let negatives = job.at_negatives + group.y * count;
    let safe = min(b, job.batch - 1u);
    let own = positive(safe).truth;

    for (var tile = 0u; tile < count; tile += TILE) {
        var total = vec4<f32>();
        for (var depth = 0u; depth < half(); depth += DEPTH) {
            // Padding is zero on both sides, and every similarity's term(0, 0) is zero.
            let p = depth + lane % DEPTH;
            let k = select(half() + p, p, lane < DEPTH);
            let is_k = p < half() && k < dim;
            var q = 0.0;
            if is_row && is_k {
                q = queries[b * dim + k];
            }
            q_tile[row * PITCH + lane] = q;
            for (var i = 0u; i < 4u; i++) {
                let j = row + 16u * i;
                var n = 0.0;
                if tile + j < count && is_k {
                    n = rows[plan[negatives + tile + j] * dim + k];
                }
                n_tile[j * PITCH + lane] = n;
            }
            workgroupBarrier();
            for (var at = 0u; at < DEPTH; at++) {
                let x = vec2<f32>(q_tile[row * PITCH + at], q_tile[row * PITCH + DEPTH + at]);
                total += vec4<f32>(
                    term(x, negative_pair(lane, at)),
                    term(x, negative_pair(lane + 16u, at)),
                    term(x, negative_pair(lane + 32u, at)),
                    term(x, negative_pair(lane + 48u, at)),
                );
            }
            workgroupBarrier();
        }
        for (var i = 0u; i < 4u; i++) {
            let j = tile + lane + 16u * i;
            if is_row && j < count {
                let negative = plan[negatives + j];
                coefficients[b * count + j] = select(MASKED, score_of(total[i]), is_negative(own, negative));
            }
        }
    }
    storageBarrier();
    if is_row && job.at_false_starts != NOWHERE {
        let end = plan[job.at_false_starts + b + 1u];
        for (var at = plan[job.at_false_starts + b] + lane; at < end; at += 16u) {
            coefficients[b * count + plan[job.at_false_items + at]] = MASKED;
        }
    }
    storageBarrier();

    // A row without a positive takes part in the barriers and writes nothing.
    let positive_score = results[safe];
    var largest = least(positive_score);
    for (var j = lane; j < count; j += 16u) {
        largest = max(largest, coefficients[safe * count + j]);
    }
    largest = row_max(thread, largest);
    var total = 0.0;
    for (var j = lane; j < count; j += 16u) {
        total += weight(coefficients[safe * count + j], largest);
    }
    total = row_sum(thread, total) + own_part(positive_score, largest);
    // A score that is no number must show in the loss.
    let share = select(1.0 / total, 0.0, total == 0.0);
    let scale = job.share * job.zeta_link * weight_of(safe);
    var sums = vec2<f32>();
    for (var j = lane; j < count; j += 16u) {
        let score = coefficients[safe * count + j];
        let both = negative_loss(score, weight(score, largest) * share, positive_score);
        sums += both;
        if is_row {
            coefficients[b * count + j] = coefficient(score, both.y * scale);
        }
    }
    let loss = row_sum(thread, sums.x);
    let pulled = row_sum(thread, sums.y);
    if is_row && lane == 0u {
        let both = positive_loss(positive_score, largest, total, pulled);
        results[b] = coefficient(positive_score, both.y * scale);
        results[job.at_losses + b] = weight_of(b) * (both.x + loss);
    }
}
