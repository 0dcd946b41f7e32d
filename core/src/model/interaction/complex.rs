//! ComplEx: DistMult over complex numbers, `Re Σ_k h_k r_k conj(t_k)` (Trouillon et al., ICML 2016).
//!
//! A row holds `dim/2` real parts, then as many imaginary parts. `Re(a conj(b))` is the inner product of
//! the two rows, so the query is `h r` when tails are asked for and `t conj(r)` when heads are. The
//! conjugate makes relations directed, which DistMult's are not.

use super::QueryRows;
use crate::graph::Side;

/// `given r` for tails, `given conj(r)` for heads.
#[inline(always)]
pub fn query(side: Side, given: &[f32], relation: &[f32], query: &mut [f32]) {
    let half = given.len() / 2;
    let (g_re, g_im) = given.split_at(half);
    let (r_re, r_im) = relation.split_at(half);
    let (q_re, q_im) = query.split_at_mut(half);
    let sign = imaginary_sign(side);
    for k in 0..half {
        let i = sign * r_im[k];
        q_re[k] = g_re[k] * r_re[k] - g_im[k] * i;
        q_im[k] = g_re[k] * i + g_im[k] * r_re[k];
    }
}

/// `∂L/∂given = ∂L/∂q conj(r′)`, `∂L/∂r′ = ∂L/∂q conj(given)`, with `r′` the relation or its conjugate.
#[inline(always)]
pub fn query_gradient(side: Side, rows: QueryRows<'_>, d_given: &mut [f32], d_relation: &mut [f32]) {
    let half = rows.given.len() / 2;
    let (g_re, g_im) = rows.given.split_at(half);
    let (r_re, r_im) = rows.relation.split_at(half);
    let (dq_re, dq_im) = rows.d_query.split_at(half);
    let (dg_re, dg_im) = d_given.split_at_mut(half);
    let (dr_re, dr_im) = d_relation.split_at_mut(half);
    let sign = imaginary_sign(side);
    for k in 0..half {
        let i = sign * r_im[k];
        dg_re[k] = dq_re[k] * r_re[k] + dq_im[k] * i;
        dg_im[k] = dq_im[k] * r_re[k] - dq_re[k] * i;
        dr_re[k] = dq_re[k] * g_re[k] + dq_im[k] * g_im[k];
        dr_im[k] = sign * (dq_im[k] * g_re[k] - dq_re[k] * g_im[k]);
    }
}

#[inline(always)]
fn imaginary_sign(side: Side) -> f32 {
    match side {
        Side::Tail => 1.0,
        Side::Head => -1.0,
    }
}
