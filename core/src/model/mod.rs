//! What a model is: a scoring function ([`Interaction`]) over a table of rows.
//!
//! The table holds the entities' rows and then the relations' rows, all of one length, so that
//! training updates both with one pass over one array.

mod distance;
mod init;
pub mod interaction;
mod matmul;
mod metric;
mod product;
mod similarity;
mod text;

pub use init::{initial_rows, relation_scale};
pub use interaction::{Interaction, QueryRows};
pub use matmul::{Arithmetic, product, product_nt};
pub use metric::Metric;
pub use similarity::{Block, LEAST_DISTANCE, Similarity};
pub use text::fit_width;

use ndarray::ArrayView2;

use crate::error::{Error, Result};
use crate::graph::{Side, Triple};
use crate::ids::{EntityId, RelationId};

/// A table of rows with the scoring function that reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Scoring function.
    pub interaction: Interaction,
    /// Margin of the distance models.
    pub gamma: f32,
    dim: usize,
    entities: usize,
    rows: Vec<f32>,
}

impl Model {
    /// From `rows` `[entities + relations, dim]`.
    ///
    /// # Errors
    /// [`Error::Pack`] when the length does not fit the shape, or a value is not finite.
    pub fn new(
        interaction: Interaction,
        gamma: f32,
        entities: usize,
        relations: usize,
        dim: usize,
        rows: Vec<f32>,
    ) -> Result<Self> {
        let expected = (entities + relations).checked_mul(dim);
        if dim == 0 || expected != Some(rows.len()) {
            return Err(Error::pack(
                "model",
                format!("{} numbers do not make {entities} + {relations} rows of length {dim}", rows.len()),
            ));
        }
        if let Some(at) = rows.iter().position(|x| !x.is_finite()) {
            return Err(Error::pack("model", format!("row {} holds a number that is not finite", at / dim)));
        }
        Ok(Model { interaction, gamma, dim, entities, rows })
    }

    /// Length of a row.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Number of entities.
    pub fn entity_count(&self) -> usize {
        self.entities
    }

    /// All rows, entities first.
    pub fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// As [`Model::rows`], without the model.
    pub fn into_rows(self) -> Vec<f32> {
        self.rows
    }

    /// Row of an entity.
    pub fn entity(&self, entity: EntityId) -> &[f32] {
        let start = entity.index() * self.dim;
        &self.rows[start..start + self.dim]
    }

    /// Row of a relation.
    pub fn relation(&self, relation: RelationId) -> &[f32] {
        let start = (self.entities + relation.index()) * self.dim;
        &self.rows[start..start + self.dim]
    }

    /// All entity rows, `[entities, dim]`.
    pub fn entity_table(&self) -> ArrayView2<'_, f32> {
        view(&self.rows[..self.entities * self.dim], self.dim)
    }

    /// Query vector for `side`, written to `query` `[dim]`.
    pub fn query(&self, side: Side, given: EntityId, relation: RelationId, query: &mut [f32]) {
        self.interaction.query(side, self.entity(given), self.relation(relation), query);
    }

    /// Score of one triple.
    pub fn score(&self, triple: &Triple) -> f32 {
        let mut query = vec![0.0; self.dim];
        self.query(Side::Tail, triple.entity(Side::Head), triple.relation(), &mut query);
        self.interaction.similarity().score(self.gamma, &query, self.entity(triple.entity(Side::Tail)))
    }

    /// Scores of queries `[m, dim]` against candidate rows `[n, dim]`, into `scores` `[m, n]`.
    pub fn score_block(
        &self,
        arithmetic: Arithmetic,
        queries: &[f32],
        candidates: ArrayView2<'_, f32>,
        scratch: &mut Vec<f32>,
        scores: &mut [f32],
    ) {
        let width = candidates.nrows();
        if queries.is_empty() || width == 0 {
            return;
        }
        let (queries, scores) = (view(queries, self.dim), view_mut(scores, width));
        self.interaction.similarity().scores(arithmetic, self.gamma, queries, candidates, scratch, scores);
    }
}

/// A slice of whole rows as a matrix. Lengths are the caller's invariant.
pub(crate) fn view(rows: &[f32], width: usize) -> ArrayView2<'_, f32> {
    let count = rows.len().checked_div(width).unwrap_or(0);
    ArrayView2::from_shape((count, width), &rows[..count * width]).expect("count × width numbers make count rows")
}

/// As [`view`], mutable.
pub(crate) fn view_mut(rows: &mut [f32], width: usize) -> ndarray::ArrayViewMut2<'_, f32> {
    let count = rows.len().checked_div(width).unwrap_or(0);
    ndarray::ArrayViewMut2::from_shape((count, width), &mut rows[..count * width])
        .expect("count × width numbers make count rows")
}
