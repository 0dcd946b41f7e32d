//! What is held to what.
//!
//! Ids and thresholds are those of the project's performance targets. They are ratios of two sides measured in one run,
//! but for the ranking's seconds and the list's milliseconds.

/// Which comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Row {
    /// Training, K 256: beside chunked PyTorch, and as a share of matrix products.
    T1,
    /// Training, K 128: beside PyKEEN.
    T2,
    /// LLaDR's objective on 97,238 entities, d 128 and 1024: beside LLaDR's recipe.
    T4,
    /// Training in wasm: beside native. Needs --wasm.
    T5,
    /// Training in wasm: beside chunked PyTorch, native. Needs --wasm and --peers.
    T6,
    /// Full filtered ranking, FB15k's test set, d 400: seconds.
    E1,
    /// One disease's drugs, DRKG's 24,313, d 400: milliseconds.
    E2,
}

/// T1: at least 1.5 times chunked PyTorch, then 3 times.
pub const T1: Target = Target::Least(1.5, Some(3.0));
/// T1: half the speed of the matrix products of a same-run sgemm.
pub const T1_SHARE: Target = Target::Least(0.5, None);
/// T2: at least 50 times PyKEEN.
pub const T2: Target = Target::Least(50.0, None);
/// T4: at least 100 times LLaDR's recipe.
pub const T4: Target = Target::Least(100.0, None);
/// T5: at least .45 of native on one core.
pub const T5: Target = Target::Least(0.45, None);
/// T6: no slower than chunked PyTorch, native.
pub const T6: Target = Target::Least(1.0, None);
/// E1: 20 seconds on one core.
pub const E1: Target = Target::Most(20.0);
/// E2: 5 milliseconds.
pub const E2: Target = Target::Most(5.0);

/// What a side's work is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Triples per second.
    Triples,
    /// Work is FLOP: GFLOP/s.
    Gflops,
    /// Seconds for one work.
    Seconds,
    /// Milliseconds for one work.
    Millis,
}

impl Unit {
    /// Name.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Triples => "triples/s",
            Unit::Gflops => "GFLOP/s",
            Unit::Seconds => "s",
            Unit::Millis => "ms",
        }
    }

    /// The figure for a rate of work per second.
    pub fn figure(self, rate: f64) -> f64 {
        match self {
            Unit::Triples => rate,
            Unit::Gflops => rate / 1e9,
            Unit::Seconds => 1.0 / rate,
            Unit::Millis => 1e3 / rate,
        }
    }
}

/// What a line is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The ratio is at least the first; the second is the next aim.
    Least(f64, Option<f64>),
    /// Our own figure is at most this.
    Most(f64),
}

impl Target {
    /// `met`, `first met` (the next aim is not) or `missed`.
    pub fn verdict(self, value: f64) -> &'static str {
        match self {
            Target::Least(_, Some(next)) if value >= next => "met",
            Target::Least(first, Some(_)) if value >= first => "first met",
            Target::Least(first, None) if value >= first => "met",
            Target::Most(most) if value <= most => "met",
            _ => "missed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        assert_eq!(Target::Most(20.0).verdict(20.1), "missed");
        assert_eq!(Target::Most(20.0).verdict(19.9), "met");
        assert_eq!(Target::Least(1.5, Some(3.0)).verdict(1.4), "missed");
        assert_eq!(Target::Least(1.5, Some(3.0)).verdict(3.0), "met");
        assert_eq!(Target::Least(1.5, None).verdict(f64::NAN), "missed");
        assert_eq!(Unit::Millis.figure(500.0), 2.0);
    }
}
