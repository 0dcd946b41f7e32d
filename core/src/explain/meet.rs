//! Where two fronts meet: the best paths, and the sums of their meta-paths, without listing all paths.
//!
//! Over one place where half paths of both sides end, the best product is that of the two best factors.
//! Places are visited by falling bound and half paths by falling factor, so the search stops as soon as
//! nothing left can enter the list. It is exact: products of two `f32` are exact in `f64`, ties go by
//! length, then by rows, and this order never contradicts that of the visit.
//!
//! A meta-path's sum over all its paths is `Σ_m (Σ_left factor) (Σ_right factor)` over meeting places `m`,
//! one multiplication per place. Of two hops on both sides that would count walks through the same entity
//! twice, `a – m – a`; they are taken out again.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::fronts::{Half, Halves};

/// A path found: two half paths that end at the same place.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Product of both factors.
    pub score: f64,
    /// Number of edges.
    pub hops: u32,
    /// Half path of the near front.
    pub near: Half,
    /// Half path of the far front.
    pub far: Half,
}

impl Found {
    fn rows(&self) -> [u32; 6] {
        let Found { hops, near, far, .. } = self;
        [*hops, near.end, near.middle, near.class, far.middle, far.class]
    }
}

/// Better is less: higher score, then shorter, then by rows.
impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.rows().cmp(&other.rows()))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Found {}

/// The best paths so far.
#[derive(Debug)]
pub struct Best {
    most: usize,
    heap: BinaryHeap<Found>,
}

impl Best {
    /// An empty list of at most `most` paths.
    pub fn new(most: usize) -> Self {
        Best { most, heap: BinaryHeap::new() }
    }

    fn accepts(&self, found: &Found) -> bool {
        self.heap.len() < self.most || self.heap.peek().is_some_and(|worst| found < worst)
    }

    fn push(&mut self, found: Found) {
        self.heap.push(found);
        if self.heap.len() > self.most {
            self.heap.pop();
        }
    }

    /// Best first.
    pub fn into_sorted(self) -> Vec<Found> {
        self.heap.into_sorted_vec()
    }
}

/// Paths of one length: half paths of both fronts that end at the same places.
#[derive(Debug, Clone, Copy)]
pub struct Join<'a> {
    /// Number of edges.
    pub hops: u32,
    /// Half paths of the near front.
    pub near: &'a Halves,
    /// Half paths of the far front.
    pub far: &'a Halves,
}

impl<'a> Join<'a> {
    /// Both sides of every meeting place.
    fn places(self) -> impl Iterator<Item = (&'a [Half], &'a [Half])> {
        let sides = self.near.by_end().map(move |near| (near, self.far.at(near[0].end)));
        sides.filter(|(_, far)| !far.is_empty())
    }

    /// Enters this join's best paths.
    pub fn search(self, best: &mut Best) {
        let strongest = |halves: &[Half]| halves.iter().map(|half| half.factor).fold(0.0, f32::max);
        let mut places: Vec<_> = self
            .places()
            .map(|(near, far)| (f64::from(strongest(near)) * f64::from(strongest(far)), near, far))
            .collect();
        places.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1[0].end.cmp(&b.1[0].end)));
        for (_, near, far) in places {
            let (near, far) = (by_factor(near), by_factor(far));
            'place: for (row, &near) in near.iter().enumerate() {
                for (column, &far) in far.iter().enumerate() {
                    let score = f64::from(near.factor) * f64::from(far.factor);
                    let found = Found { score, hops: self.hops, near, far };
                    match (best.accepts(&found), row, column) {
                        // The best of this place, and so of all later ones, comes too late.
                        (false, 0, 0) => return,
                        (false, _, 0) => break 'place,
                        (false, ..) => break,
                        (true, ..) if is_walk(&near, &far) => {}
                        (true, ..) => best.push(found),
                    }
                }
            }
        }
    }

    /// Number of paths of this join; and adds to `sums` the sum and number of paths of each pair of classes
    /// named in `pairs`, which are sorted.
    pub fn sum(self, classes: [usize; 2], pairs: &[[u32; 2]], sums: &mut [(f64, u64)]) -> u64 {
        let (mut near_sums, mut far_sums) = (vec![(0.0, 0u64); classes[0]], vec![(0.0, 0u64); classes[1]]);
        let mut total = 0;
        for (near, far) in self.places() {
            total += near.len() as u64 * far.len() as u64;
            add(&mut near_sums, near);
            add(&mut far_sums, far);
            for (sum, pair) in sums.iter_mut().zip(pairs) {
                let (near, far) = (near_sums[pair[0] as usize], far_sums[pair[1] as usize]);
                *sum = (sum.0 + near.0 * far.0, sum.1 + near.1 * far.1);
            }
            near.iter().for_each(|half| near_sums[half.class as usize] = (0.0, 0));
            far.iter().for_each(|half| far_sums[half.class as usize] = (0.0, 0));
            if self.hops == 4 {
                for_each_walk(near, far, |near, far| {
                    total -= 1;
                    if let Ok(at) = pairs.binary_search(&[near.class, far.class]) {
                        let score = f64::from(near.factor) * f64::from(far.factor);
                        sums[at] = (sums[at].0 - score, sums[at].1 - 1);
                    }
                });
            }
        }
        total
    }
}

fn add(sums: &mut [(f64, u64)], halves: &[Half]) {
    for half in halves {
        let sum = &mut sums[half.class as usize];
        *sum = (sum.0 + f64::from(half.factor), sum.1 + 1);
    }
}

/// Whether a path would pass the same entity on both sides of its meeting place.
fn is_walk(near: &Half, far: &Half) -> bool {
    near.middle == far.middle && near.middle != super::fronts::NONE
}

/// All pairs with the same entity between; both sides ascend by it.
fn for_each_walk(near: &[Half], far: &[Half], mut visit: impl FnMut(&Half, &Half)) {
    let mut rest = far;
    for near in near.chunk_by(|a, b| a.middle == b.middle) {
        let middle = near[0].middle;
        rest = &rest[rest.partition_point(|half| half.middle < middle)..];
        let same = rest.partition_point(|half| half.middle == middle);
        near.iter().for_each(|near| rest[..same].iter().for_each(|far| visit(near, far)));
    }
}

fn by_factor(halves: &[Half]) -> Vec<Half> {
    let mut sorted = halves.to_vec();
    let order =
        |a: &Half, b: &Half| b.factor.total_cmp(&a.factor).then_with(|| (a.middle, a.class).cmp(&(b.middle, b.class)));
    sorted.sort_unstable_by(order);
    sorted
}
