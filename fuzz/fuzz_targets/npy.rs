#![no_main]
//! A matrix in numpy's format.

use libfuzzer_sys::fuzz_target;
use lladr_cli::embeddings::npy;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(array) = npy::read(bytes, bytes.len() as u64) {
        assert_eq!(array.numbers.len(), array.rows * array.width);
    }
});
