//! What is on the map: one place and one paint word per entity, and the order of drawing.
//!
//! A place is `[from x, from y, to x, to y]`: marks glide from the last layout to the current one, and only
//! the share of the way changes per frame (in the shader's uniform), so a frame uploads nothing.
//! The order leaves hidden types out and puts what is lit on top.

use super::paint::Paint;
use super::palette::{Group, Mark, mark_of};
use super::shape::Shape;

/// What is lit. Everything else steps back while anything is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Highlight {
    /// The chosen disease.
    pub focus: Option<u32>,
    /// The selected entity.
    pub selected: Option<u32>,
    /// Drugs of the disease with the shape that tells known, held-out and predicted apart; least important first.
    pub lit: Vec<(u32, Shape)>,
}

/// The map's content.
#[derive(Debug, Clone)]
pub struct Scene {
    kinds: Vec<u8>,
    marks: Vec<Mark>,
    hidden: Vec<bool>,
    places: Vec<[f32; 4]>,
    paints: Vec<u32>,
    order: Vec<u32>,
    highlight: Highlight,
}

impl Scene {
    /// A scene of entities whose types are rows of `types`; all at the origin.
    pub fn new(types: &[&str], kinds: Vec<u8>) -> Self {
        let marks = types.iter().map(|name| mark_of(name)).collect();
        let count = kinds.len();
        let mut scene = Scene {
            kinds,
            marks,
            hidden: vec![false; types.len()],
            places: vec![[0.0; 4]; count],
            paints: vec![0; count],
            order: Vec::with_capacity(count),
            highlight: Highlight::default(),
        };
        scene.repaint();
        scene
    }

    /// A new layout, two numbers per entity. Marks set off from where they are now, `glide` of the way.
    /// Numbers that are missing or not finite count as 0.
    pub fn glide_to(&mut self, positions: &[f32], glide: f32) {
        let (centre, scale) = frame_of(positions);
        for (row, place) in self.places.iter_mut().enumerate() {
            let from = lerp(*place, glide);
            let read = |axis: usize| match positions.get(2 * row + axis) {
                Some(v) if v.is_finite() => (v - centre[axis]) * scale,
                _ => 0.0,
            };
            *place = [from[0], from[1], read(0), read(1)];
        }
    }

    /// Which types are not drawn, one flag per type.
    pub fn set_hidden(&mut self, hidden: &[bool]) {
        self.hidden.clear();
        self.hidden.extend_from_slice(hidden);
        self.hidden.resize(self.marks.len(), false);
        self.repaint();
    }

    /// What is lit.
    pub fn set_highlight(&mut self, highlight: Highlight) {
        self.highlight = highlight;
        self.repaint();
    }

    /// What is lit.
    pub fn highlight(&self) -> &Highlight {
        &self.highlight
    }

    /// Entities to draw, bottom first.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// All places, by entity.
    pub fn places(&self) -> &[[f32; 4]] {
        &self.places
    }

    /// All paint words, by entity.
    pub fn paints(&self) -> &[u32] {
        &self.paints
    }

    /// Where an entity is, `glide` of the way.
    pub fn position(&self, entity: u32, glide: f32) -> [f32; 2] {
        self.places.get(entity as usize).map_or([0.0; 2], |place| lerp(*place, glide))
    }

    /// Radius of a mark in CSS pixels at the fitted view.
    pub fn radius(&self, entity: u32) -> f32 {
        self.paints.get(entity as usize).map_or(0.0, |word| (word >> 8 & 255) as f32 / 8.0)
    }

    /// Whether an entity is drawn: its type is not hidden.
    pub fn is_visible(&self, entity: u32) -> bool {
        self.kinds.get(entity as usize).is_some_and(|kind| !self.hidden.get(*kind as usize).copied().unwrap_or(false))
    }

    /// Paint words and order from scratch.
    fn repaint(&mut self) {
        let highlight = &self.highlight;
        let quiet = highlight.focus.is_some() || highlight.selected.is_some() || !highlight.lit.is_empty();
        let base = match self.kinds.len() {
            0..=1500 => 3.5,
            1501..=10_000 => 2.75,
            10_001..=40_000 => 2.0,
            _ => 1.5,
        };
        let opacity = if quiet { 0.38 } else { 0.8 };
        let other = Mark { shape: Shape::Disc, group: Group::Other };
        self.order.clear();
        for (row, kind) in self.kinds.iter().enumerate() {
            let mark = self.marks.get(*kind as usize).copied().unwrap_or(other);
            let small = matches!(mark.group, Group::Drug | Group::Disease);
            let radius = if small { base } else { base * 0.8 };
            self.paints[row] =
                Paint { group: mark.group, shape: mark.shape, radius, opacity, halo: false, ring: false }.pack();
        }
        let top = highlight.lit.iter().map(|(entity, shape)| (*entity, Some(*shape), 5.0));
        let top = top.chain(highlight.focus.map(|entity| (entity, None, 7.0)));
        let mut above: Vec<u32> = Vec::with_capacity(highlight.lit.len() + 2);
        for (entity, shape, radius) in top {
            if let Some(word) = self.paints.get_mut(entity as usize) {
                let paint = Paint::unpack(*word);
                let shape = shape.unwrap_or(paint.shape);
                *word = Paint { shape, radius, opacity: 1.0, halo: true, ..paint }.pack();
                above.push(entity);
            }
        }
        let selected = highlight.selected.and_then(|entity| Some((entity, self.paints.get_mut(entity as usize)?)));
        if let Some((entity, word)) = selected {
            let paint = Paint::unpack(*word);
            let radius = paint.radius.max(5.0);
            *word = Paint { radius, opacity: 1.0, halo: true, ring: true, ..paint }.pack();
            above.retain(|other| *other != entity);
            above.push(entity);
        }
        for row in 0..self.kinds.len() as u32 {
            // A lit word has its halo bit set; those follow, on top.
            if self.paints[row as usize] >> 24 & 1 == 0 && self.is_visible(row) {
                self.order.push(row);
            }
        }
        above.retain(|entity| self.is_visible(*entity));
        self.order.extend_from_slice(&above);
    }
}

fn lerp(place: [f32; 4], glide: f32) -> [f32; 2] {
    [place[0] + (place[2] - place[0]) * glide, place[1] + (place[3] - place[1]) * glide]
}

/// Centre of a layout and the factor that makes its longer half-axis 1.
fn frame_of(positions: &[f32]) -> ([f32; 2], f32) {
    let mut low = [f32::INFINITY; 2];
    let mut high = [f32::NEG_INFINITY; 2];
    for point in positions.chunks_exact(2) {
        for axis in 0..2 {
            if point[axis].is_finite() {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
    }
    let half = |axis: usize| if high[axis] > low[axis] { high[axis] / 2.0 - low[axis] / 2.0 } else { 0.0 };
    let centre = |axis: usize| if low[axis] <= high[axis] { low[axis] / 2.0 + high[axis] / 2.0 } else { 0.0 };
    let reach = half(0).max(half(1));
    let scale = if reach > 0.0 { 1.0 / reach } else { 0.0 };
    ([centre(0), centre(1)], if scale.is_finite() { scale } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> Scene {
        let mut scene = Scene::new(&["Compound", "Disease", "Gene"], vec![0, 1, 2, 2]);
        scene.glide_to(&[0.0, 0.0, 10.0, 0.0, 0.0, 4.0, 10.0, 4.0], 1.0);
        scene
    }

    #[test]
    fn layouts_fill_the_unit_square() {
        let scene = scene();
        assert_eq!(scene.position(0, 1.0), [-1.0, -0.4]);
        assert_eq!(scene.position(3, 1.0), [1.0, 0.4]);
        assert_eq!(scene.position(99, 1.0), [0.0, 0.0]);
    }

    #[test]
    fn marks_glide_from_where_they_are() {
        let mut scene = scene();
        scene.glide_to(&[10.0, 0.0, 0.0, 0.0, 10.0, 4.0, 0.0, 4.0], 1.0);
        assert_eq!(scene.position(0, 0.0), [-1.0, -0.4]);
        assert_eq!(scene.position(0, 0.5), [0.0, -0.4]);
        scene.glide_to(&[0.0; 8], 0.5);
        assert_eq!(scene.position(0, 0.0), [0.0, -0.4]);
    }

    #[test]
    fn strange_numbers_do_no_harm() {
        let mut scene = scene();
        scene.glide_to(&[f32::NAN, 1.0, f32::INFINITY, f32::MAX, 3.0], 1.0);
        assert!(scene.places().iter().flatten().all(|v| v.is_finite()));
        scene.glide_to(&[], 1.0);
        assert!(scene.places().iter().flatten().all(|v| v.is_finite()));
    }

    #[test]
    fn lit_marks_are_on_top_once() {
        let mut scene = scene();
        scene.set_highlight(Highlight {
            focus: Some(1),
            selected: Some(0),
            lit: vec![(0, Shape::OpenDiamond), (77, Shape::Disc)],
        });
        assert_eq!(scene.order(), [2, 3, 1, 0]);
        let paint = Paint::unpack(scene.paints()[0]);
        assert!(paint.ring && paint.halo && paint.shape == Shape::OpenDiamond);
        assert!(Paint::unpack(scene.paints()[2]).opacity < 0.5);
    }

    #[test]
    fn hidden_types_leave_the_order() {
        let mut scene = scene();
        scene.set_hidden(&[false, false, true]);
        assert_eq!(scene.order(), [0, 1]);
        scene.set_hidden(&[]);
        assert_eq!(scene.order(), [0, 1, 2, 3]);
    }
}
