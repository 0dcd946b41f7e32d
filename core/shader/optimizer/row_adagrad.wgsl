// Row-wise Adagrad: one accumulator per row. Twin of Optimizer::RowAdagrad.

// What a row's numbers share: its next state.
fn shared_state(row: u32, mean_square: f32) -> f32 {
    return state[row] + mean_square;
}

// What number k of a row moves by, against its gradient.
fn move_by(row: u32, k: u32, gradient: f32, rate: f32, shared_by_row: f32) -> f32 {
    return rate / (sqrt(shared_by_row) + 1e-10) * gradient;
}

fn keep_state(row: u32, shared_by_row: f32) {
    state[row] = shared_by_row;
}
