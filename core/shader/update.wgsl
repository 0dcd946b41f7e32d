// Stage update: level 2 of the row sums, regularisation, and the step of the optimiser, one group of 64 threads per row.
// The group after the last row adds up the step's losses.

alias Summand = f32;
// 64 threads hold rows of up to 1024 numbers.
const MOST = 16u;

fn add_up_losses(lane: u32) {
    var link = 0.0;
    var anchor = 0.0;
    for (var b = lane; b < job.batch; b += LANES) {
        link += results[job.at_losses + b];
        anchor += results[job.at_anchor_losses + b];
    }
    link = group_sum(lane, link);
    anchor = group_sum(lane, anchor);
    if lane == 0u {
        results[job.at_loss_ring + 2u * job.loss_slot] = link * job.share;
        results[job.at_loss_ring + 2u * job.loss_slot + 1u] = anchor;
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let dim = job.dim;
    let at_row = group.y * job.groups_across + group.x;
    if at_row > job.row_count {
        return;
    }
    if at_row == job.row_count {
        add_up_losses(lane);
        return;
    }

    let row = plan[job.at_rows + at_row];
    let is_entity = row < job.entities;
    let scale = select(job.relation_scale, job.entity_scale, is_entity);
    let norm = select(job.relation_norm, job.entity_norm, is_entity);
    let start = plan[job.at_segment_starts + at_row];
    let end = plan[job.at_segment_starts + at_row + 1u];
    // Where the row's trainable numbers stand: under concatenated text, an entity's free row.
    let is_free = is_entity && job.at_free != NOWHERE;
    let place = select(row * dim, job.at_free + row * dim, is_free);
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
        let x = rows[row * dim + k];
        total += f32(job.power) * norm * select(x * abs(x), x, job.power == 2u);
        total *= scale;
        gradient[i] = total;
        squares += total * total;
    }
    let shared_by_row = shared_state(row, group_sum(lane, squares) / f32(dim));
    workgroupBarrier();
    let rate = job.learning_rate * scale;
    for (var i = 0u; i < MOST; i++) {
        let k = lane + LANES * i;
        if k >= dim {
            break;
        }
        rows[place + k] -= move_by(row, k, gradient[i], rate, shared_by_row);
        if is_free {
            gradients[(job.first_total + at_row) * dim + k] = gradient[i];
        }
    }
    if lane == 0u {
        keep_state(row, shared_by_row);
    }
}
