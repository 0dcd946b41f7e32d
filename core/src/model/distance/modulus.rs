//! Complex terms, RotatE's: `|q − n|` is the root of two squares.

use pulp::Simd;

use super::Term;

/// Squared distances below this count as this: no division by zero, and no pull at zero.
const LEAST_SQUARE: f32 = 1e-24;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Modulus;

impl Term<2> for Modulus {
    #[inline(always)]
    fn distance<S: Simd>(self, simd: S, q: [S::f32s; 2], n: [S::f32s; 2]) -> S::f32s {
        let (x, y) = (simd.sub_f32s(q[0], n[0]), simd.sub_f32s(q[1], n[1]));
        simd.sqrt_f32s(simd.add_f32s(simd.mul_f32s(x, x), simd.mul_f32s(y, y)))
    }

    #[inline(always)]
    fn pull<S: Simd>(self, simd: S, c: S::f32s, own: [S::f32s; 2], other: [S::f32s; 2]) -> [S::f32s; 2] {
        let (x, y) = (simd.sub_f32s(other[0], own[0]), simd.sub_f32s(other[1], own[1]));
        let squared = simd.add_f32s(simd.mul_f32s(x, x), simd.mul_f32s(y, y));
        let scale = simd.div_f32s(c, simd.sqrt_f32s(simd.max_f32s(squared, simd.splat_f32s(LEAST_SQUARE))));
        [simd.mul_f32s(scale, x), simd.mul_f32s(scale, y)]
    }
}
