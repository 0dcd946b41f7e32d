// Log-sigmoid with self-adversarial negatives. Twin of log_sigmoid in loss.rs.

// Temperature of the soft-max over the negatives.
fn temperature() -> f32 {
    return job.alpha;
}

// Least value of the soft-max's largest score, and the positive's own part in its sum.
fn least(positive: f32) -> f32 {
    return MASKED;
}

fn own_part(positive: f32, largest: f32) -> f32 {
    return 0.0;
}

// Loss and gradient of a negative with soft-max weight p.
fn negative_loss(score: f32, p: f32, positive: f32) -> vec2<f32> {
    return p * softplus_sigmoid(score);
}

// Loss and gradient of the positive; `pulled` is the sum of the negatives' gradients.
fn positive_loss(positive: f32, largest: f32, total: f32, pulled: f32) -> vec2<f32> {
    let both = softplus_sigmoid(-positive);
    return vec2<f32>(both.x, -both.y);
}
