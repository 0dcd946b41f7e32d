// Stage prep: queries [batch, dim] and, for each positive, its loss and gradient coefficient.
// One group of 64 threads per positive.

const LANES = 64u;
var<workgroup> partial: array<f32, LANES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let b = group.x;
    let dim = job.dim;
    let p = positive(b);
    var total = 0.0;
    for (var k = lane; k < dim; k += LANES) {
        let q = query(rows[p.given * dim + k], rows[p.relation * dim + k]);
        queries[b * dim + k] = q;
        total += term(q, rows[p.truth * dim + k]);
    }
    partial[lane] = total;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            partial[lane] += partial[lane + half];
        }
        workgroupBarrier();
    }
    if lane == 0u {
        let score = score_of(partial[0]);
        let loss = softplus_sigmoid(-score);
        results[b] = coefficient(score, -loss.y * job.weight);
        results[job.at_losses + b] = loss.x;
    }
}
