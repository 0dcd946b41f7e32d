//! The layout loop of UMAP on the CPU: twin of `shader/project/umap.wgsl`; the formulas stand in
//! [`crate::backend::umap`].
//!
//! Forces are computed [`LANES`] at a time, which vectorises, in portable arithmetic: the same plan gives the same
//! bits on every machine and for any number of threads.

use super::parallel::for_each;
use crate::backend::umap::{A, B, LANES, UmapEpoch, UmapPlan, is_due};
use crate::maths::{exp, ln};
use crate::rng::{Stream, below, hash};

/// Points that one thread moves at a time.
const PART: usize = 512;
/// A push, and the step of an epoch, are at most this long in x and in y.
const MOST: f32 = 4.0;

/// A layout under way.
#[derive(Debug, Clone)]
pub struct CpuUmap {
    plan: UmapPlan,
    positions: Vec<f32>,
    next: Vec<f32>,
    done: u32,
}

impl CpuUmap {
    /// Starts at the plan's first positions.
    pub fn new(plan: UmapPlan) -> Self {
        CpuUmap { positions: plan.first.clone(), next: plan.first.clone(), plan, done: 0 }
    }

    /// Runs up to `epochs` more epochs; returns how many are left.
    pub fn advance(&mut self, epochs: u32) -> u32 {
        let until = self.done.saturating_add(epochs).min(self.plan.epochs);
        while self.done < until {
            let epoch = self.plan.epoch(self.done);
            let (plan, positions) = (&self.plan, &self.positions);
            for_each(self.next.chunks_mut(2 * PART).enumerate().collect(), |(part, next)| {
                move_points(plan, &epoch, positions, part * PART, next);
            });
            std::mem::swap(&mut self.positions, &mut self.next);
            self.done += 1;
        }
        self.plan.epochs - self.done
    }

    /// Positions after the epochs so far, x and y per point.
    pub fn positions(&self) -> &[f32] {
        &self.positions
    }
}

/// Forces on one point, by lane.
#[derive(Default)]
struct Sums {
    x: [f32; LANES],
    y: [f32; LANES],
    stiffness: [f32; LANES],
}

/// New positions of the points from `first` on.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn move_points(plan: &UmapPlan, epoch: &UmapEpoch, positions: &[f32], first: usize, next: &mut [f32]) {
    for (point, next) in (first..).zip(next.chunks_exact_mut(2)) {
        let own = [positions[2 * point], positions[2 * point + 1]];
        let (mut pulls, mut pushes, mut due) = (Sums::default(), Sums::default(), 0u32);
        let (mut others, mut filled) = ([point as u32; LANES], 0);
        for &[other, schedule] in plan.edges_of(point) {
            if is_due(schedule, epoch.number) {
                others[filled] = other;
                filled += 1;
                due += 1;
            }
            if filled == LANES {
                pull(apart(own, positions, &others), &mut pulls);
                filled = 0;
            }
        }
        if filled > 0 {
            // A point does not pull itself.
            others[filled..].fill(point as u32);
            pull(apart(own, positions, &others), &mut pulls);
        }
        if due > 0 {
            for first in (0..epoch.draws).step_by(LANES) {
                let draws = std::array::from_fn(|lane| {
                    below(hash(epoch.seed, Stream::Projection, point as u32, first + lane as u32), epoch.count)
                });
                push(apart(own, positions, &draws), &mut pushes);
            }
        }
        let weight = epoch.weight * due as f32;
        let damping = 1.0 + epoch.rate * total(&pulls.stiffness);
        for (axis, (pull, push)) in [(pulls.x, pushes.x), (pulls.y, pushes.y)].into_iter().enumerate() {
            let force = total(&pull) + weight * total(&push);
            next[axis] = own[axis] + (epoch.rate * force / damping).clamp(-MOST, MOST);
        }
    }
}

/// From the others to the point.
#[inline(always)]
fn apart(own: [f32; 2], positions: &[f32], others: &[u32; LANES]) -> [[f32; LANES]; 2] {
    [0, 1].map(|axis| others.map(|other| own[axis] - positions[2 * other as usize + axis]))
}

#[inline(always)]
fn pull([x, y]: [[f32; LANES]; 2], sums: &mut Sums) {
    for lane in 0..LANES {
        let d2 = x[lane] * x[lane] + y[lane] * y[lane];
        let power = exp(B * ln(d2.max(1e-12)));
        let slope = if d2 > 1e-12 { 4.0 * A * B * power / (d2 * (1.0 + A * power)) } else { 0.0 };
        sums.x[lane] -= slope * x[lane];
        sums.y[lane] -= slope * y[lane];
        sums.stiffness[lane] += slope;
    }
}

#[inline(always)]
fn push([x, y]: [[f32; LANES]; 2], sums: &mut Sums) {
    for lane in 0..LANES {
        let d2 = x[lane] * x[lane] + y[lane] * y[lane];
        let power = exp(B * ln(d2.max(1e-12)));
        let slope = 2.0 * B / ((0.001 + d2) * (1.0 + A * power));
        sums.x[lane] += (slope * x[lane]).clamp(-MOST, MOST);
        sums.y[lane] += (slope * y[lane]).clamp(-MOST, MOST);
    }
}

#[inline(always)]
fn total(lanes: &[f32; LANES]) -> f32 {
    ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
}
