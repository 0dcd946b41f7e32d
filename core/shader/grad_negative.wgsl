// Stage grad_negative: the gradient of each negative of a chunk, summed over the chunk's positives.
//
// 256 threads: 16 negatives by 16 lanes; a thread keeps two of 32 pairs. Positives pass through workgroup
// memory sixteen at a time.

const STEP = 16u;
const WIDTH = 32u;
var<workgroup> c_tile: array<f32, 256>;
var<workgroup> q_tile: array<vec2<f32>, 512>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let dim = job.dim;
    let count = job.negatives;
    let row = thread / 16u;
    let lane = thread % 16u;
    let j = group.x * 16u + row;
    let is_row = j < count;
    let first_p = group.y * WIDTH;
    let start = group.z * job.chunk;
    let end = min(start + job.chunk, job.batch);
    let slot = group.z * count + min(j, count - 1u);
    let negative = plan[job.at_negatives + slot];

    var own = array<vec2<f32>, 2>();
    for (var i = 0u; i < 2u; i++) {
        let p = first_p + lane + 16u * i;
        if p < half() {
            own[i] = row_pair(negative, p);
        }
    }
    var total = array<vec2<f32>, 2>();
    for (var first = start; first < end; first += STEP) {
        // Thread (row, lane) loads the coefficient of positive `first + row` and negative `lane` of this group.
        var c = 0.0;
        if first + row < end && group.x * 16u + lane < count {
            c = coefficients[(first + row) * count + group.x * 16u + lane];
        }
        c_tile[thread] = c;
        for (var i = 0u; i < 2u; i++) {
            let p = first_p + lane + 16u * i;
            var q = vec2<f32>();
            if first + row < end && p < half() {
                let at = (first + row) * dim;
                let k = half() + p;
                q = vec2<f32>(queries[at + p], select(0.0, queries[at + min(k, dim - 1u)], k < dim));
            }
            q_tile[row * WIDTH + lane + 16u * i] = q;
        }
        workgroupBarrier();
        for (var at = 0u; at < STEP; at++) {
            let weight = c_tile[at * 16u + row];
            let place = at * WIDTH + lane;
            total[0] += weight * pull(own[0], q_tile[place]);
            total[1] += weight * pull(own[1], q_tile[place + 16u]);
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 2u; i++) {
        let p = first_p + lane + 16u * i;
        if is_row && p < half() {
            let at = (3u * job.batch + slot) * dim + p;
            gradients[at] = total[i].x;
            if half() + p < dim {
                gradients[at + half()] = total[i].y;
            }
        }
    }
}
