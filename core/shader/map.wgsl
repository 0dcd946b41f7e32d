// Stage map, under concatenated text: the gradient of the learned map, dL/dW_j = sum_u t_uj dL/de_u, and its step.
// One group of 64 threads per row of the map.

alias Summand = f32;
// 64 threads hold rows of up to 1024 numbers.
const MOST = 16u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let dim = job.dim;
    let j = group.x;
    let row = job.first_map_row + j;
    var gradient: array<f32, MOST>;
    var squares = 0.0;
    for (var i = 0u; i < MOST; i++) {
        let k = lane + LANES * i;
        if k >= dim {
            break;
        }
        var total = 0.0;
        for (var at = 0u; at < job.entity_rows; at++) {
            let t = bitcast<f32>(fixed[job.at_text + plan[job.at_rows + at] * dim + j]);
            total += t * gradients[(job.first_total + at) * dim + k];
        }
        gradient[i] = total;
        squares += total * total;
    }
    let shared_by_row = shared_state(row, group_sum(lane, squares) / f32(dim));
    workgroupBarrier();
    for (var i = 0u; i < MOST; i++) {
        let k = lane + LANES * i;
        if k >= dim {
            break;
        }
        rows[row * dim + k] -= move_by(row, k, gradient[i], job.learning_rate, shared_by_row);
    }
    if lane == 0u {
        keep_state(row, shared_by_row);
    }
}
