//! The mark under a pointer.

use super::scene::Scene;
use super::viewport::Viewport;

/// The visible entity nearest to `at` (CSS pixels), if it lies within `radius` pixels beyond its own edge.
/// `glide` is the share of the way from the last layout to the current one. Of marks that overlap, the one
/// drawn on top wins. Looks at every visible mark: 100 000 take about a tenth of a millisecond.
pub fn nearest(scene: &Scene, view: &Viewport, glide: f32, at: [f32; 2], radius: f32) -> Option<u32> {
    let growth = view.growth();
    let mut best: Option<(f32, u32)> = None;
    for &entity in scene.order() {
        let [x, y] = view.to_screen(scene.position(entity, glide));
        let (dx, dy) = (x - at[0], y - at[1]);
        // Cheap refusal first: most marks are far away.
        if dx.abs() > radius + 40.0 || dy.abs() > radius + 40.0 {
            continue;
        }
        let gap = ((dx * dx + dy * dy).sqrt() - scene.radius(entity) * growth).max(0.0);
        if gap <= radius && best.is_none_or(|(least, _)| gap <= least) {
            best = Some((gap, entity));
        }
    }
    best.map(|(_, entity)| entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> Scene {
        let mut scene = Scene::new(&["Compound", "Gene"], vec![0, 1, 0]);
        scene.glide_to(&[-1.0, -1.0, 0.0, 0.0, 1.0, 1.0], 1.0);
        scene
    }

    #[test]
    fn finds_the_nearest_within_reach() {
        let (scene, view) = (scene(), Viewport::new([500.0, 500.0]));
        let at = view.to_screen([1.0, 1.0]);
        assert_eq!(nearest(&scene, &view, 1.0, [at[0] + 5.0, at[1]], 8.0), Some(2));
        assert_eq!(nearest(&scene, &view, 1.0, [at[0] - 60.0, at[1]], 8.0), None);
    }

    #[test]
    fn hidden_types_are_not_found() {
        let (mut scene, view) = (scene(), Viewport::new([500.0, 500.0]));
        scene.set_hidden(&[false, true]);
        assert_eq!(nearest(&scene, &view, 1.0, [250.0, 250.0], 8.0), None);
        scene.set_hidden(&[false, false]);
        assert_eq!(nearest(&scene, &view, 1.0, [250.0, 250.0], 8.0), Some(1));
    }
}
