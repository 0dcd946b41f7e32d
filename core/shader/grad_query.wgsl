// Stage grad_query: the gradient of each query, and what follows from it for the rows of its positive.
//
// 256 threads: 16 positives by 16 lanes; a thread keeps two of 32 pairs. Negatives pass through workgroup
// memory sixteen at a time.

const STEP = 16u;
const WIDTH = 32u;
var<workgroup> c_tile: array<f32, 256>;
var<workgroup> n_tile: array<vec2<f32>, 512>;

// Pair p of the anchor's gradient of the given entity; its numbers stand at `slot`.
fn anchor(given: u32, start: u32, weight: f32, slot: u32, p: u32) -> vec2<f32> {
    return weight * anchor_gradient(row_pair(given, p), fixed_pair(start, given, p), results[slot], results[slot + 1u]);
}

fn write_pair(occurrence: u32, p: u32, value: vec2<f32>) {
    let at = occurrence * job.dim + p;
    gradients[at] = value.x;
    if half() + p < job.dim {
        gradients[at + half()] = value.y;
    }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let dim = job.dim;
    let count = job.negatives;
    let row = thread / 16u;
    let lane = thread % 16u;
    let b = group.z * job.chunk + group.x * 16u + row;
    let is_row = b < job.batch;
    let first_p = group.y * WIDTH;
    let negatives = job.at_negatives + group.z * count;

    var own = array<vec2<f32>, 2>();
    for (var i = 0u; i < 2u; i++) {
        let p = first_p + lane + 16u * i;
        if is_row && p < half() {
            let k = half() + p;
            own[i] = vec2<f32>(queries[b * dim + p], select(0.0, queries[b * dim + min(k, dim - 1u)], k < dim));
        }
    }
    var d_query = array<vec2<f32>, 2>();
    for (var first = 0u; first < count; first += STEP) {
        var c = 0.0;
        if is_row && first + lane < count {
            c = coefficients[b * count + first + lane];
        }
        c_tile[thread] = c;
        for (var i = 0u; i < 2u; i++) {
            let p = first_p + lane + 16u * i;
            var n = vec2<f32>();
            if first + row < count && p < half() {
                n = row_pair(plan[negatives + first + row], p);
            }
            n_tile[row * WIDTH + lane + 16u * i] = n;
        }
        workgroupBarrier();
        for (var j = 0u; j < STEP; j++) {
            let weight = c_tile[row * 16u + j];
            let at = j * WIDTH + lane;
            d_query[0] += weight * pull(own[0], n_tile[at]);
            d_query[1] += weight * pull(own[1], n_tile[at + 16u]);
        }
        workgroupBarrier();
    }
    if !is_row {
        return;
    }
    let ends = positive(b);
    let weight = results[b];
    for (var i = 0u; i < 2u; i++) {
        let p = first_p + lane + 16u * i;
        if p < half() {
            let truth = row_pair(ends.truth, p);
            let total = d_query[i] + weight * pull(own[i], truth);
            let both = query_gradient(row_pair(ends.given, p), row_pair(ends.relation, p), total);
            var d_given = both.xy;
            var slot = job.at_pulls + 4u * b;
            if job.anchor_text > 0.0 {
                d_given += anchor(ends.given, job.at_text, job.anchor_text, slot, p);
                slot += 2u;
            }
            if job.anchor_second > 0.0 {
                d_given += anchor(ends.given, job.at_second, job.anchor_second, slot, p);
            }
            write_pair(b, p, d_given);
            write_pair(job.batch + b, p, weight * pull(truth, own[i]));
            write_pair(2u * job.batch + b, p, both.zw);
        }
    }
}
