// Stage score: 16 positives of a chunk against all its negatives, then loss and coefficients in place.
//
// 256 threads: 16 rows by 16 lanes; a thread scores four negatives of a tile of 64. Tiles of 16
// dimensions pass through workgroup memory. Afterwards the 16 lanes of a row share its soft-max.

const DEPTH = 16u;
const TILE = 64u;
// One more than DEPTH, so that lanes read different banks.
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

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let dim = job.dim;
    let count = job.negatives;
    let row = thread / 16u;
    let lane = thread % 16u;
    let b = group.y * job.chunk + group.x * 16u + row;
    let is_row = b < job.batch;
    let negatives = job.at_negatives + group.y * count;

    for (var tile = 0u; tile < count; tile += TILE) {
        var total = vec4<f32>();
        for (var depth = 0u; depth < dim; depth += DEPTH) {
            // Padding is zero on both sides, and every similarity's term(0, 0) is zero.
            let k = depth + lane;
            let is_k = k < dim;
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
                let x = q_tile[row * PITCH + at];
                total += vec4<f32>(
                    term(x, n_tile[lane * PITCH + at]),
                    term(x, n_tile[(lane + 16u) * PITCH + at]),
                    term(x, n_tile[(lane + 32u) * PITCH + at]),
                    term(x, n_tile[(lane + 48u) * PITCH + at]),
                );
            }
            workgroupBarrier();
        }
        for (var i = 0u; i < 4u; i++) {
            let j = tile + lane + 16u * i;
            if is_row && j < count {
                coefficients[b * count + j] = score_of(total[i]);
            }
        }
    }
    storageBarrier();

    // A row without a positive takes part in the barriers and writes nothing.
    let safe = min(b, job.batch - 1u);
    let own = positive(safe).truth;
    let least = -3.4028234e38;
    var largest = least;
    for (var j = lane; j < count; j += 16u) {
        largest = max(largest, select(coefficients[safe * count + j], least, plan[negatives + j] == own));
    }
    largest = row_max(thread, largest);
    var total = 0.0;
    for (var j = lane; j < count; j += 16u) {
        let value = exp(clamp(job.alpha * (coefficients[safe * count + j] - largest), -87.0, 87.0));
        total += select(value, 0.0, plan[negatives + j] == own);
    }
    total = row_sum(thread, total);
    let share = select(0.0, 1.0 / total, total > 0.0);
    var loss = 0.0;
    for (var j = lane; j < count; j += 16u) {
        let score = coefficients[safe * count + j];
        let value = exp(clamp(job.alpha * (score - largest), -87.0, 87.0));
        let p = select(value * share, 0.0, plan[negatives + j] == own);
        let both = softplus_sigmoid(score);
        loss += p * both.x;
        if is_row {
            coefficients[b * count + j] = coefficient(score, p * both.y * job.weight);
        }
    }
    loss = row_sum(thread, loss);
    if is_row && lane == 0u {
        results[job.at_losses + b] += loss;
    }
}
