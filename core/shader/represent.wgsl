// Stage represent, under concatenated text: e = x + t W for each entity that the step moves. One group of 64 threads per row.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let dim = job.dim;
    let at_row = group.y * job.groups_across + group.x;
    if at_row >= job.entity_rows {
        return;
    }
    let row = plan[job.at_rows + at_row];
    for (var k = lane; k < dim; k += 64u) {
        var total = rows[job.at_free + row * dim + k];
        for (var j = 0u; j < dim; j++) {
            total += bitcast<f32>(fixed[job.at_text + row * dim + j]) * rows[(job.first_map_row + j) * dim + k];
        }
        rows[row * dim + k] = total;
    }
}
