// Adam of touched rows; the bias correction is in the rate. Twin of Optimizer::Adam.

// What a row's numbers share: nothing.
fn shared_state(row: u32, mean_square: f32) -> f32 {
    return 0.0;
}

// What number k of a row moves by, against its gradient.
fn move_by(row: u32, k: u32, gradient: f32, rate: f32, shared_by_row: f32) -> f32 {
    let at = 2u * row * job.dim + k;
    let first = state[at] + (1.0 - 0.9) * (gradient - state[at]);
    let second = state[at + job.dim] + (1.0 - 0.999) * (gradient * gradient - state[at + job.dim]);
    state[at] = first;
    state[at + job.dim] = second;
    return rate * first / (sqrt(second) + 1e-8);
}

fn keep_state(row: u32, shared_by_row: f32) {
}
