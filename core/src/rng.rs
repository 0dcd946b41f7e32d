//! Randomness as a function of a counter: no state, no order, the same on every machine.
//!
//! A draw is `hash([seed, stream, a, b])`. The mixing function is the 32-bit "lowbias" finaliser
//! found by Wellons' hash prospector (2018): two multiplications, bias near the ideal.

/// What a draw is for. Draws of different streams never share a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Initial rows: counters (row, column).
    Init = 1,
    /// Negatives of a step: counters (step, slot).
    Negative = 2,
    /// Round keys of an epoch's permutation: counters (epoch, round).
    Permutation = 3,
    /// Order in which pairs are offered to a split: counters (drug, disease).
    Split = 4,
    /// Start vectors of the projection: counters (row, column).
    Projection = 5,
    /// Projection of text vectors to a wider model: counters (cell, draw).
    Text = 6,
    /// What experiments change: counters (item, kind of change).
    Experiment = 7,
    /// Reduction of text vectors to fewer numbers: counters (number before, number after).
    Reduction = 8,
    /// How long to wait before a server is asked again: counters (what is asked for, try).
    Wait = 9,
    /// Ends of the triples of a made-up graph: counters (relation, round and end; triple).
    Synthetic = 11,
    /// Sampled candidates of a query: counters (ends of the triple; relation and side; draw).
    Candidate = 20,
    /// Negatives that scores are calibrated against: counters (positive, draw).
    Calibration = 21,
}

/// Mixes all bits of `x`.
#[inline]
pub fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x21f0_aaad);
    x ^= x >> 15;
    x = x.wrapping_mul(0xd35a_2d97);
    x ^ (x >> 15)
}

/// 32 random bits of a seed, a stream and two counters.
#[inline]
pub fn hash(seed: u32, stream: Stream, a: u32, b: u32) -> u32 {
    let mut h = mix(seed ^ 0x9e37_79b9);
    h = mix(h.wrapping_add(stream as u32));
    h = mix(h.wrapping_add(a));
    mix(h.wrapping_add(b))
}

/// Bits to a uniform number in `[0, 1)`, a multiple of 2⁻²⁴.
#[inline]
pub fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Bits to a uniform number in `0..n` (multiply-shift; the bias is below n / 2³²).
#[inline]
pub fn below(bits: u32, n: u32) -> u32 {
    ((u64::from(bits) * u64::from(n)) >> 32) as u32
}

/// A pseudo-random permutation of `0..n` that needs no memory: position → item.
///
/// A four-round Feistel network on the next even number of bits, walked until it lands in `0..n`
/// (cycle walking: Black and Rogaway, 2002); fewer than four walks are expected.
#[derive(Debug, Clone, Copy)]
pub struct Permutation {
    n: u32,
    half_bits: u32,
    keys: [u32; 4],
}

impl Permutation {
    /// The permutation of `0..n` that belongs to a seed and an epoch.
    pub fn new(n: u32, seed: u32, epoch: u32) -> Self {
        let bits = 32 - n.saturating_sub(1).leading_zeros();
        let keys = std::array::from_fn(|round| hash(seed, Stream::Permutation, epoch, round as u32));
        Permutation { n, half_bits: bits.div_ceil(2).max(1), keys }
    }

    /// Item at `position`, which must be below `n`.
    pub fn at(&self, position: u32) -> u32 {
        let mask = (1u32 << self.half_bits) - 1;
        let mut x = position;
        loop {
            let (mut left, mut right) = (x >> self.half_bits, x & mask);
            for key in self.keys {
                (left, right) = (right, left ^ (mix(right ^ key) & mask));
            }
            x = (left << self.half_bits) | right;
            if x < self.n {
                return x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_visits_each_item_once() {
        for n in [1, 2, 3, 7, 64, 1000, 4097] {
            let permutation = Permutation::new(n, 5, 2);
            let mut seen = vec![false; n as usize];
            for position in 0..n {
                let item = permutation.at(position) as usize;
                assert!(!seen[item], "{item} twice for n = {n}");
                seen[item] = true;
            }
        }
    }

    #[test]
    fn epochs_and_seeds_give_other_orders() {
        let order = |seed, epoch| (0..100).map(|i| Permutation::new(100, seed, epoch).at(i)).collect::<Vec<_>>();
        assert_ne!(order(1, 0), order(1, 1));
        assert_ne!(order(1, 0), order(2, 0));
        assert_eq!(order(1, 0), order(1, 0));
    }

    #[test]
    fn draws_are_spread_evenly() {
        let mut bins = [0u32; 10];
        for counter in 0..100_000 {
            bins[below(hash(3, Stream::Negative, 7, counter), 10) as usize] += 1;
        }
        // Ten thousand are expected in each; six standard deviations are about 570.
        assert!(bins.iter().all(|&count| count.abs_diff(10_000) < 570), "{bins:?}");
        let mean = (0..100_000).map(|c| f64::from(unit(hash(3, Stream::Init, 0, c)))).sum::<f64>() / 1e5;
        assert!((mean - 0.5).abs() < 0.006, "{mean}");
    }
}
