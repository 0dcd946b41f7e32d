//! DistMult: a relation weights each dimension, `Σ_k h_k r_k t_k` (Yang et al., ICLR 2015).
//!
//! Head and tail play the same part, so the score is the same both ways round: it cannot tell
//! the direction of a relation.

use super::QueryRows;

/// `q_k = given_k r_k`, for either side.
#[inline(always)]
pub fn query(given: &[f32], relation: &[f32], query: &mut [f32]) {
    for ((q, g), r) in query.iter_mut().zip(given).zip(relation) {
        *q = g * r;
    }
}

/// `∂q_k/∂given_k = r_k`, `∂q_k/∂r_k = given_k`.
#[inline(always)]
pub fn query_gradient(rows: QueryRows<'_>, d_given: &mut [f32], d_relation: &mut [f32]) {
    let inputs = rows.given.iter().zip(rows.relation).zip(rows.d_query);
    for (((given, relation), d_query), (dg, dr)) in inputs.zip(d_given.iter_mut().zip(d_relation)) {
        *dg = d_query * relation;
        *dr = d_query * given;
    }
}
