// s = gamma - ||q - n||_2. Twin of Similarity::L2; distances are summed directly, without the
// cancellation that the CPU's matrix product has near zero.

fn term(q: vec2<f32>, n: vec2<f32>) -> f32 {
    let d = q - n;
    return dot(d, d);
}

fn score_of(total: f32) -> f32 {
    return job.gamma - sqrt(total);
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient / max(job.gamma - score, 1e-4);
}

fn pull(own: vec2<f32>, other: vec2<f32>) -> vec2<f32> {
    return other - own;
}
