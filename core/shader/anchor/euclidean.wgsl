// Anchor by Euclidean distance. Twin of Distance::Euclidean.

// Sums over a row from which the distance follows; w is never zero where there is text.
fn anchor_terms(e: vec2<f32>, t: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(dot(e - t, e - t), 0.0, 0.0, dot(t, t));
}

// Distance, and the two numbers of its gradient.
fn anchor_pull(sums: vec4<f32>) -> vec3<f32> {
    let distance = sqrt(sums.x);
    return vec3<f32>(distance, 1.0 / max(distance, 1e-4), 0.0);
}

fn anchor_gradient(e: vec2<f32>, t: vec2<f32>, a: f32, b: f32) -> vec2<f32> {
    return a * (e - t);
}
