//! TransE: a relation is a translation, `h + r ≈ t` (Bordes et al., NeurIPS 2013).
//!
//! `‖h + r − t‖ = ‖q − t‖` with `q = h + r`, and `= ‖q − h‖` with `q = t − r`. The norm is the
//! similarity's business; L1 and L2 share this file.

use crate::graph::Side;

/// `h + r` when tails are asked for, `t − r` when heads are.
#[inline(always)]
pub fn query(side: Side, given: &[f32], relation: &[f32], query: &mut [f32]) {
    let sign = relation_sign(side);
    for ((q, g), r) in query.iter_mut().zip(given).zip(relation) {
        *q = g + sign * r;
    }
}

/// `∂q/∂given = 1`, `∂q/∂r = ±1`.
#[inline(always)]
pub fn query_gradient(side: Side, d_query: &[f32], d_given: &mut [f32], d_relation: &mut [f32]) {
    let sign = relation_sign(side);
    for ((dq, dg), dr) in d_query.iter().zip(d_given).zip(d_relation) {
        *dg = *dq;
        *dr = sign * dq;
    }
}

#[inline(always)]
fn relation_sign(side: Side) -> f32 {
    match side {
        Side::Tail => 1.0,
        Side::Head => -1.0,
    }
}
