//! Shapes of marks, drawn the same way as SVG in the list, on the 2-D canvas and by the shader.
//!
//! A shape is told by its polygon in units of the mark's radius (y down, as on the screen), or is a circle.
//! All shapes cover about the same area, so that none looks more important than another.

/// Shape of a mark. The discriminant is the number that the shader switches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Shape {
    /// Filled circle: drugs; in the list, a known treatment.
    Disc = 0,
    /// Filled square: diseases.
    Square = 1,
    /// Filled triangle: genes.
    Triangle = 2,
    /// Filled diamond.
    Diamond = 3,
    /// Upright cross.
    Plus = 4,
    /// Filled triangle, point down.
    Wedge = 5,
    /// Hexagon.
    Hexagon = 6,
    /// Circle with a dot in the middle: a treatment that was held out.
    Target = 7,
    /// Outlined diamond: a prediction.
    OpenDiamond = 8,
    /// Outlined circle.
    Ring = 9,
    /// Slanted cross.
    Cross = 10,
    /// Pentagon, point up.
    Pentagon = 11,
    /// Star with four points.
    Star = 12,
    /// Outlined square.
    OpenSquare = 13,
}

impl Shape {
    /// All shapes, in the order of their numbers.
    pub const ALL: [Shape; 14] = [
        Shape::Disc,
        Shape::Square,
        Shape::Triangle,
        Shape::Diamond,
        Shape::Plus,
        Shape::Wedge,
        Shape::Hexagon,
        Shape::Target,
        Shape::OpenDiamond,
        Shape::Ring,
        Shape::Cross,
        Shape::Pentagon,
        Shape::Star,
        Shape::OpenSquare,
    ];
    /// Width of the line of an outlined shape, in radii.
    pub const LINE: f32 = 0.42;
    /// No shape reaches farther, in radii.
    pub const REACH: f32 = 1.45;
    /// Radius of the dot in the middle of a shape that has one, in radii.
    pub const DOT: f32 = 0.34;

    /// The shape with this number; a disc for a number without one.
    pub fn from_number(number: u32) -> Self {
        Self::ALL.get(number as usize).copied().unwrap_or(Shape::Disc)
    }

    /// Corners in radii, y down; `None` for the round shapes.
    pub fn polygon(self) -> Option<&'static [[f32; 2]]> {
        match self {
            Shape::Disc | Shape::Target | Shape::Ring => None,
            Shape::Square | Shape::OpenSquare => Some(&[[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]]),
            Shape::Triangle => Some(&[[0.0, -1.2], [1.15, 0.8], [-1.15, 0.8]]),
            Shape::Wedge => Some(&[[0.0, 1.2], [-1.15, -0.8], [1.15, -0.8]]),
            Shape::Diamond | Shape::OpenDiamond => Some(&[[0.0, -1.25], [1.25, 0.0], [0.0, 1.25], [-1.25, 0.0]]),
            Shape::Plus => Some(&[
                [-0.42, -1.15],
                [0.42, -1.15],
                [0.42, -0.42],
                [1.15, -0.42],
                [1.15, 0.42],
                [0.42, 0.42],
                [0.42, 1.15],
                [-0.42, 1.15],
                [-0.42, 0.42],
                [-1.15, 0.42],
                [-1.15, -0.42],
                [-0.42, -0.42],
            ]),
            // The upright cross, turned by 45 degrees.
            Shape::Cross => Some(&[
                [0.0, -0.594],
                [0.516, -1.11],
                [1.11, -0.516],
                [0.594, 0.0],
                [1.11, 0.516],
                [0.516, 1.11],
                [0.0, 0.594],
                [-0.516, 1.11],
                [-1.11, 0.516],
                [-0.594, 0.0],
                [-1.11, -0.516],
                [-0.516, -1.11],
            ]),
            Shape::Pentagon => {
                Some(&[[0.0, -1.12], [1.065, -0.346], [0.658, 0.906], [-0.658, 0.906], [-1.065, -0.346]])
            }
            Shape::Star => Some(&[
                [0.0, -1.45],
                [0.45, -0.45],
                [1.45, 0.0],
                [0.45, 0.45],
                [0.0, 1.45],
                [-0.45, 0.45],
                [-1.45, 0.0],
                [-0.45, -0.45],
            ]),
            Shape::Hexagon => {
                Some(&[[-1.1, 0.0], [-0.55, -0.95], [0.55, -0.95], [1.1, 0.0], [0.55, 0.95], [-0.55, 0.95]])
            }
        }
    }

    /// Whether a point, in radii, is inked.
    pub fn contains(self, [x, y]: [f32; 2]) -> bool {
        let within = |size: f32| match self.polygon() {
            None => x * x + y * y <= size * size,
            // Even–odd: a ray to the right crosses the outline an odd number of times.
            Some(corners) => {
                let edges = corners.iter().zip(corners.iter().cycle().skip(1));
                let crossed = edges.filter(|(a, b)| {
                    let ([ax, ay], [bx, by]) = (a.map(|it| it * size), b.map(|it| it * size));
                    (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
                });
                crossed.count() % 2 == 1
            }
        };
        let in_hole = self.is_open() && within(1.0 - Self::LINE);
        let in_dot = self.has_dot() && x * x + y * y <= Self::DOT * Self::DOT;
        within(1.0) && !in_hole || in_dot
    }

    /// Whether only the outline is drawn.
    pub fn is_open(self) -> bool {
        matches!(self, Shape::Target | Shape::OpenDiamond | Shape::Ring | Shape::OpenSquare)
    }

    /// Whether a dot marks the middle.
    pub fn has_dot(self) -> bool {
        self == Shape::Target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip() {
        for (number, shape) in Shape::ALL.into_iter().enumerate() {
            assert_eq!(shape as usize, number);
            assert_eq!(Shape::from_number(number as u32), shape);
        }
        assert_eq!(Shape::from_number(99), Shape::Disc);
    }

    #[test]
    fn points_are_inside_or_outside() {
        for shape in Shape::ALL {
            assert_eq!(shape.contains([0.0, 0.0]), !shape.is_open() || shape.has_dot(), "{shape:?}");
            assert!(!shape.contains([1.3, 1.3]), "{shape:?}");
            for corner in shape.polygon().unwrap_or_default() {
                assert!(corner.iter().all(|it| it.abs() <= Shape::REACH));
                assert!(shape.contains(corner.map(|it| it * 0.95)), "{shape:?}");
            }
        }
        assert!(Shape::Ring.contains([0.8, 0.0]) && Shape::Target.contains([0.8, 0.0]));
    }

    #[test]
    fn shapes_cover_similar_areas() {
        for polygon in Shape::ALL.into_iter().filter_map(Shape::polygon) {
            let mut twice = 0.0;
            for (i, a) in polygon.iter().enumerate() {
                let b = polygon[(i + 1) % polygon.len()];
                twice += a[0] * b[1] - b[0] * a[1];
            }
            let area = (twice / 2.0).abs();
            assert!((2.1..3.6).contains(&area), "area {area} of {polygon:?}");
        }
    }
}
