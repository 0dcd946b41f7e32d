//! The texts of a pack: new ones join those that are there, masked ones follow, and the card says what came of it.
//!
//! An entity without a description stands under its bare name in every template: a text vector is then that of the
//! name, and nothing is made up.

use std::collections::BTreeMap;

use lladr_core::graph::KnowledgeGraph;
use lladr_core::ids::EntityId;
use lladr_core::pack::{CoverageLine, Description, Notes, Pack, Source, TemplateCard, TextCard};
use lladr_core::settings::Template;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::mask::HeldOut;
use crate::output::Output;

/// The card's word on a template that is not asked for.
const NAME_PROMPT: &str = "None: the bare name.";
const MASKED_PROMPT: &str = "The text of \"good\", in which every name and synonym of a held-out partner is replaced.";

/// New texts, and who wrote them.
pub struct Written {
    /// Entity, template (original or good), text.
    pub texts: Vec<(EntityId, Template, String)>,
    /// Prompt of each template that was written, or where its texts come from.
    pub prompts: Vec<(Template, String)>,
    /// Who wrote them.
    pub by: String,
    /// When; empty where nobody said.
    pub date: String,
    /// Where they come from, with licences.
    pub sources: Vec<Source>,
}

/// Puts new texts into a pack. Its text vectors, which belong to other texts, are dropped.
pub fn put(pack: &mut Pack, written: Written) {
    let mut all: BTreeMap<EntityId, Description> =
        pack.notes.descriptions.drain(..).map(|known| (known.entity, known)).collect();
    for (entity, template, text) in written.texts {
        let empty = Description { entity, original: String::new(), good: String::new(), masked: String::new() };
        let description = all.entry(entity).or_insert(empty);
        match template {
            Template::Original => description.original = text,
            Template::Good => description.good = text,
            Template::Name | Template::Masked => {}
        }
    }
    let mut descriptions: Vec<Description> = all.into_values().collect();
    let held_out = HeldOut::of(&pack.graph);
    descriptions.par_iter_mut().for_each(|known| {
        let masked = held_out.masked(known.entity, &known.good);
        known.masked = if masked == known.good { String::new() } else { masked };
    });
    pack.notes.descriptions = descriptions;

    let old = pack.manifest.texts.take();
    let leaks = present(&pack.notes)
        .into_iter()
        .map(|template| held_out.leaks(template.name(), &column(&pack.graph, &pack.notes, template)));
    pack.manifest.texts = Some(TextCard {
        written_by: joined(old.as_ref().map(|card| card.written_by.as_str()), &written.by),
        // Dates are written so that the later one is the greater text.
        date: old.as_ref().map(|card| card.date.clone()).unwrap_or_default().max(written.date),
        leaks: leaks.collect(),
        templates: present(&pack.notes)
            .into_iter()
            .map(|template| card(template, old.as_ref(), &written.prompts))
            .collect(),
        vectors: String::new(),
        coverage: coverage(&pack.graph, &pack.notes),
    });
    pack.text = None;
    for source in written.sources {
        if !pack.manifest.sources.contains(&source) {
            pack.manifest.sources.push(source);
        }
    }
}

/// Gives a pack without descriptions its card: all entities stand under their names.
pub fn put_nothing(pack: &mut Pack) {
    let nothing =
        Written { texts: Vec::new(), prompts: Vec::new(), by: String::new(), date: String::new(), sources: Vec::new() };
    put(pack, nothing);
}

fn card(template: Template, old: Option<&TextCard>, prompts: &[(Template, String)]) -> TemplateCard {
    let known = old.and_then(|card| card.templates.iter().find(|known| known.name == template.name()));
    let known = known.map(|known| known.prompt.as_str());
    let prompt = match (template, prompts.iter().find(|(new, _)| *new == template)) {
        (Template::Name, _) => NAME_PROMPT.to_owned(),
        (Template::Masked, _) => MASKED_PROMPT.to_owned(),
        (_, Some((_, new))) => joined(known, new),
        (_, None) => known.unwrap_or_default().to_owned(),
    };
    TemplateCard { name: template.name().to_owned(), prompt }
}

/// Both, each once.
fn joined(old: Option<&str>, new: &str) -> String {
    match old.filter(|old| !old.is_empty()) {
        Some(old) if old.contains(new) => old.to_owned(),
        Some(old) => format!("{old}; {new}"),
        None => new.to_owned(),
    }
}

/// Templates of which there is a text, the name first.
pub fn present(notes: &Notes) -> Vec<Template> {
    let has = |template: Template| {
        let is_there = |known: &Description| !written(known, template).is_empty();
        template == Template::Name || notes.descriptions.iter().any(is_there)
    };
    Template::ALL.into_iter().filter(|template| has(*template)).collect()
}

/// What a description says under a template; empty where it says nothing.
fn written(description: &Description, template: Template) -> &str {
    match template {
        Template::Name => "",
        Template::Original => &description.original,
        Template::Good => &description.good,
        Template::Masked if description.masked.is_empty() => &description.good,
        Template::Masked => &description.masked,
    }
}

/// An entity's description under a template, if it has one.
pub fn described(notes: &Notes, entity: EntityId, template: Template) -> Option<&str> {
    notes.description(entity).map(|known| written(known, template)).filter(|text| !text.is_empty())
}

/// One text per entity, by row: its description, or its bare name.
pub fn column<'a>(graph: &'a KnowledgeGraph, notes: &'a Notes, template: Template) -> Vec<&'a str> {
    let entities = (0..).map(EntityId).zip(graph.vocabulary.entities());
    entities.map(|(row, entity)| described(notes, row, template).unwrap_or(&entity.label)).collect()
}

/// How many entities of each type are described, by the templates that are written (masked follows from good).
fn coverage(graph: &KnowledgeGraph, notes: &Notes) -> Vec<CoverageLine> {
    let vocabulary = &graph.vocabulary;
    let line = |template: Template, kind: &String| {
        let rows = vocabulary.type_row(kind).map_or(&[][..], |kind| vocabulary.of_type(kind));
        let described = rows.iter().filter(|row| described(notes, **row, template).is_some()).count();
        CoverageLine {
            template: template.name().to_owned(),
            kind: kind.clone(),
            entities: rows.len() as u32,
            described: described as u32,
        }
    };
    let written = present(notes).into_iter().filter(|one| matches!(one, Template::Original | Template::Good));
    written.flat_map(|template| vocabulary.types().iter().map(move |kind| line(template, kind))).collect()
}

/// Tells coverage and leaks.
pub fn tell(output: &Output, card: &TextCard) {
    for line in card.coverage.iter().filter(|line| line.described > 0) {
        let share = 100.0 * f64::from(line.described) / f64::from(line.entities.max(1));
        output.say(format_args!(
            "{:<10} {:<22} {:>6} of {:>6} described ({share:.1} %)",
            line.template, line.kind, line.described, line.entities
        ));
    }
    for leak in &card.leaks {
        output.say(format_args!(
            "leak, {:<10} {} of {} held-out pairs are named in the text of either end",
            leak.template, leak.named, leak.pairs
        ));
    }
}

/// Coverage and leaks for a script.
pub fn value(card: &TextCard) -> Value {
    json!({ "written_by": card.written_by, "date": card.date, "coverage": card.coverage, "leaks": card.leaks })
}
