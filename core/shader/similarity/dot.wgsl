// s = q . n. Twin of Similarity::Dot.

fn term(q: f32, n: f32) -> f32 {
    return q * n;
}

fn score_of(total: f32) -> f32 {
    return total;
}

fn coefficient(score: f32, gradient: f32) -> f32 {
    return gradient;
}

fn pull(own: f32, other: f32) -> f32 {
    return other;
}
