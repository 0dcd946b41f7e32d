// s = gamma - ||q - n||_2. Twin of Similarity::L2; distances are summed directly, without the
// cancellation that the CPU's matrix product has near zero.

fn term(q: f32, n: f32) -> f32 {
    return (q - n) * (q - n);
}

fn score_of(total: f32) -> f32 {
    return job.gamma - sqrt(total);
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient / max(job.gamma - score, 1e-4);
}

fn pull(own: f32, other: f32) -> f32 {
    return other - own;
}
