// Soft-max cross-entropy over the positive and its negatives. Twin of cross_entropy in loss.rs.

// Temperature of the soft-max over the negatives.
fn temperature() -> f32 {
    return 1.0;
}

// Least value of the soft-max's largest score, and the positive's own part in its sum.
fn least(positive: f32) -> f32 {
    return positive;
}

fn own_part(positive: f32, largest: f32) -> f32 {
    return exp(clamp(positive - largest, -87.0, 87.0));
}

// Loss and gradient of a negative with soft-max weight p.
fn negative_loss(score: f32, p: f32, positive: f32) -> vec2<f32> {
    return vec2<f32>(0.0, p);
}

// Loss and gradient of the positive; `pulled` is the sum of the negatives' gradients.
fn positive_loss(positive: f32, largest: f32, total: f32, pulled: f32) -> vec2<f32> {
    return vec2<f32>(largest - positive + log(total), own_part(positive, largest) / total - 1.0);
}
