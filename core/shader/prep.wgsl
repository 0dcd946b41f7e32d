// Stage prep: queries [batch, dim], scores of the positives, and the anchor of each given entity.
// One group of 64 threads per positive.

alias Summand = vec4<f32>;

// Weighted distance of the given entity from row `given` of the table at `start`; its gradient's numbers go to `slot`.
fn anchor(lane: u32, given: u32, start: u32, weight: f32, slot: u32) -> f32 {
    var sums = vec4<f32>();
    for (var p = lane; p < half(); p += LANES) {
        sums += anchor_terms(row_pair(given, p), fixed_pair(start, given, p));
    }
    sums = group_sum(lane, sums);
    let own = select(vec3<f32>(), anchor_pull(sums), sums.w > 0.0);
    if lane == 0u {
        results[slot] = own.y;
        results[slot + 1u] = own.z;
    }
    return weight * own.x;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let b = group.x;
    let dim = job.dim;
    let own = positive(b);
    var total = 0.0;
    for (var p = lane; p < half(); p += LANES) {
        let q = query(row_pair(own.given, p), row_pair(own.relation, p));
        queries[b * dim + p] = q.x;
        if half() + p < dim {
            queries[b * dim + half() + p] = q.y;
        }
        total += term(q, row_pair(own.truth, p));
    }
    total = group_sum(lane, vec4<f32>(total)).x;
    var loss = 0.0;
    var slot = job.at_pulls + 4u * b;
    if job.anchor_text > 0.0 {
        loss += anchor(lane, own.given, job.at_text, job.anchor_text, slot);
        slot += 2u;
    }
    if job.anchor_second > 0.0 {
        loss += anchor(lane, own.given, job.at_second, job.anchor_second, slot);
    }
    if lane == 0u {
        results[b] = score_of(total);
        results[job.at_anchor_losses + b] = loss;
    }
}
