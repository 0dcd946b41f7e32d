// Anchor by Manhattan distance. Twin of Distance::Manhattan.

// Sums over a row from which the distance follows; w is never zero where there is text.
fn anchor_terms(e: vec2<f32>, t: vec2<f32>) -> vec4<f32> {
    let d = abs(e - t);
    return vec4<f32>(d.x + d.y, 0.0, 0.0, dot(t, t));
}

// Distance, and the two numbers of its gradient.
fn anchor_pull(sums: vec4<f32>) -> vec3<f32> {
    return vec3<f32>(sums.x, 1.0, 0.0);
}

fn anchor_gradient(e: vec2<f32>, t: vec2<f32>, a: f32, b: f32) -> vec2<f32> {
    return a * sign(e - t);
}
