// TransE: q = h + r for tails, q = t - r for heads. Twin of interaction/transe.rs.

fn query(given: f32, relation: f32) -> f32 {
    return given + select(-relation, relation, job.side == 0u);
}

// Gradients of the given end and of the relation.
fn query_gradient(given: f32, relation: f32, d_query: f32) -> vec2<f32> {
    return vec2<f32>(d_query, select(-d_query, d_query, job.side == 0u));
}
