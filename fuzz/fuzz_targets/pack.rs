#![no_main]
//! One file of a pack is made of other bytes. The first byte says which file, the second in which pack, and whether
//! the bytes are stored as they are or gzip'd.

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lladr_core::pack::{self, MOST_IN_BROWSER, NamedBytes, Precision};

static PACKS: LazyLock<[Vec<NamedBytes>; 3]> =
    LazyLock::new(|| Precision::ALL.map(|precision| lladr_fuzz::files(precision).expect("a good pack")));

fuzz_target!(|bytes: &[u8]| {
    let [which, how, rest @ ..] = bytes else { return };
    let unpacked = (how & 4 != 0).then_some(rest.len() as u64 * 2);
    let files = lladr_fuzz::with(&PACKS[usize::from(how & 3) % 3], usize::from(*which), rest, unpacked);
    if let Ok(pack) = pack::read(&files, MOST_IN_BROWSER) {
        if let Some(model) = &pack.model {
            assert!(model.rows().iter().all(|x| x.is_finite()));
        }
        let again = pack::write(pack.manifest.clone(), &pack.contents(), pack::Storage::WORK);
        let again = pack::read(&again.expect("it can be written"), MOST_IN_BROWSER);
        again.expect("what was written can be read");
    }
});
