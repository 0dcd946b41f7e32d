// s = q . n. Twin of Similarity::Dot.

fn term(q: vec2<f32>, n: vec2<f32>) -> f32 {
    return dot(q, n);
}

fn score_of(total: f32) -> f32 {
    return total;
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient;
}

fn pull(own: vec2<f32>, other: vec2<f32>) -> vec2<f32> {
    return other;
}
