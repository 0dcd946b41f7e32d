// DistMult: q = given * r for either side. Twin of interaction/distmult.rs.

fn query(given: f32, relation: f32) -> f32 {
    return given * relation;
}

// Gradients of the given end and of the relation.
fn query_gradient(given: f32, relation: f32, d_query: f32) -> vec2<f32> {
    return vec2<f32>(d_query * relation, d_query * given);
}
