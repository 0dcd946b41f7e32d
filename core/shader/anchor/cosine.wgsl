// Anchor by cosine: 1 - e.t / (|e| |t|). Twin of Distance::Cosine.

// Sums over a row from which the distance follows; w is never zero where there is text.
fn anchor_terms(e: vec2<f32>, t: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(dot(e, t), dot(e, e), 0.0, dot(t, t));
}

// Distance, and the two numbers of its gradient.
fn anchor_pull(sums: vec4<f32>) -> vec3<f32> {
    let own = sqrt(sums.y);
    let other = sqrt(sums.w);
    if own < 1e-4 || other < 1e-4 {
        return vec3<f32>(1.0, 0.0, 0.0);
    }
    let cosine = sums.x / (own * other);
    return vec3<f32>(1.0 - cosine, -1.0 / (own * other), cosine / (own * own));
}

fn anchor_gradient(e: vec2<f32>, t: vec2<f32>, a: f32, b: f32) -> vec2<f32> {
    return a * t + b * e;
}
