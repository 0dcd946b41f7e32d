//! The marks on a 2-D canvas, for browsers without WebGPU: the same scene, shapes and colours.
//!
//! What is not lit comes as pixels from the core; the few marks that are lit, with rims and rings, are drawn as paths.

use std::f64::consts::TAU;

use lladr_core::scatter::palette::Theme;
use lladr_core::scatter::{Paint, Raster, Scene, Shape, Viewport};
use wasm_bindgen::Clamped;
use web_sys::{CanvasRenderingContext2d, CanvasWindingRule, ImageData};

use crate::hooks::theme::css;

/// A 2-D canvas and the picture of what is not lit.
pub struct Flat {
    context: CanvasRenderingContext2d,
    raster: Raster,
}

impl Flat {
    /// Nothing is drawn yet.
    pub fn new(context: CanvasRenderingContext2d) -> Self {
        Flat { context, raster: Raster::default() }
    }

    /// Draw all marks.
    pub fn draw(&mut self, scene: &Scene, view: &Viewport, ratio: f32, glide: f32, theme: Theme) {
        let context = &self.context;
        self.raster.draw(scene, view, ratio, glide, theme);
        let [width, height] = self.raster.size();
        let picture = ImageData::new_with_u8_clamped_array_and_sh(Clamped(self.raster.pixels()), width, height);
        // A canvas that is too large for the browser shows no marks; the page stays.
        let _ = picture.and_then(|picture| context.put_image_data(&picture, 0.0, 0.0));
        let _ = context.set_transform(f64::from(ratio), 0.0, 0.0, f64::from(ratio), 0.0, 0.0);
        let growth = view.growth();
        let accent = css(theme.accent());
        // Lit marks come last in the order.
        let lit = scene.order().iter().rev().take_while(|entity| Paint::unpack(scene.paints()[**entity as usize]).halo);
        for &entity in lit.collect::<Vec<_>>().into_iter().rev() {
            let paint = Paint::unpack(scene.paints()[entity as usize]);
            let radius = paint.radius * growth;
            let at = view.to_screen(scene.position(entity, glide));
            if paint.ring {
                context.set_stroke_style_str(&accent);
                context.set_line_width(1.8 * f64::from(growth));
                context.begin_path();
                circle(context, at, radius + 3.5 * growth);
                context.stroke();
            }
            context.set_fill_style_str(&css(theme.paper()));
            outline(context, paint.shape, at, radius + 1.5, 1.0);
            context.fill();
            context.set_fill_style_str(&css(paint.group.colour(theme)));
            outline(context, paint.shape, at, radius, if paint.shape.is_open() { 1.0 - Shape::LINE } else { 0.0 });
            context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
        }
    }
}

/// Begins a path: the outline, and its hole where `hole` (in radii) lies between 0 and 1.
fn outline(context: &CanvasRenderingContext2d, shape: Shape, [x, y]: [f32; 2], radius: f32, hole: f32) {
    context.begin_path();
    let sizes = [Some(radius), (hole > 0.0 && hole < 1.0).then_some(radius * hole)];
    for size in sizes.into_iter().flatten() {
        match shape.polygon() {
            Some(corners) => {
                for (i, corner) in corners.iter().enumerate() {
                    let at = [f64::from(x + corner[0] * size), f64::from(y + corner[1] * size)];
                    if i == 0 { context.move_to(at[0], at[1]) } else { context.line_to(at[0], at[1]) }
                }
                context.close_path();
            }
            None => circle(context, [x, y], size),
        }
    }
    if shape.has_dot() && hole < 1.0 {
        circle(context, [x, y], radius * Shape::DOT);
    }
}

fn circle(context: &CanvasRenderingContext2d, [x, y]: [f32; 2], radius: f32) {
    context.move_to(f64::from(x + radius), f64::from(y));
    let _ = context.arc(f64::from(x), f64::from(y), f64::from(radius), 0.0, TAU);
}
