//! The marks on a 2-D canvas, for browsers without WebGPU: the same scene, shapes and colours.

use std::f64::consts::TAU;

use lladr_core::scatter::palette::Theme;
use lladr_core::scatter::{Group, Paint, Scene, Shape, Viewport};
use web_sys::{CanvasRenderingContext2d, CanvasWindingRule};

use crate::hooks::theme::css;

/// Marks smaller than this are drawn as squares: nobody sees the difference, and it is much faster.
const TINY: f32 = 1.6;

/// Draw all marks.
pub fn draw(context: &CanvasRenderingContext2d, scene: &Scene, view: &Viewport, ratio: f32, glide: f32, theme: Theme) {
    let [width, height] = view.size();
    let _ = context.set_transform(f64::from(ratio), 0.0, 0.0, f64::from(ratio), 0.0, 0.0);
    context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    let growth = view.growth();
    let colours = Group::ALL.map(|group| css(group.colour(theme)));
    let (paper, accent) = (css(theme.paper()), css(theme.accent()));
    let mut last = (u32::MAX, u32::MAX);
    for &entity in scene.order() {
        let word = scene.paints()[entity as usize];
        let paint = Paint::unpack(word);
        let radius = paint.radius * growth;
        let [x, y] = view.to_screen(scene.position(entity, glide));
        if x < -radius || y < -radius || x > width + radius || y > height + radius {
            continue;
        }
        if paint.ring {
            context.set_global_alpha(1.0);
            context.set_stroke_style_str(&accent);
            context.set_line_width(1.8 * f64::from(growth));
            context.begin_path();
            let _ = context.arc(f64::from(x), f64::from(y), f64::from(radius + 3.5 * growth), 0.0, TAU);
            context.stroke();
        }
        if paint.halo {
            context.set_global_alpha(1.0);
            context.set_fill_style_str(&paper);
            outline(context, paint.shape, [x, y], radius + 1.5, 1.0);
            context.fill();
            last = (u32::MAX, u32::MAX);
        }
        // Neighbours in the order mostly share their looks.
        let looks = (word & 15, word >> 16 & 255);
        if looks != last {
            context.set_global_alpha(f64::from(paint.opacity));
            context.set_fill_style_str(&colours[paint.group as usize]);
            last = looks;
        }
        if radius < TINY {
            let side = f64::from(radius * 1.8);
            context.fill_rect(f64::from(x) - side / 2.0, f64::from(y) - side / 2.0, side, side);
            continue;
        }
        outline(context, paint.shape, [x, y], radius, if paint.shape.is_open() { 1.0 - Shape::LINE } else { 0.0 });
        context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
    }
    context.set_global_alpha(1.0);
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
            None => circle(context, x, y, size),
        }
    }
    if shape.has_dot() && hole < 1.0 {
        circle(context, x, y, radius * 0.34);
    }
}

fn circle(context: &CanvasRenderingContext2d, x: f32, y: f32, radius: f32) {
    context.move_to(f64::from(x + radius), f64::from(y));
    let _ = context.arc(f64::from(x), f64::from(y), f64::from(radius), 0.0, TAU);
}
