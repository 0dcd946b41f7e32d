// s = gamma - sum |q - n| over complex numbers. Twin of Similarity::Modulus; the gradient at zero is zero.

fn term(q: vec2<f32>, n: vec2<f32>) -> f32 {
    let d = q - n;
    return sqrt(dot(d, d));
}

fn score_of(total: f32) -> f32 {
    return job.gamma - total;
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient;
}

fn pull(own: vec2<f32>, other: vec2<f32>) -> vec2<f32> {
    let d = other - own;
    return d / sqrt(max(dot(d, d), 1e-24));
}
