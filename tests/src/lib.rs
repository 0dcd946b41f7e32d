//! Shared by the tests: toy graphs, closeness of arrays, the GPU if one is declared.

#[cfg(feature = "browser")]
pub mod browser;
pub mod naive;
pub mod toy;

use lladr_core::backend::gpu::GpuContext;

/// The GPU that `LLADR_TEST_GPU=yes` declares.
///
/// # Panics
/// When there is none: a declared GPU must be there.
#[allow(clippy::panic, reason = "a test without the GPU it was promised must fail")]
pub fn gpu() -> GpuContext {
    match pollster::block_on(GpuContext::request()) {
        Ok(context) => context,
        Err(error) => panic!("LLADR_TEST_GPU=yes, but {error}"),
    }
}

/// Compares arrays: every difference is at most `tolerance · max(1, |expected|)`.
///
/// # Panics
/// Naming the first place that differs.
#[track_caller]
pub fn assert_close(what: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{what}: lengths");
    for (at, (a, e)) in actual.iter().zip(expected).enumerate() {
        let within = (a - e).abs() <= tolerance * e.abs().max(1.0);
        assert!(within, "{what}[{at}]: {a}, expected {e} within {tolerance}");
    }
}

/// As [`assert_close`], relative to the largest expected number: for gradients, which are small.
///
/// # Panics
/// Naming the first place that differs.
#[track_caller]
pub fn assert_close_to_largest(what: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{what}: lengths");
    let largest = expected.iter().fold(1e-12f32, |most, x| most.max(x.abs()));
    for (at, (a, e)) in actual.iter().zip(expected).enumerate() {
        let within = (a - e).abs() <= tolerance * largest;
        assert!(within, "{what}[{at}]: {a}, expected {e}; largest {largest}, tolerance {tolerance}");
    }
}
