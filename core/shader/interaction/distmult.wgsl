// DistMult: q = given * r for either side. Twin of interaction/distmult.rs.

fn query(given: vec2<f32>, relation: vec2<f32>) -> vec2<f32> {
    return given * relation;
}

// Gradients of the given end (xy) and of the relation (zw).
fn query_gradient(given: vec2<f32>, relation: vec2<f32>, d_query: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(d_query * relation, d_query * given);
}
