//! Where the map is looked at from: pure arithmetic between world units and CSS pixels.
//!
//! `screen = size / 2 + (world - centre) * scale`, with y flipped, because the world's y grows upwards.
//! The view is clamped: never smaller than a third of the fitted view, never beyond 400 times it, and the
//! centre never leaves the square that holds all points.

/// A rectangle of the world, seen in `size` CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    size: [f32; 2],
    centre: [f32; 2],
    scale: f32,
    fitted: bool,
}

/// Empty rim around the fitted points, in CSS pixels: room for marks and their labels.
const RIM: f32 = 56.0;
/// Smallest zoom, relative to the fitted view.
const LEAST: f32 = 1.0 / 3.0;
/// Largest zoom, relative to the fitted view.
const MOST: f32 = 400.0;

impl Viewport {
    /// The fitted view in a canvas of `size` CSS pixels.
    pub fn new(size: [f32; 2]) -> Self {
        let mut view = Viewport { size, centre: [0.0; 2], scale: 1.0, fitted: true };
        view.fit();
        view
    }

    /// Show all points.
    pub fn fit(&mut self) {
        self.centre = [0.0; 2];
        self.scale = self.fitted_scale();
        self.fitted = true;
    }

    /// A canvas of another size: stays fitted where it was, keeps centre and scale otherwise.
    pub fn resize(&mut self, size: [f32; 2]) {
        self.size = size;
        if self.fitted { self.fit() } else { self.clamp() }
    }

    /// Move the picture by pixels.
    pub fn pan(&mut self, dx: f32, dy: f32) {
        self.centre[0] -= dx / self.scale;
        self.centre[1] += dy / self.scale;
        self.fitted = false;
        self.clamp();
    }

    /// Zoom by `factor` and keep what is under `anchor` (pixels) where it is.
    pub fn zoom_at(&mut self, factor: f32, anchor: [f32; 2]) {
        if !(factor.is_finite() && factor > 0.0) {
            return;
        }
        let before = self.to_world(anchor);
        self.scale *= factor;
        self.fitted = false;
        self.clamp();
        let after = self.to_world(anchor);
        self.centre[0] += before[0] - after[0];
        self.centre[1] += before[1] - after[1];
        self.clamp();
    }

    /// Bring a world point to the middle.
    pub fn centre_on(&mut self, world: [f32; 2]) {
        self.centre = world;
        self.fitted = false;
        self.clamp();
    }

    /// World → pixels.
    pub fn to_screen(&self, world: [f32; 2]) -> [f32; 2] {
        [
            self.size[0] / 2.0 + (world[0] - self.centre[0]) * self.scale,
            self.size[1] / 2.0 - (world[1] - self.centre[1]) * self.scale,
        ]
    }

    /// Pixels → world.
    pub fn to_world(&self, screen: [f32; 2]) -> [f32; 2] {
        [
            self.centre[0] + (screen[0] - self.size[0] / 2.0) / self.scale,
            self.centre[1] - (screen[1] - self.size[1] / 2.0) / self.scale,
        ]
    }

    /// `[scale x, scale y, offset x, offset y]` from world to clip space.
    pub fn to_clip(&self) -> [f32; 4] {
        let sx = 2.0 * self.scale / self.size[0].max(1.0);
        let sy = 2.0 * self.scale / self.size[1].max(1.0);
        [sx, sy, -self.centre[0] * sx, -self.centre[1] * sy]
    }

    /// Canvas size in CSS pixels.
    pub fn size(&self) -> [f32; 2] {
        self.size
    }

    /// Whether all points are shown because nobody has moved the view.
    pub fn is_fitted(&self) -> bool {
        self.fitted
    }

    /// How much larger than fitted: 1 shows everything.
    pub fn zoom(&self) -> f32 {
        self.scale / self.fitted_scale()
    }

    /// Marks grow gently when one looks closer, so that dense places open up.
    pub fn growth(&self) -> f32 {
        self.zoom().max(1.0).powf(0.3).min(4.0)
    }

    fn fitted_scale(&self) -> f32 {
        let rim = RIM.min(self.size[0].min(self.size[1]) / 8.0);
        ((self.size[0].min(self.size[1]) - 2.0 * rim) / 2.0).max(1.0)
    }

    fn clamp(&mut self) {
        let home = self.fitted_scale();
        self.scale = self.scale.clamp(home * LEAST, home * MOST);
        for value in &mut self.centre {
            *value = if value.is_finite() { value.clamp(-1.1, 1.1) } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: [f32; 2], b: [f32; 2]) -> bool {
        (a[0] - b[0]).abs() < 1e-2 && (a[1] - b[1]).abs() < 1e-2
    }

    #[test]
    fn fitted_view_shows_the_unit_square() {
        let view = Viewport::new([900.0, 600.0]);
        for corner in [[-1.0, -1.0], [1.0, 1.0]] {
            let [x, y] = view.to_screen(corner);
            assert!((0.0..=900.0).contains(&x) && (0.0..=600.0).contains(&y), "{x} {y}");
        }
        assert!(view.to_screen([0.0, 0.5])[1] < 300.0, "y grows upwards");
    }

    #[test]
    fn screen_and_world_are_inverse() {
        let mut view = Viewport::new([800.0, 500.0]);
        view.zoom_at(3.0, [100.0, 400.0]);
        view.pan(31.0, -7.0);
        let world = [0.21, -0.4];
        assert!(near(view.to_world(view.to_screen(world)), world));
    }

    #[test]
    fn zoom_keeps_what_is_under_the_pointer() {
        let mut view = Viewport::new([800.0, 500.0]);
        let anchor = [510.0, 220.0];
        let world = view.to_world(anchor);
        view.zoom_at(5.0, anchor);
        assert!(near(view.to_screen(world), anchor));
        assert!((view.zoom() - 5.0).abs() < 1e-3);
    }

    #[test]
    fn pan_moves_with_the_pointer() {
        let mut view = Viewport::new([800.0, 500.0]);
        let before = view.to_screen([0.1, 0.1]);
        view.pan(12.0, 5.0);
        assert!(near(view.to_screen([0.1, 0.1]), [before[0] + 12.0, before[1] + 5.0]));
    }

    #[test]
    fn view_is_clamped() {
        let mut view = Viewport::new([800.0, 500.0]);
        view.zoom_at(1e9, [0.0, 0.0]);
        assert!(view.zoom() <= MOST * 1.001);
        view.zoom_at(1e-9, [0.0, 0.0]);
        assert!(view.zoom() >= LEAST * 0.999);
        view.zoom_at(f32::NAN, [0.0, 0.0]);
        view.pan(1e9, -1e9);
        assert!(view.to_clip().iter().all(|v| v.is_finite()));
        view.fit();
        assert!(view.is_fitted());
    }

    #[test]
    fn resize_keeps_a_fitted_view_fitted() {
        let mut view = Viewport::new([800.0, 500.0]);
        view.resize([400.0, 900.0]);
        assert!(view.is_fitted() && (view.zoom() - 1.0).abs() < 1e-6);
        view.pan(10.0, 0.0);
        view.resize([500.0, 500.0]);
        assert!(!view.is_fitted());
        view.resize([0.0, 0.0]);
        assert!(view.to_clip().iter().all(|v| v.is_finite()));
    }

    #[test]
    fn clip_agrees_with_screen() {
        let mut view = Viewport::new([640.0, 480.0]);
        view.zoom_at(2.5, [11.0, 40.0]);
        let world = [0.3, -0.2];
        let [sx, sy, ox, oy] = view.to_clip();
        let clip = [world[0] * sx + ox, world[1] * sy + oy];
        let screen = [(clip[0] + 1.0) * 320.0, (1.0 - clip[1]) * 240.0];
        assert!(near(screen, view.to_screen(world)));
    }
}
