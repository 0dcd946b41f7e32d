// Stage grad_negative: the gradient of each negative of a chunk, summed over the chunk's positives.
//
// 256 threads: 16 negatives by 16 lanes; a thread keeps four of 64 dimensions. Positives pass
// through workgroup memory sixteen at a time.

const STEP = 16u;
const WIDTH = 64u;
var<workgroup> c_tile: array<f32, 256>;
var<workgroup> q_tile: array<f32, 1024>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let dim = job.dim;
    let count = job.negatives;
    let row = thread / 16u;
    let lane = thread % 16u;
    let j = group.x * 16u + row;
    let is_row = j < count;
    let first_k = group.y * WIDTH;
    let start = group.z * job.chunk;
    let end = min(start + job.chunk, job.batch);
    let slot = group.z * count + min(j, count - 1u);
    let negative = plan[job.at_negatives + slot];

    var own = vec4<f32>();
    for (var i = 0u; i < 4u; i++) {
        let k = first_k + lane + 16u * i;
        if k < dim {
            own[i] = rows[negative * dim + k];
        }
    }
    var total = vec4<f32>();
    for (var first = start; first < end; first += STEP) {
        // Thread (row, lane) loads the coefficient of positive `first + row` and negative `lane` of this group.
        var c = 0.0;
        if first + row < end && group.x * 16u + lane < count {
            c = coefficients[(first + row) * count + group.x * 16u + lane];
        }
        c_tile[thread] = c;
        for (var i = 0u; i < 4u; i++) {
            let k = first_k + lane + 16u * i;
            var q = 0.0;
            if first + row < end && k < dim {
                q = queries[(first + row) * dim + k];
            }
            q_tile[row * WIDTH + lane + 16u * i] = q;
        }
        workgroupBarrier();
        for (var at = 0u; at < STEP; at++) {
            let weight = c_tile[at * 16u + row];
            let start_k = at * WIDTH + lane;
            total += weight * vec4<f32>(
                pull(own[0], q_tile[start_k]),
                pull(own[1], q_tile[start_k + 16u]),
                pull(own[2], q_tile[start_k + 32u]),
                pull(own[3], q_tile[start_k + 48u]),
            );
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 4u; i++) {
        let k = first_k + lane + 16u * i;
        if is_row && k < dim {
            gradients[(3u * job.batch + slot) * dim + k] = total[i];
        }
    }
}
