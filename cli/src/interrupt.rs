//! Ctrl-C, and the terminate signal: the first asks a long command to end in good order, the second ends it at once.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// As shells have it for a program that an interrupt ended.
const EXIT_CODE: i32 = 130;

static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// From now on an interrupt is a request, which [`is_asked`] tells of.
pub fn catch() -> Result<()> {
    let handler = || {
        if IS_ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(EXIT_CODE);
        }
        eprintln!("\nlladr: ending after this step and writing what there is; once more ends at once");
    };
    ctrlc::set_handler(handler).context("Ctrl-C cannot be caught")
}

/// Whether the command was asked to end.
pub fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst)
}
