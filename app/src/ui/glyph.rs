//! A mark as SVG: the same shapes as on the map.

use leptos::prelude::*;
use lladr_core::predict::LinkStatus;
use lladr_core::scatter::palette::mark_of;
use lladr_core::scatter::{Group, Shape};

use crate::format::fixed;

/// Shape that tells what the graph says about a drug and a disease.
pub fn shape_of(status: LinkStatus) -> Shape {
    match status {
        LinkStatus::Known => Shape::Disc,
        LinkStatus::HeldOut => Shape::Target,
        LinkStatus::Predicted => Shape::OpenDiamond,
    }
}

/// The mark of a type.
pub fn type_glyph(kind: &str) -> AnyView {
    let mark = mark_of(kind);
    glyph(mark.group, mark.shape)
}

/// The mark of a drug, by what the graph says about it.
pub fn status_glyph(status: LinkStatus) -> AnyView {
    glyph(Group::Drug, shape_of(status))
}

fn glyph(group: Group, shape: Shape) -> AnyView {
    let class = "glyph mark-".to_owned() + group.name();
    view! {
        <svg class=class viewBox="-8 -8 16 16" aria-hidden="true">
            <path fill="currentColor" fill-rule="evenodd" d=path(shape) />
        </svg>
    }
    .into_any()
}

/// The outline of a shape with a radius of 5, for `fill-rule="evenodd"`.
pub fn path(shape: Shape) -> String {
    const RADIUS: f32 = 5.0;
    let mut path = String::new();
    let hole = 1.0 - Shape::LINE;
    match shape.polygon() {
        Some(corners) => {
            polygon(&mut path, corners, RADIUS);
            if shape.is_open() {
                polygon(&mut path, corners, RADIUS * hole);
            }
        }
        None => {
            circle(&mut path, RADIUS);
            if shape.is_open() {
                circle(&mut path, RADIUS * hole);
            }
            if shape.has_dot() {
                circle(&mut path, RADIUS * 0.34);
            }
        }
    }
    path
}

fn polygon(path: &mut String, corners: &[[f32; 2]], radius: f32) {
    for (i, corner) in corners.iter().enumerate() {
        path.push(if i == 0 { 'M' } else { 'L' });
        number(path, corner[0] * radius);
        path.push(' ');
        number(path, corner[1] * radius);
    }
    path.push('Z');
}

fn circle(path: &mut String, radius: f32) {
    path.push('M');
    number(path, -radius);
    path.push_str(" 0");
    for x in [radius, -radius] {
        path.push('A');
        number(path, radius);
        path.push(' ');
        number(path, radius);
        path.push_str(" 0 0 1 ");
        number(path, x);
        path.push_str(" 0");
    }
    path.push('Z');
}

fn number(path: &mut String, value: f32) {
    if value < 0.0 {
        path.push('-');
    }
    path.push_str(&fixed(f64::from(value.abs()), 2));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_differ_in_shape() {
        let shapes = [LinkStatus::Known, LinkStatus::HeldOut, LinkStatus::Predicted].map(shape_of);
        assert!(shapes[0] != shapes[1] && shapes[1] != shapes[2] && shapes[0] != shapes[2]);
    }

    #[test]
    fn outlines_are_closed_paths() {
        for shape in Shape::ALL {
            let path = path(shape);
            assert!(path.starts_with('M') && path.ends_with('Z') && !path.contains("NaN"), "{path}");
        }
        assert_eq!(path(Shape::Square), "M-4.40 -4.40L4.40 -4.40L4.40 4.40L-4.40 4.40Z");
    }
}
