// ComplEx: q = h r for tails, q = t conj(r) for heads, complex. Twin of interaction/complex.rs.

fn imaginary_sign() -> f32 {
    return select(-1.0, 1.0, job.side == 0u);
}

fn query(given: vec2<f32>, relation: vec2<f32>) -> vec2<f32> {
    let i = imaginary_sign() * relation.y;
    return vec2<f32>(given.x * relation.x - given.y * i, given.x * i + given.y * relation.x);
}

// Gradients of the given end (xy) and of the relation (zw).
fn query_gradient(given: vec2<f32>, relation: vec2<f32>, d_query: vec2<f32>) -> vec4<f32> {
    let sign = imaginary_sign();
    let i = sign * relation.y;
    return vec4<f32>(
        d_query.x * relation.x + d_query.y * i,
        d_query.y * relation.x - d_query.x * i,
        d_query.x * given.x + d_query.y * given.y,
        sign * (d_query.y * given.x - d_query.x * given.y),
    );
}
