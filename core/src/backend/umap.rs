//! What the layout loop of UMAP reads, the same for both of its twins, [`super::cpu::CpuUmap`] and
//! `super::gpu::GpuUmap`.
//!
//! Positions are moved *by gathering*: in an epoch, every point sums its own forces from the positions of the epoch
//! before, in a fixed order, and writes only its own new position. There are no atomics and no races, so the bits do
//! not depend on the number of threads. With `φ(d) = 1 / (1 + A d^{2B})`, a point at `x` takes the step
//!
//! ```text
//! s_j = 2 A B d^{2(B−1)} φ(d)       pull of the other end j of an edge that is due
//! r_m = 2 B φ(d) / (0.001 + d²)     push of a random point m
//! F = Σ_j 2 s_j (x_j − x) + w Σ_m clamp(r_m (x − x_m), ±4)
//! x ← x + clamp(rate · F / (1 + rate · Σ_j 2 s_j), ±4)
//! ```
//!
//! The slopes and the clamp are the reference's (McInnes, Healy and Melville, arXiv 1802.03426); the 2 is there
//! because the reference moves both ends of an edge, and lists each edge from either end. It moves points one after
//! another; moved all at once by the plain sum, a point with many edges would overshoot, hence the divisor, which is
//! the semi-implicit step of the pulls and leaves the equilibrium where it is. The reference pushes
//! `repulsions` times per pull; here each point draws some others once per epoch, weighted (`w`) to the same expected
//! force: [`LANES`] at first, when what an epoch adds is soon forgotten, and up to five times as many towards the end,
//! when the noise of few draws would stay and cost neighbours.

/// The curve `1 / (1 + A d^{2B})` for a least distance of 0.1 and a spread of 1; as in `umap.wgsl`.
pub const A: f32 = 1.576_943_5;
/// See [`A`].
pub const B: f32 = 0.895_060_9;
/// Random others are drawn in so many at a time, and the CPU computes so many forces at a time.
pub const LANES: usize = 8;
/// The most epochs of a layout: the schedule of an edge counts in 16 bits.
pub const MOST_EPOCHS: u32 = 65_535;

/// The neighbourhood graph, the first positions and the schedule. Made by `project::umap_plan`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UmapPlan {
    /// Where each point's edges start in `edges`, `[points + 1]`.
    pub starts: Vec<u32>,
    /// `[other end, odds << 16 | phase]`: the edge is due in `odds` of 65,536 epochs. Each edge is listed from both ends.
    pub edges: Vec<[u32; 2]>,
    /// First positions, x and y per point, `[points × 2]`.
    pub first: Vec<f32>,
    /// Epochs of the whole layout, at most [`MOST_EPOCHS`]; the rate falls linearly from 1 to 0.
    pub epochs: u32,
    /// Pushes per pull.
    pub repulsions: u32,
    /// Seed of the pushes.
    pub seed: u32,
}

/// The numbers of one epoch; mirrored by `Epoch` in `umap.wgsl`, a test compares the offsets.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct UmapEpoch {
    /// Points.
    pub count: u32,
    /// Number of the epoch, from 0.
    pub number: u32,
    /// Seed of this epoch's draws.
    pub seed: u32,
    /// Length of a step: 1 in the first epoch, nearly 0 in the last.
    pub rate: f32,
    /// Random others that a point is pushed away from, a multiple of [`LANES`].
    pub draws: u32,
    /// Weight of a draw, per edge that is due.
    pub weight: f32,
}

impl UmapPlan {
    /// Number of points.
    pub fn count(&self) -> usize {
        self.first.len() / 2
    }

    /// What an epoch needs to know.
    pub fn epoch(&self, number: u32) -> UmapEpoch {
        let progress = number as f32 / self.epochs.max(1) as f32;
        let draws = LANES as u32 * (1 + (5.0 * progress) as u32);
        UmapEpoch {
            count: self.count() as u32,
            number,
            seed: crate::rng::mix(self.seed ^ crate::rng::mix(number)),
            rate: 1.0 - progress,
            draws,
            weight: self.repulsions as f32 / draws as f32,
        }
    }

    /// The edges of a point.
    pub fn edges_of(&self, point: usize) -> &[[u32; 2]] {
        match (self.starts.get(point), self.starts.get(point + 1)) {
            (Some(&from), Some(&to)) => self.edges.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Whether an edge pulls in an epoch: whether `odds / 65536`, counted on per epoch, passes a whole number.
#[inline(always)]
pub fn is_due(schedule: u32, epoch: u32) -> bool {
    let (odds, phase) = (schedule >> 16, schedule & 0xffff);
    let before = odds.wrapping_mul(epoch).wrapping_add(phase);
    before >> 16 != before.wrapping_add(odds) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_due_as_often_as_its_odds_say() {
        for odds in [1u32, 131, 32_768, 50_000, 65_535] {
            for phase in [0, 77, 65_535] {
                let due = (0..MOST_EPOCHS).filter(|&epoch| is_due(odds << 16 | phase, epoch)).count();
                assert!(due.abs_diff(odds as usize) <= 1, "{due} of 65,535 epochs at odds {odds}");
            }
        }
    }
}
