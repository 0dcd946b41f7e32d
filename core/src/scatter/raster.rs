//! The marks that are not lit, as pixels: what a 2-D canvas takes a hundred thousand of in one frame.
//!
//! Each look (shape, radius) has stamps of coverage, sampled 4 × 4 times per pixel, at quarter pixels in x and y where
//! it is small enough for that to show. A mark is laid over what is there: `pixel += (colour − pixel)·coverage·opacity`.
//! The paper is opaque, so that no pixel needs a division.

use super::paint::Paint;
use super::palette::{Group, Theme};
use super::scene::Scene;
use super::shape::Shape;
use super::viewport::Viewport;

/// Positions of a stamp within a pixel, each way.
const PARTS: usize = 4;
/// Above this radius, in device pixels, marks stand on whole pixels.
const FINE: f32 = 6.0;

/// A picture of the canvas's size.
#[derive(Debug, Default)]
pub struct Raster {
    size: [u32; 2],
    pixels: Vec<u8>,
    looks: Vec<Look>,
}

/// Stamps of one shape and size.
#[derive(Debug)]
struct Look {
    shape: Shape,
    radius: f32,
    /// Made when first wanted; empty until then.
    stamps: [Stamp; PARTS * PARTS],
}

/// Coverage of a square of pixels around a mark's pixel, of 255.
#[derive(Debug, Default)]
struct Stamp {
    reach: i32,
    cover: Vec<u8>,
}

impl Raster {
    /// Paints paper and all marks that are not lit, bottom first, `ratio` device pixels to a CSS pixel.
    pub fn draw(&mut self, scene: &Scene, view: &Viewport, ratio: f32, glide: f32, theme: Theme) {
        self.size = view.size().map(|side| (side * ratio).round().max(1.0) as u32);
        let [r, g, b] = theme.paper();
        self.pixels.clear();
        self.pixels.resize(self.size[0] as usize * self.size[1] as usize * 4, 255);
        for pixel in self.pixels.as_chunks_mut::<4>().0 {
            *pixel = [r, g, b, 255];
        }
        let colours = Group::ALL.map(|group| group.colour(theme));
        let growth = view.growth() * ratio;
        // Sizes of another zoom are not wanted any more.
        self.looks.clear();
        let (mut look, mut word, mut paint) = (0, u32::MAX, Paint::unpack(0));
        for &entity in scene.order() {
            let own = scene.paints()[entity as usize];
            if own != word {
                (word, paint) = (own, Paint::unpack(own));
                if paint.halo {
                    continue;
                }
                look = self.look(paint.shape, paint.radius * growth);
            } else if paint.halo {
                continue;
            }
            let [x, y] = view.to_screen(scene.position(entity, glide)).map(|at| at * ratio);
            let colour = colours[paint.group as usize];
            self.stamp(look, [x, y], colour, (paint.opacity * 256.0) as i32);
        }
    }

    /// Red, green, blue, opacity of each pixel, row by row from the top.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Width and height in device pixels.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    fn look(&mut self, shape: Shape, radius: f32) -> usize {
        let known = self.looks.iter().position(|look| look.shape == shape && look.radius == radius);
        known.unwrap_or_else(|| {
            self.looks.push(Look { shape, radius, stamps: Default::default() });
            self.looks.len() - 1
        })
    }

    fn stamp(&mut self, look: usize, [x, y]: [f32; 2], colour: [u8; 3], opacity: i32) {
        let [width, height] = self.size.map(|side| side as i32);
        let Some(look) = self.looks.get_mut(look) else { return };
        let reach = (look.radius * Shape::REACH).ceil() + 1.0;
        let is_outside = x < -reach || y < -reach || x > width as f32 + reach || y > height as f32 + reach;
        // A place that is no number is outside, too.
        if is_outside || !(x + y).is_finite() {
            return;
        }
        let (left, top) = (x.floor(), y.floor());
        let part =
            |rest: f32| if look.radius < FINE { ((rest * PARTS as f32) as usize).min(PARTS - 1) } else { PARTS / 2 };
        let (across, down) = (part(x - left), part(y - top));
        let Look { shape, radius, stamps } = look;
        let stamp = &mut stamps[down * PARTS + across];
        if stamp.cover.is_empty() {
            let middle = |part: usize| (part as f32 + 0.5) / PARTS as f32;
            *stamp = Stamp::new(*shape, *radius, reach as i32, [middle(across), middle(down)]);
        }
        let (left, top, side) = (left as i32 - stamp.reach, top as i32 - stamp.reach, 2 * stamp.reach + 1);
        let columns = (-left).max(0)..(width - left).min(side);
        for row in (-top).max(0)..(height - top).min(side) {
            let start = (row * side) as usize;
            let line = ((top + row) * width + left) as isize;
            for column in columns.clone() {
                let cover = i32::from(stamp.cover[start + column as usize]);
                if cover == 0 {
                    continue;
                }
                let at = (line + column as isize) as usize * 4;
                let share = (cover * opacity) >> 8;
                for (channel, wanted) in self.pixels[at..at + 3].iter_mut().zip(colour) {
                    let own = i32::from(*channel);
                    *channel = (own + ((i32::from(wanted) - own) * share + 127) / 255) as u8;
                }
            }
        }
    }
}

impl Stamp {
    /// Coverage of a shape whose middle lies at `middle` within its pixel.
    fn new(shape: Shape, radius: f32, reach: i32, middle: [f32; 2]) -> Self {
        const SAMPLES: usize = 4;
        let side = (2 * reach + 1) as usize;
        let mut cover = vec![0; side * side];
        for (at, cover) in cover.iter_mut().enumerate() {
            let corner = [(at % side) as f32 - reach as f32, (at / side) as f32 - reach as f32];
            let inside = (0..SAMPLES * SAMPLES).filter(|sample| {
                let within = [sample % SAMPLES, sample / SAMPLES].map(|it| (it as f32 + 0.5) / SAMPLES as f32);
                let [x, y] = [0, 1].map(|axis| (corner[axis] + within[axis] - middle[axis]) / radius.max(1e-3));
                shape.contains([x, y])
            });
            *cover = (inside.count() * 255 / (SAMPLES * SAMPLES)) as u8;
        }
        Stamp { reach, cover }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scatter::Highlight;

    fn view() -> Viewport {
        Viewport::new([100.0, 80.0])
    }

    fn inked(raster: &Raster, theme: Theme) -> usize {
        let [r, g, b] = theme.paper();
        raster.pixels().as_chunks::<4>().0.iter().filter(|pixel| **pixel != [r, g, b, 255]).count()
    }

    #[test]
    fn marks_are_where_the_view_says() {
        let mut scene = Scene::new(&["Compound"], vec![0, 0]);
        scene.glide_to(&[-1.0, 0.0, 1.0, 0.0], 1.0);
        let mut raster = Raster::default();
        for ratio in [1.0, 2.0, 1.5] {
            raster.draw(&scene, &view(), ratio, 1.0, Theme::Light);
            let [width, height] = raster.size();
            assert_eq!([width, height], [100.0 * ratio, 80.0 * ratio].map(|side| side.round() as u32));
            for entity in 0..2 {
                let [x, y] = view().to_screen(scene.position(entity, 1.0)).map(|at| (at * ratio) as usize);
                let at = (y * width as usize + x) * 4;
                let ink = Group::Drug.colour(Theme::Light);
                let near = raster.pixels()[at..at + 3].iter().zip(ink).all(|(own, ink)| own.abs_diff(ink) < 60);
                assert!(near, "{:?} at {x}, {y}", &raster.pixels()[at..at + 4]);
            }
            // Two discs of radius 3.5, the rim included.
            let area = inked(&raster, Theme::Light) as f32 / (ratio * ratio);
            assert!((70.0..140.0).contains(&area), "{area}");
        }
    }

    #[test]
    fn lit_marks_are_left_to_the_canvas() {
        let mut scene = Scene::new(&["Compound"], vec![0]);
        scene.glide_to(&[0.0, 0.0], 1.0);
        scene.set_highlight(Highlight { focus: Some(0), selected: None, lit: Vec::new() });
        let mut raster = Raster::default();
        raster.draw(&scene, &view(), 1.0, 1.0, Theme::Dark);
        assert_eq!(inked(&raster, Theme::Dark), 0);
    }

    #[test]
    fn marks_at_the_rim_are_cut_and_those_beyond_left_out() {
        let mut scene = Scene::new(&["Gene"; 14], (0..14).collect());
        scene.glide_to(&(0..28).map(|at| (at as f32 * 7.7).sin()).collect::<Vec<_>>(), 1.0);
        let mut raster = Raster::default();
        let mut view = view();
        for step in 0..200 {
            view.zoom_at(1.1, [step as f32, 3.0]);
            view.pan(-7.0, 11.0);
            raster.draw(&scene, &view, 1.25, 1.0, Theme::Light);
        }
        assert_eq!(raster.pixels().len(), 125 * 100 * 4);
    }

    #[test]
    fn a_stamp_covers_its_shape_wherever_it_stands() {
        for shape in Shape::ALL {
            let areas = [[0.125; 2], [0.375, 0.875]].map(|middle| {
                let stamp = Stamp::new(shape, 3.0, 6, middle);
                stamp.cover.iter().map(|cover| f32::from(*cover)).sum::<f32>() / 255.0 / 9.0
            });
            assert!((areas[0] - areas[1]).abs() < 0.25, "{shape:?}: {areas:?}");
            assert!(areas[0] > 1.0 && areas[0] < 3.7, "{shape:?}: {areas:?}");
        }
    }
}
