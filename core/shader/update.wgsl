// Stage update: level 2 of the row sums and the step of row-wise Adagrad, one group of 64 threads per row.
// The group after the last row adds up the step's loss.

const LANES = 64u;
// 64 threads hold rows of up to 1024 numbers.
const MOST = 16u;
var<workgroup> partial: array<f32, LANES>;

fn group_sum(lane: u32, value: f32) -> f32 {
    partial[lane] = value;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            partial[lane] += partial[lane + half];
        }
        workgroupBarrier();
    }
    return partial[0];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let dim = job.dim;
    let at_row = group.y * job.groups_across + group.x;
    if at_row > job.row_count {
        return;
    }
    if at_row == job.row_count {
        var loss = 0.0;
        for (var b = lane; b < job.batch; b += LANES) {
            loss += results[job.at_losses + b];
        }
        loss = group_sum(lane, loss);
        if lane == 0u {
            results[job.at_loss_ring + job.loss_slot] = loss * job.weight;
        }
        return;
    }

    let row = plan[job.at_rows + at_row];
    let start = plan[job.at_segment_starts + at_row];
    let end = plan[job.at_segment_starts + at_row + 1u];
    var gradient: array<f32, MOST>;
    var squares = 0.0;
    for (var i = 0u; i < MOST; i++) {
        let k = lane + LANES * i;
        if k >= dim {
            break;
        }
        var total = 0.0;
        for (var at = start; at < end; at++) {
            total += gradients[plan[job.at_segment_items + at] * dim + k];
        }
        gradient[i] = total;
        squares += total * total;
    }
    let next = state[row] + group_sum(lane, squares) / f32(dim);
    let rate = job.learning_rate / (sqrt(next) + 1e-10);
    for (var i = 0u; i < MOST; i++) {
        let k = lane + LANES * i;
        if k >= dim {
            break;
        }
        rows[row * dim + k] -= rate * gradient[i];
    }
    if lane == 0u {
        state[row] = next;
    }
}
