#![no_main]
//! `pack.json` of any bytes, alone and with the files of a good pack.

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lladr_core::pack::{self, MOST_IN_BROWSER, Manifest, NamedBytes, Precision};

static FILES: LazyLock<Vec<NamedBytes>> = LazyLock::new(|| lladr_fuzz::files(Precision::F32).expect("a good pack"));

fuzz_target!(|bytes: &[u8]| {
    if Manifest::parse(bytes, MOST_IN_BROWSER).is_ok() {
        let mut files = FILES.clone();
        files[0].1 = bytes.to_vec();
        let _ = pack::read(&files, MOST_IN_BROWSER);
    }
});
