// RotatE: q = h e^(i theta) for tails, q = t e^(-i theta) for heads; relation.x is theta. Twin of interaction/rotate.rs.

// sin and cos as maths.rs computes them: the shader language promises few digits for angles beyond pi.
fn sin_cos(x: f32) -> vec2<f32> {
    let n = round(x * 0.63661977);
    let r = ((x - n * 1.5703125) - n * 4.8375129e-4) - n * 7.54979e-8;
    let z = r * r;
    let s = ((-1.9515296e-4 * z + 8.332161e-3) * z - 1.6666655e-1) * z * r + r;
    let c = ((2.4433157e-5 * z - 1.3887316e-3) * z + 4.166665e-2) * z * z - 0.5 * z + 1.0;
    let quadrant = i32(n) & 3;
    let both = select(vec2<f32>(s, c), vec2<f32>(c, s), (quadrant & 1) == 1);
    return vec2<f32>(select(both.x, -both.x, quadrant >= 2), select(both.y, -both.y, quadrant == 1 || quadrant == 2));
}

fn phase_sign() -> f32 {
    return select(-1.0, 1.0, job.side == 0u);
}

fn query(given: vec2<f32>, relation: vec2<f32>) -> vec2<f32> {
    let turn = sin_cos(phase_sign() * relation.x);
    return vec2<f32>(given.x * turn.y - given.y * turn.x, given.x * turn.x + given.y * turn.y);
}

// Gradients of the given end (xy) and of the relation (zw).
fn query_gradient(given: vec2<f32>, relation: vec2<f32>, d_query: vec2<f32>) -> vec4<f32> {
    let turn = sin_cos(phase_sign() * relation.x);
    let q = vec2<f32>(given.x * turn.y - given.y * turn.x, given.x * turn.x + given.y * turn.y);
    return vec4<f32>(
        d_query.x * turn.y + d_query.y * turn.x,
        d_query.y * turn.y - d_query.x * turn.x,
        phase_sign() * (d_query.y * q.x - d_query.x * q.y),
        0.0,
    );
}
