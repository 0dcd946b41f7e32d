//! The selected entity: what it is, where it ranks, what the graph states about it, where to check.

use leptos::prelude::*;
use lladr_core::ids::EntityId;
use lladr_core::scatter::Group;
use lladr_core::scatter::palette::{mark_of, words_of};
use lladr_core::session::{CautionKind, CautionLine, EntityCard, Fact, Written};
use web_sys::MouseEvent;

use crate::app;
use crate::components::ranking::status_words;
use crate::components::why::why;
use crate::format;
use crate::links::{self, Outward};
use crate::state::{Model, Topics, look, peek};
use crate::ui::glyph::{status_glyph, type_glyph};
use crate::ui::icon::{CLOSE, icon};
use crate::ui::live::{click, number_at, part};

/// Synonyms that are shown.
const SYNONYMS: usize = 8;

/// The right drawer; closed until something is selected.
pub fn detail() -> impl IntoView + use<> {
    view! {
        <aside class="panel-detail" data-testid="detail" aria-label="Details" on:click=click(followed)>
            {part(content)}
        </aside>
    }
}

/// A click on the name of another entity.
fn followed(event: MouseEvent) {
    if let Some(row) = number_at(&event, "data-row") {
        app::select(EntityId(row));
    }
}

fn content() -> AnyView {
    look(Topics::CARD | Topics::SELECTED, |model| match (&model.card, model.selected) {
        (Some(card), Some(_)) => card_view(card),
        (None, Some(_)) => quiet("Looking it up …"),
        _ => quiet("Select a drug in the list or a mark on the map to read about it."),
    })
}

fn quiet(words: &'static str) -> AnyView {
    view! { <p class="detail-empty">{words}</p> }.into_any()
}

fn card_view(card: &EntityCard) -> AnyView {
    let EntityCard { entity, synonyms, area, description, cautions, degree, facts, facts_total } = card;
    let is_disease = mark_of(&entity.kind).group == Group::Disease;
    view! {
        <header class="detail-head">
            <p class="detail-kind">{type_glyph(&entity.kind)} {words_of(&entity.kind, false)} {field(area)}</p>
            <button
                class="button-icon"
                data-testid="detail-close"
                aria-label="Close the details"
                on:click=click(|_| app::clear_selection())
            >
                {icon(CLOSE)}
            </button>
            <h2 data-testid="detail-name">{entity.label.clone()}</h2>
            <p class="id" data-testid="detail-id">{entity.id.clone()}</p>
        </header>
        <button class="button" data-testid="detail-rank" hidden=!is_disease || is_chosen(entity.entity) on:click=click(rank_this)>
            "Rank drugs for this disease"
        </button>
        {part(standing)}
        {part(why)}
        {against(cautions)}
        {written(description.as_ref())}
        {also(synonyms)}
        <h3>"What the graph states"</h3>
        <p class="quiet">{degree_words(*degree)}</p>
        {groups(facts)}
        <p class="quiet">{rest(*facts_total, facts.len() as u32)}</p>
        <h3>"Read elsewhere"</h3>
        {links_view(links::outward(&entity.id, &entity.label))}
    }
    .into_any()
}

fn is_chosen(entity: EntityId) -> bool {
    peek(|model| model.disease.as_ref().is_some_and(|disease| disease.entity == entity))
}

fn field(area: &str) -> String {
    if area.is_empty() { String::new() } else { "· ".to_owned() + area }
}

/// What a language model wrote about it, and that it did.
fn written(description: Option<&Written>) -> AnyView {
    let Some(Written { text, by }) = description else { return ().into_any() };
    view! {
        <h3>"Description"</h3>
        <p class="written" data-testid="description">{text.clone()}</p>
        <p class="quiet">{"Written by ".to_owned() + by + "; may hold errors."}</p>
    }
    .into_any()
}

/// What speaks against a drug: contraindications first.
fn against(cautions: &[CautionLine]) -> AnyView {
    if cautions.is_empty() {
        return ().into_any();
    }
    let groups = [
        (CautionKind::Contraindicated, "Contraindicated, or warned against, in"),
        (CautionKind::Worsens, "Can cause or worsen"),
        (CautionKind::Serious, "Serious side effects"),
    ];
    let group = |(kind, words): (CautionKind, &'static str)| {
        let lines: Vec<AnyView> = cautions.iter().filter(|line| line.kind == kind).map(caution_view).collect();
        let is_empty = lines.is_empty();
        view! {
            <section class="facts" hidden=is_empty>
                <h4>{words}</h4>
                <ul>{lines}</ul>
            </section>
        }
        .into_any()
    };
    view! {
        <h3>"What speaks against it"</h3>
        <div data-testid="cautions">{groups.map(group).into_iter().collect::<Vec<_>>()}</div>
        <p class="quiet">"Well-known cautions only: the list is not complete."</p>
    }
    .into_any()
}

fn caution_view(line: &CautionLine) -> AnyView {
    view! {
        <li>
            {type_glyph(&line.about.kind)}
            <button class="link" data-row=line.about.entity.0.to_string()>{line.about.label.clone()}</button>
        </li>
    }
    .into_any()
}

fn rank_this(_: MouseEvent) {
    if let Some(disease) = peek(|model| model.card.as_ref().map(|card| card.entity.clone())) {
        app::go_to_disease(disease);
    }
}

fn also(synonyms: &[String]) -> AnyView {
    if synonyms.is_empty() {
        return ().into_any();
    }
    let mut names = synonyms[..synonyms.len().min(SYNONYMS)].join(" · ");
    if synonyms.len() > SYNONYMS {
        names = names + " · " + &format::count((synonyms.len() - SYNONYMS) as u32) + " more";
    }
    view! {
        <h3>"Also called"</h3>
        <p class="synonyms">{names}</p>
    }
    .into_any()
}

fn degree_words(degree: u32) -> String {
    match degree {
        0 => "No triple of the training set is about it: the model knows nothing of it.".to_owned(),
        1 => "One triple of the training set is about it.".to_owned(),
        many => format::count(many) + " triples of the training set are about it.",
    }
}

fn rest(total: u32, shown: u32) -> String {
    if total > shown { "and ".to_owned() + &format::count(total - shown) + " more" } else { String::new() }
}

/// Rank of a drug for the chosen disease; follows the model while it trains.
fn standing() -> AnyView {
    look(Topics::RANKING | Topics::CARD, |model| standing_view(model).unwrap_or_else(|| ().into_any()))
}

fn standing_view(model: &Model) -> Option<AnyView> {
    let (ranking, card) = (model.ranking.as_ref()?, model.card.as_ref()?);
    let row = ranking.rows.iter().find(|row| row.drug.entity == card.entity.entity)?;
    let disease = &ranking.disease.label;
    let place = "Rank ".to_owned() + &format::rank(row.rank) + " of " + &format::count(ranking.candidates);
    let status = status_words(row) + " · percentile " + &format::percentile(row.percentile);
    let view = view! {
        <div class="standing" data-testid="detail-standing">
            <p class="standing-for">{"For ".to_owned() + disease}</p>
            <p class="standing-rank">{place}</p>
            <p class="standing-status">{status_glyph(row.status)} {status}</p>
            {links_view(links::evidence(&card.entity.label, disease))}
        </div>
    };
    Some(view.into_any())
}

fn groups(facts: &[Fact]) -> Vec<AnyView> {
    let group = |(words, facts): (String, Vec<&Fact>)| {
        view! {
            <section class="facts">
                <h4>{words}</h4>
                <ul>{facts.into_iter().map(fact_view).collect::<Vec<_>>()}</ul>
            </section>
        }
        .into_any()
    };
    group_facts(facts).into_iter().map(group).collect()
}

fn fact_view(fact: &Fact) -> AnyView {
    view! {
        <li title=fact.relation.clone()>
            {type_glyph(&fact.other.kind)}
            <button class="link" data-row=fact.other.entity.0.to_string()>{fact.other.label.clone()}</button>
            <span class="tag" hidden=!fact.held_out>"held-out"</span>
        </li>
    }
    .into_any()
}

/// Facts by their words, in the order they came; incoming ones read backwards.
fn group_facts(facts: &[Fact]) -> Vec<(String, Vec<&Fact>)> {
    let mut groups: Vec<(String, Vec<&Fact>)> = Vec::new();
    for fact in facts {
        let words = if fact.outgoing { fact.words.clone() + " …" } else { "… ".to_owned() + &fact.words + " it" };
        match groups.iter_mut().find(|(other, _)| *other == words) {
            Some((_, members)) => members.push(fact),
            None => groups.push((words, vec![fact])),
        }
    }
    groups
}

fn links_view(links: Vec<Outward>) -> AnyView {
    let link = |link: Outward| {
        view! {
            <li>
                <a href=link.href target="_blank" rel="noopener noreferrer">{link.site}</a>
            </li>
        }
        .into_any()
    };
    view! { <ul class="links">{links.into_iter().map(link).collect::<Vec<_>>()}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::session::EntityRef;

    #[test]
    fn facts_are_grouped_by_direction_and_words() {
        let fact = |words: &str, outgoing| Fact {
            relation: "r".into(),
            words: words.into(),
            outgoing,
            other: EntityRef { entity: EntityId(0), id: String::new(), label: String::new(), kind: String::new() },
            held_out: false,
        };
        let facts = [fact("treats", true), fact("binds", true), fact("treats", true), fact("treats", false)];
        let groups = group_facts(&facts);
        let shape: Vec<_> = groups.iter().map(|(words, facts)| (words.as_str(), facts.len())).collect();
        assert_eq!(shape, [("treats …", 2), ("binds …", 1), ("… treats it", 1)]);
    }
}
