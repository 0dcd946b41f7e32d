//! When the next request may be sent: turns at a set rate, holds that a server asks for, and waits that double.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use lladr_core::rng::{Stream, hash, unit};

/// The first wait after a failure.
const FIRST_WAIT: f32 = 0.5;
/// The longest one that no server asked for.
const LONGEST_WAIT: f32 = 60.0;
/// How long a sleep goes on after a stop.
const SLICE: Duration = Duration::from_millis(50);

/// Turns of requests.
pub struct Pace {
    interval: Duration,
    next: Mutex<Instant>,
    stopped: AtomicBool,
}

#[allow(clippy::disallowed_methods, reason = "requests are sent at a rate of wall time")]
fn now() -> Instant {
    Instant::now()
}

impl Pace {
    /// At most `rate` turns a minute.
    pub fn new(rate: Option<f64>) -> Self {
        let interval = rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(60.0 / rate.max(1e-3)));
        Pace { interval, next: Mutex::new(now()), stopped: AtomicBool::new(false) }
    }

    /// Waits for the caller's turn; false after a stop.
    pub fn turn(&self) -> bool {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(now());
            *next = turn + self.interval;
            turn
        };
        self.rest(turn.saturating_duration_since(now()))
    }

    /// Nobody's turn comes before `wait` is over.
    pub fn hold(&self, wait: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(now() + wait);
    }

    /// Sleeps; false after a stop.
    pub fn rest(&self, wait: Duration) -> bool {
        let end = now() + wait;
        while !self.stopped.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(SLICE));
        }
        false
    }

    /// Ends all waits.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// Wait before try `at + 1`: doubled each time, and spread by half up and down, so that requests that failed together
/// do not come together again, nor those of two processes.
pub fn back_off(item: u32, at: u32) -> Duration {
    let wait = (FIRST_WAIT * 2f32.powi(at.min(20) as i32)).min(LONGEST_WAIT);
    Duration::from_secs_f32(wait * (0.5 + unit(hash(std::process::id(), Stream::Wait, item, at))))
}

/// What a `Retry-After` header asks for: seconds, or a date.
pub fn retry_after(header: &str) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTimeParser::new().parse_timestamp(header.trim()).ok()?;
    Some(Duration::try_from(date - Timestamp::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let spread = |at: u32| (0..100).map(move |item| back_off(item, at).as_secs_f32());
        assert!(spread(0).all(|wait| (0.25..0.75).contains(&wait)));
        assert!(spread(3).all(|wait| (2.0..6.0).contains(&wait)));
        assert!(spread(30).all(|wait| (30.0..90.0).contains(&wait)));
        assert!(spread(0).fold(0.0, f32::max) > spread(0).fold(1.0, f32::min) + 0.2, "they are spread");
    }

    #[test]
    fn a_server_asks_in_seconds_or_with_a_date() {
        assert_eq!(retry_after("2"), Some(Duration::from_secs(2)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert!(retry_after("Thu, 01 Jan 2099 00:00:00 GMT") > Some(Duration::from_secs(1 << 30)));
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after("-1"), None);
    }

    #[test]
    fn turns_are_apart_and_a_stop_ends_a_wait() {
        let pace = Pace::new(Some(60.0 * 50.0));
        let started = now();
        assert!((0..6).all(|_| pace.turn()));
        assert!(started.elapsed() >= Duration::from_millis(100), "six turns are five intervals");
        pace.hold(Duration::from_secs(60));
        pace.stop();
        assert!(!pace.turn());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
