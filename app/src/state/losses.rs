//! The loss curve of a run, in a fixed number of points.
//!
//! When it is full, neighbours are averaged pairwise and each later point stands for twice as many slices,
//! so that the curve always spans the whole run.

/// Most points that are kept; an even number.
const MOST: usize = 240;

/// Losses since the first epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Losses {
    points: Vec<f32>,
    per_point: u32,
    sum: f32,
    pending: u32,
}

impl Default for Losses {
    fn default() -> Self {
        Losses { points: Vec::new(), per_point: 1, sum: 0.0, pending: 0 }
    }
}

impl Losses {
    /// Add the loss of a slice; one that is not finite is left out.
    pub fn push(&mut self, loss: f32) {
        if !loss.is_finite() {
            return;
        }
        self.sum += loss;
        self.pending += 1;
        if self.pending < self.per_point {
            return;
        }
        if self.points.len() == MOST {
            self.points = self.points.chunks(2).map(|pair| pair.iter().sum::<f32>() / pair.len() as f32).collect();
            self.per_point *= 2;
            if self.pending < self.per_point {
                return;
            }
        }
        self.points.push(self.sum / self.pending as f32);
        (self.sum, self.pending) = (0.0, 0);
    }

    /// The points, oldest first.
    #[cfg(test)]
    pub fn points(&self) -> &[f32] {
        &self.points
    }

    /// An SVG path through the points in a box of `width` by `height`; the lowest loss at the bottom.
    pub fn path(&self, width: f32, height: f32) -> String {
        let low = self.points.iter().copied().fold(f32::INFINITY, f32::min);
        let high = self.points.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let span = if high > low { high - low } else { 1.0 };
        let step = width / (self.points.len().max(2) - 1) as f32;
        let mut path = String::with_capacity(self.points.len() * 12);
        for (i, loss) in self.points.iter().enumerate() {
            path.push(if i == 0 { 'M' } else { 'L' });
            path.push_str(&crate::format::fixed(f64::from(i as f32 * step), 1));
            path.push(' ');
            path.push_str(&crate::format::fixed(f64::from(height - (loss - low) / span * height), 1));
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_its_whole_span() {
        let mut losses = Losses::default();
        for slice in 0..10_000 {
            losses.push(10_000.0 - slice as f32);
        }
        let points = losses.points();
        assert!(points.len() <= MOST && points.len() > MOST / 3, "{}", points.len());
        assert!(points[0] > 9_900.0 && points[points.len() - 1] < 200.0);
        assert!(points.windows(2).all(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn paths_stay_in_their_box() {
        let mut losses = Losses::default();
        assert_eq!(losses.path(100.0, 20.0), "");
        for loss in [3.0, f32::NAN, 2.0, 1.0] {
            losses.push(loss);
        }
        assert_eq!(losses.path(100.0, 20.0), "M0.0 0.0L50.0 10.0L100.0 20.0");
    }
}
