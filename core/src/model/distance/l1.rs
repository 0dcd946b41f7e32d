//! Real terms, TransE_l1's: `|q − n|`, with the subgradient 0 at 0.

use pulp::Simd;

use super::Term;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct L1;

impl Term<1> for L1 {
    #[inline(always)]
    fn distance<S: Simd>(self, simd: S, [q]: [S::f32s; 1], [n]: [S::f32s; 1]) -> S::f32s {
        simd.abs_f32s(simd.sub_f32s(q, n))
    }

    #[inline(always)]
    fn pull<S: Simd>(self, simd: S, c: S::f32s, [own]: [S::f32s; 1], [other]: [S::f32s; 1]) -> [S::f32s; 1] {
        let difference = simd.sub_f32s(other, own);
        let signed = simd.xor_f32s(simd.and_f32s(difference, simd.splat_f32s(-0.0)), c);
        let zero = simd.splat_f32s(0.0);
        [simd.select_f32s(simd.equal_f32s(difference, zero), zero, signed)]
    }
}
