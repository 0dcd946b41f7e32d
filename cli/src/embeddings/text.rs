//! Vectors without relations as a pack's text vectors: what the rows of a training are anchored to.
//!
//! Vectors of words, of texts or of nodes say where an entity lies, not how relations score: they are no model. What
//! they can be is the frozen `t` of LLaDR's anchor and blend. An entity without one has zeros, which stand for none.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use lladr_core::ids::TypeId;
use lladr_core::pack::{CoverageLine, Pack, TemplateCard, TextCard, TextVectors};
use lladr_core::settings::Template;
use serde_json::json;

use super::foreign::Rows;
use super::place::{Into, Matched, Missing, missing_by_type};
use crate::folder;

/// The largest number that half precision has, which packs store these vectors in.
const MOST: f32 = 65_504.0;

/// Writes the pack with the vectors as those of a template.
pub fn run(into: &Into, file: &Path, template: Template, read: impl FnOnce() -> Result<Rows>) -> Result<()> {
    ensure!(into.save.is_none(), "--save writes the rows of a model, and vectors without relations are none");
    folder::check_place(into.place())?;
    let mut pack = folder::read(&into.pack)?;
    check(&pack, template)?;
    let rows = read()?;
    if let Some(text) = &pack.text {
        let others = text.templates.iter().any(|(name, _)| name != template.name());
        ensure!(
            !others || text.dims == rows.width,
            "the pack's text vectors have {} numbers and these {}: all templates of a pack are of one length",
            text.dims,
            rows.width
        );
    }
    let matched = Matched::new(pack.graph.vocabulary.entities().iter().map(|it| it.id.as_str()), &rows);
    matched.words("entities").into_iter().for_each(|line| into.output.say(line));
    let by_type = missing_by_type(&pack.graph, &matched.places);
    by_type.iter().for_each(|(name, count)| into.output.say(format!("          {count} of {name}")));
    ensure!(matched.matched > 0, "nothing of the pack has a vector: are its names of another form?");
    ensure!(
        matched.missing == 0 || into.missing != Missing::Refuse,
        "{} entities have no vector (without --missing refuse they get zeros, which stand for none)",
        matched.missing
    );

    let mut vectors = vec![0.0; matched.places.len() * rows.width];
    for (place, vector) in matched.places.iter().zip(vectors.chunks_exact_mut(rows.width)) {
        if let Some(at) = place {
            vector.copy_from_slice(rows.row(*at));
        }
    }
    if let Some(at) = vectors.iter().position(|x| x.abs().partial_cmp(&MOST).is_none_or(|order| order.is_gt())) {
        let name = pack.graph.vocabulary.entities().get(at / rows.width).map_or("", |entity| entity.id.as_str());
        bail!("the vector of {name} holds {}, which half precision cannot store", vectors[at]);
    }
    describe(&mut pack, &matched, file, template, into.origin.as_deref());
    let text = pack.text.get_or_insert(TextVectors { dims: rows.width, templates: Vec::new() });
    text.dims = rows.width;
    text.templates.retain(|(name, _)| name != template.name());
    text.templates.push((template.name().to_owned(), vectors));
    folder::write(into.place(), pack.manifest.clone(), &pack.contents())?;
    into.output.say(format!(
        "written   {}: vectors of {} numbers as template {}; train with --dim {} and, for example, --rho 0.6 \
         --zeta-anchor 0.5 --template {}",
        into.place().display(),
        rows.width,
        template.name(),
        rows.width,
        template.name()
    ));
    into.output.write(&json!({
        "out": into.place(), "template": template.name(), "dims": rows.width, "entities": matched,
        "missing_by_type": by_type,
    }))
}

/// A pack has vectors of every template that its card names, or of none.
fn check(pack: &Pack, template: Template) -> Result<()> {
    let Some(card) = &pack.manifest.texts else { return Ok(()) };
    let without = |name: &str| {
        name != template.name() && pack.text.as_ref().is_none_or(|text| text.templates.iter().all(|(it, _)| it != name))
    };
    match card.templates.iter().find(|other| without(&other.name)) {
        Some(other) => bail!("the pack's template {} has no vectors yet: encode its texts first", other.name),
        None => Ok(()),
    }
}

/// Says in the card whose vectors these are.
fn describe(pack: &mut Pack, matched: &Matched, file: &Path, template: Template, origin: Option<&str>) {
    let file = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let words = format!("{} template {}: imported from {file}", origin.unwrap_or_default(), template.name());
    let card = pack.manifest.texts.get_or_insert_with(|| TextCard {
        written_by: format!("nobody here: vectors imported from {file}"),
        date: String::new(),
        templates: Vec::new(),
        leaks: Vec::new(),
        vectors: String::new(),
        coverage: Vec::new(),
    });
    let is_own = |name: &str| name == template.name();
    if !card.templates.iter().any(|known| is_own(&known.name)) {
        let prompt = format!("none: vectors imported from {file}");
        card.templates.push(TemplateCard { name: template.name().to_owned(), prompt });
    }
    // What was counted belongs to texts that these vectors are not of.
    card.leaks.retain(|line| !is_own(&line.template));
    card.coverage.retain(|line| !is_own(&line.template));
    card.vectors = [card.vectors.trim(), words.trim()].join("; ").trim_start_matches("; ").to_owned();
    let vocabulary = &pack.graph.vocabulary;
    for (kind, name) in (0..).map(TypeId).zip(vocabulary.types()) {
        let all = vocabulary.of_type(kind);
        let described = all.iter().filter(|row| matched.places[row.index()].is_some()).count() as u32;
        card.coverage.push(CoverageLine {
            template: template.name().to_owned(),
            kind: name.clone(),
            entities: all.len() as u32,
            described,
        });
    }
}
