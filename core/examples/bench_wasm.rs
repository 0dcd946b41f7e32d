//! The same work as `cargo bench`, as a bare wasm module: `cargo xtask bench` and `lladr bench --wasm` run it in V8.
#![allow(unsafe_code, reason = "an exported name is what makes the function callable from outside")]

#[path = "../benches/work/training.rs"]
mod training;

use lladr_core::model::Interaction;
use training::{Products, Work, Workload};

/// Makes a workload: 0 TransE L1, 1 TransE L2, 2 DistMult. The caller keeps the pointer.
#[unsafe(no_mangle)]
pub extern "C" fn workload_new(interaction: u32) -> *mut Workload {
    let interaction = Interaction::ALL[interaction as usize % Interaction::ALL.len()];
    Box::into_raw(Box::new(Workload::new(&Work::fb15k(interaction))))
}

/// Trains steps; returns the number of positives.
///
/// # Safety
/// `workload` comes from [`workload_new`] and is used by one caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn workload_train(workload: *mut Workload, steps: u32) -> u32 {
    // SAFETY: see above.
    unsafe { &mut *workload }.train(steps)
}

/// Makes the arrays of the bare products. The caller keeps the pointer.
#[unsafe(no_mangle)]
pub extern "C" fn products_new() -> *mut Products {
    Box::into_raw(Box::new(Products::new(&Work::fb15k(Interaction::DistMult))))
}

/// Computes the products of chunks; returns their FLOP.
///
/// # Safety
/// `products` comes from [`products_new`] and is used by one caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn products_run(products: *mut Products, chunks: u32) -> f64 {
    // SAFETY: see above.
    unsafe { &mut *products }.run(chunks)
}
