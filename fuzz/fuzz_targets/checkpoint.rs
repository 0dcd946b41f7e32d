#![no_main]
//! A checkpoint of any bytes.

use libfuzzer_sys::fuzz_target;
use lladr_core::train::Checkpoint;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(checkpoint) = Checkpoint::parse(bytes) {
        let again = checkpoint.to_bytes().expect("it can be written");
        assert_eq!(Checkpoint::parse(&again).expect("what was written can be read"), checkpoint);
    }
});
