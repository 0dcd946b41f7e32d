// Adagrad: one accumulator per number. Twin of Optimizer::Adagrad.

// What a row's numbers share: nothing.
fn shared_state(row: u32, mean_square: f32) -> f32 {
    return 0.0;
}

// What number k of a row moves by, against its gradient.
fn move_by(row: u32, k: u32, gradient: f32, rate: f32, shared_by_row: f32) -> f32 {
    let at = row * job.dim + k;
    let next = state[at] + gradient * gradient;
    state[at] = next;
    return rate * gradient / (sqrt(next) + 1e-10);
}

fn keep_state(row: u32, shared_by_row: f32) {
}
