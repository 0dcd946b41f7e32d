//! How one mark is painted, packed into one `u32` that the shader and the 2-D canvas both read.
//!
//! Bits 0–3 colour group, 4–7 shape, 8–15 radius in eighths of a CSS pixel, 16–23 opacity of 255,
//! 24 halo (a rim of page colour that lifts the mark from its neighbours), 25 selection ring.

use super::palette::Group;
use super::shape::Shape;

/// Looks of one mark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paint {
    /// Colour.
    pub group: Group,
    /// Shape.
    pub shape: Shape,
    /// Radius in CSS pixels at the fitted view; at most 31.
    pub radius: f32,
    /// 0 to 1.
    pub opacity: f32,
    /// Rim of page colour.
    pub halo: bool,
    /// Ring in the accent colour.
    pub ring: bool,
}

impl Paint {
    /// The word.
    pub fn pack(self) -> u32 {
        let radius = (self.radius.clamp(0.0, 31.0) * 8.0) as u32;
        let opacity = (self.opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u32;
        (self.group as u32)
            | (self.shape as u32) << 4
            | radius << 8
            | opacity << 16
            | u32::from(self.halo) << 24
            | u32::from(self.ring) << 25
    }

    /// Back from the word.
    pub fn unpack(word: u32) -> Self {
        Paint {
            group: Group::from_number(word & 15),
            shape: Shape::from_number(word >> 4 & 15),
            radius: (word >> 8 & 255) as f32 / 8.0,
            opacity: (word >> 16 & 255) as f32 / 255.0,
            halo: word >> 24 & 1 == 1,
            ring: word >> 25 & 1 == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_round_trips() {
        for shape in Shape::ALL {
            for group in Group::ALL {
                let paint = Paint { group, shape, radius: 4.125, opacity: 1.0, halo: true, ring: false };
                assert_eq!(Paint::unpack(paint.pack()), paint);
            }
        }
        let loud =
            Paint { group: Group::Drug, shape: Shape::Disc, radius: 99.0, opacity: 7.0, halo: false, ring: true };
        assert_eq!(Paint::unpack(loud.pack()).radius, 31.0);
        assert_eq!(Paint::unpack(loud.pack()).opacity, 1.0);
    }
}
