// Stage grad_query: the gradient of each query, and what follows from it for the rows of its positive.
//
// 256 threads: 16 positives by 16 lanes; a thread keeps four of 64 dimensions. Negatives pass
// through workgroup memory sixteen at a time.

const STEP = 16u;
const WIDTH = 64u;
var<workgroup> c_tile: array<f32, 256>;
var<workgroup> n_tile: array<f32, 1024>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let dim = job.dim;
    let count = job.negatives;
    let row = thread / 16u;
    let lane = thread % 16u;
    let b = group.z * job.chunk + group.x * 16u + row;
    let is_row = b < job.batch;
    let first_k = group.y * WIDTH;
    let negatives = job.at_negatives + group.z * count;

    var own = vec4<f32>();
    for (var i = 0u; i < 4u; i++) {
        let k = first_k + lane + 16u * i;
        if is_row && k < dim {
            own[i] = queries[b * dim + k];
        }
    }
    var d_query = vec4<f32>();
    for (var first = 0u; first < count; first += STEP) {
        var c = 0.0;
        if is_row && first + lane < count {
            c = coefficients[b * count + first + lane];
        }
        c_tile[thread] = c;
        for (var i = 0u; i < 4u; i++) {
            let k = first_k + lane + 16u * i;
            var n = 0.0;
            if first + row < count && k < dim {
                n = rows[plan[negatives + first + row] * dim + k];
            }
            n_tile[row * WIDTH + lane + 16u * i] = n;
        }
        workgroupBarrier();
        for (var j = 0u; j < STEP; j++) {
            let weight = c_tile[row * 16u + j];
            let at = j * WIDTH + lane;
            d_query += weight * vec4<f32>(
                pull(own[0], n_tile[at]),
                pull(own[1], n_tile[at + 16u]),
                pull(own[2], n_tile[at + 32u]),
                pull(own[3], n_tile[at + 48u]),
            );
        }
        workgroupBarrier();
    }
    if !is_row {
        return;
    }
    let p = positive(b);
    let weight = results[b];
    for (var i = 0u; i < 4u; i++) {
        let k = first_k + lane + 16u * i;
        if k < dim {
            let truth = rows[p.truth * dim + k];
            let total = d_query[i] + weight * pull(own[i], truth);
            let both = query_gradient(rows[p.given * dim + k], rows[p.relation * dim + k], total);
            gradients[b * dim + k] = both.x;
            gradients[(job.batch + b) * dim + k] = weight * pull(truth, own[i]);
            gradients[(2u * job.batch + b) * dim + k] = both.y;
        }
    }
}
