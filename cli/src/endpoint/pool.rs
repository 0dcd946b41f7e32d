//! Items handed to threads one by one, until all are done or going on makes no sense.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow};

use super::{Endpoint, Failure};

/// So many items in a row without an answer, and the server is taken to be gone.
const MOST_IN_A_ROW: usize = 8;

/// What the threads share.
#[derive(Default)]
struct Ledger {
    given_up: Vec<(usize, String)>,
    in_a_row: usize,
    fatal: Option<String>,
}

/// Does `work` for each item in `threads` threads; returns which items got no answer, and why, in their order.
///
/// # Errors
/// When one failure is final, or many items in a row got no answer.
pub fn for_each<T: Sync>(
    endpoint: &Endpoint,
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<(), Failure> + Sync,
) -> Result<Vec<(usize, String)>> {
    let next = AtomicUsize::new(0);
    let ledger = Mutex::new(Ledger::default());
    let worker = || {
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            let done = work(item);
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            if ledger.fatal.is_some() {
                break;
            }
            match done {
                Ok(()) => ledger.in_a_row = 0,
                Err(Failure::Fatal(what)) => ledger.fatal = Some(what),
                Err(Failure::GaveUp(what)) => {
                    ledger.in_a_row += 1;
                    if ledger.in_a_row >= MOST_IN_A_ROW.max(threads) {
                        let count = ledger.in_a_row;
                        ledger.fatal = Some(format!("{count} requests in a row got no answer; the last: {what}"));
                    }
                    ledger.given_up.push((at, what));
                }
            }
            if ledger.fatal.is_some() {
                endpoint.stop();
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(worker);
        }
    });
    let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(what) = ledger.fatal {
        return Err(anyhow!(what));
    }
    let mut given_up = ledger.given_up;
    given_up.sort_unstable();
    Ok(given_up)
}
