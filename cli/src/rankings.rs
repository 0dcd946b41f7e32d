//! Rankings made beforehand: what the engine would answer for a disease, as the page reads it before the engine and the
//! rest of the pack have arrived.

use anyhow::{Context, Result};
use lladr_core::ids::EntityId;
use lladr_core::pack::{NamedBytes, Pack, ranking_name};
use lladr_core::session::pack_ranking;

/// Rows of a ranking: more than the page shows at first.
pub const ROWS: usize = 100;

/// The rankings of these diseases under the pack's model, best drugs first, at most `rows` of them.
///
/// # Errors
/// For a pack without a model, or an entity that is no disease of it.
pub fn of(pack: &Pack, diseases: &[EntityId], rows: usize) -> Result<Vec<NamedBytes>> {
    let ranked = diseases.iter().map(|&disease| {
        let ranking = pack_ranking(pack, disease, rows)?;
        let bytes = serde_json::to_vec(&ranking).context("a ranking cannot be written as JSON")?;
        Ok((ranking_name(&ranking.disease.id), bytes))
    });
    ranked.collect()
}
