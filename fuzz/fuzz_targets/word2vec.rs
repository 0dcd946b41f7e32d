#![no_main]
//! Vectors in word2vec's format, and the same bytes as a table of names.

use libfuzzer_sys::fuzz_target;
use lladr_cli::embeddings::{names, word2vec};

fuzz_target!(|bytes: &[u8]| {
    let _ = word2vec::read(bytes);
    let rows = bytes.first().map_or(0, |first| usize::from(*first % 8));
    if let Ok(names) = names::parse(bytes, rows) {
        assert!(names.iter().all(|(_, row)| *row < rows));
    }
});
