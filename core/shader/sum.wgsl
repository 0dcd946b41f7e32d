// Stage sum: level 1 of the row sums. One group of 64 threads sums one piece of a long segment.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let dim = job.dim;
    let piece = group.x;
    let start = plan[job.at_piece_starts + piece];
    let end = plan[job.at_piece_starts + piece + 1u];
    for (var k = lane; k < dim; k += 64u) {
        var total = 0.0;
        for (var at = start; at < end; at++) {
            total += gradients[plan[job.at_piece_items + at] * dim + k];
        }
        gradients[(job.first_piece + piece) * dim + k] = total;
    }
}
