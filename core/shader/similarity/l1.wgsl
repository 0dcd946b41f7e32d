// s = gamma - ||q - n||_1. Twin of Similarity::L1; the subgradient at zero is zero.

fn term(q: f32, n: f32) -> f32 {
    return abs(q - n);
}

fn score_of(total: f32) -> f32 {
    return job.gamma - total;
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient;
}

fn pull(own: f32, other: f32) -> f32 {
    return sign(other - own);
}
