//! RotatE: a relation rotates each complex number, `h_k e^{iθ_k} ≈ t_k` (Sun et al., ICLR 2019).
//!
//! `γ − Σ_k |h_k e^{iθ_k} − t_k|`. A row of an entity holds `dim/2` real parts, then as many imaginary parts;
//! a row of a relation holds `dim/2` phases in radians, then zeros. A rotation keeps lengths, so the query
//! is `h e^{iθ}` when tails are asked for and `t e^{−iθ}` when heads are.

use super::QueryRows;
use crate::graph::Side;
use crate::maths::sin_cos;

/// `given e^{±iθ}`.
#[inline(always)]
pub fn query(side: Side, given: &[f32], relation: &[f32], query: &mut [f32]) {
    let half = given.len() / 2;
    let (g_re, g_im) = given.split_at(half);
    let (q_re, q_im) = query.split_at_mut(half);
    let sign = phase_sign(side);
    for (k, phase) in relation[..half].iter().enumerate() {
        let (sin, cos) = sin_cos(sign * phase);
        q_re[k] = g_re[k] * cos - g_im[k] * sin;
        q_im[k] = g_re[k] * sin + g_im[k] * cos;
    }
}

/// `∂L/∂given = ∂L/∂q e^{∓iθ}`; `∂q/∂θ = ±i q`.
#[inline(always)]
pub fn query_gradient(side: Side, rows: QueryRows<'_>, d_given: &mut [f32], d_relation: &mut [f32]) {
    let half = rows.given.len() / 2;
    let (g_re, g_im) = rows.given.split_at(half);
    let (dq_re, dq_im) = rows.d_query.split_at(half);
    let (dg_re, dg_im) = d_given.split_at_mut(half);
    let (d_phase, d_rest) = d_relation.split_at_mut(half);
    d_rest.fill(0.0);
    let sign = phase_sign(side);
    for (k, phase) in rows.relation[..half].iter().enumerate() {
        let (sin, cos) = sin_cos(sign * phase);
        let (q_re, q_im) = (g_re[k] * cos - g_im[k] * sin, g_re[k] * sin + g_im[k] * cos);
        dg_re[k] = dq_re[k] * cos + dq_im[k] * sin;
        dg_im[k] = dq_im[k] * cos - dq_re[k] * sin;
        d_phase[k] = sign * (dq_im[k] * q_re - dq_re[k] * q_im);
    }
}

#[inline(always)]
fn phase_sign(side: Side) -> f32 {
    match side {
        Side::Tail => 1.0,
        Side::Head => -1.0,
    }
}
