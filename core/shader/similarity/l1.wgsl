// s = gamma - ||q - n||_1. Twin of Similarity::L1; the subgradient at zero is zero.

fn term(q: vec2<f32>, n: vec2<f32>) -> f32 {
    let d = abs(q - n);
    return d.x + d.y;
}

fn score_of(total: f32) -> f32 {
    return job.gamma - total;
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient;
}

fn pull(own: vec2<f32>, other: vec2<f32>) -> vec2<f32> {
    return sign(other - own);
}
