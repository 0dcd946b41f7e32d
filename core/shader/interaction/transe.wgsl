// TransE: q = h + r for tails, q = t - r for heads. Twin of interaction/transe.rs.

fn relation_sign() -> f32 {
    return select(-1.0, 1.0, job.side == 0u);
}

fn query(given: vec2<f32>, relation: vec2<f32>) -> vec2<f32> {
    return given + relation_sign() * relation;
}

// Gradients of the given end (xy) and of the relation (zw).
fn query_gradient(given: vec2<f32>, relation: vec2<f32>, d_query: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(d_query, relation_sign() * d_query);
}
