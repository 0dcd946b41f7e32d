// Gradient descent. Twin of Optimizer::Sgd.

// What a row's numbers share: nothing.
fn shared_state(row: u32, mean_square: f32) -> f32 {
    return 0.0;
}

// What number k of a row moves by, against its gradient.
fn move_by(row: u32, k: u32, gradient: f32, rate: f32, shared_by_row: f32) -> f32 {
    return rate * gradient;
}

fn keep_state(row: u32, shared_by_row: f32) {
}
