//! Negative sampling: uniform over all entities, shared by a chunk of positives.
//!
//! Sharing makes scoring a matrix product, and costs little: every positive still meets `K` draws
//! (Lerer et al., 2019; Zheng et al., 2020). Draws may repeat and may be true; a draw that is the
//! positive's own entity is left out by the loss.

use crate::rng::{Stream, below, hash};

/// Writes the negatives of one step, `[chunks × K]`.
pub fn shared_negatives(seed: u32, step: u32, entities: u32, out: &mut [u32]) {
    for (slot, negative) in out.iter_mut().enumerate() {
        *negative = below(hash(seed, Stream::Negative, step, slot as u32), entities);
    }
}
