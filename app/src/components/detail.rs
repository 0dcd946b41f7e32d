//! The selected entity: what it is, where it ranks, what the graph states about it, where to check.

use leptos::prelude::*;
use lladr_core::scatter::Group;
use lladr_core::scatter::palette::{mark_of, words_of};
use lladr_core::session::{EntityCard, EntityRef, Fact};

use crate::app::{App, use_app};
use crate::components::ranking::known_word;
use crate::format;
use crate::links::{self, Outward};
use crate::ui::glyph::{StatusGlyph, TypeGlyph};
use crate::ui::icon::{CLOSE, Icon};
use crate::ui::panels::{Tab, use_panels};

/// Synonyms that are shown.
const SYNONYMS: usize = 8;

/// The right drawer; closed until something is selected.
#[component]
pub fn Detail() -> impl IntoView {
    let app = use_app();
    let state = app.state;
    view! {
        <aside class="panel-detail" data-testid="detail" aria-label="Details">
            {move || match (state.card.get(), state.selected.get()) {
                (Some(card), Some(_)) => view! { <Card card=(*card).clone() /> }.into_any(),
                (None, Some(_)) => view! { <p class="detail-empty">"Looking it up …"</p> }.into_any(),
                _ => {
                    view! { <p class="detail-empty">"Select a drug in the list or a mark on the map to read about it."</p> }
                        .into_any()
                }
            }}
        </aside>
    }
}

#[component]
fn Card(card: EntityCard) -> impl IntoView {
    let app = use_app();
    let panels = use_panels();
    let EntityCard { entity, synonyms, degree, facts, facts_total } = card;
    let is_disease = mark_of(&entity.kind).group == Group::Disease;
    let ranked = entity.clone();
    let close = move |_| {
        app.clear_selection();
        panels.tab.set(Tab::List);
    };
    let more = synonyms.len().saturating_sub(SYNONYMS);
    view! {
        <header class="detail-head">
            <p class="detail-kind">
                <TypeGlyph kind=entity.kind.clone() />
                {words_of(&entity.kind, false)}
            </p>
            <button class="button-icon" data-testid="detail-close" aria-label="Close the details" on:click=close>
                <Icon path=CLOSE />
            </button>
            <h2 data-testid="detail-name">{entity.label.clone()}</h2>
            <p class="id" data-testid="detail-id">{entity.id.clone()}</p>
        </header>
        {is_disease
            .then(|| {
                view! {
                    <button
                        class="button"
                        data-testid="detail-rank"
                        on:click=move |_| {
                            app.choose_disease(ranked.clone());
                            panels.tab.set(Tab::List);
                        }
                    >
                        "Rank drugs for this disease"
                    </button>
                }
            })}
        <Standing drug=entity.clone() />
        {(!synonyms.is_empty())
            .then(|| {
                let names = synonyms.into_iter().take(SYNONYMS).collect::<Vec<_>>().join(" · ");
                view! {
                    <h3>"Also called"</h3>
                    <p class="synonyms">
                        {names} {(more > 0).then(|| format!(" · {more} more"))}
                    </p>
                }
            })}
        <h3>"What the graph states"</h3>
        <p class="quiet">{degree_words(degree)}</p>
        <Facts facts total=facts_total />
        <h3>"Read elsewhere"</h3>
        <Links links=links::outward(&entity.id, &entity.label) />
    }
}

fn degree_words(degree: u32) -> String {
    match degree {
        0 => "No triple of the training set is about it: the model knows nothing of it.".into(),
        1 => "One triple of the training set is about it.".into(),
        many => format!("{} triples of the training set are about it.", format::count(many)),
    }
}

/// Rank of a drug for the chosen disease; follows the model while it trains.
#[component]
fn Standing(drug: EntityRef) -> impl IntoView {
    let app = use_app();
    let (entity, label) = (drug.entity, drug.label);
    let row = Memo::new(move |_| {
        app.state.ranking.with(|ranking| {
            let ranking = ranking.as_ref()?;
            let row = ranking.rows.iter().find(|row| row.drug.entity == entity)?;
            Some((row.clone(), ranking.disease.label.clone(), ranking.candidates))
        })
    });
    move || {
        row.get().map(|(row, disease, candidates)| {
            let place = format!("Rank {} of {}", format::rank(row.rank), format::count(candidates));
            let links = links::evidence(&label, &disease);
            view! {
                <div class="standing" data-testid="detail-standing">
                    <p class="standing-for">{format!("For {disease}")}</p>
                    <p class="standing-rank">{place}</p>
                    <p class="standing-status">
                        <StatusGlyph status=row.status />
                        {known_word(row.status)}
                        " · percentile "
                        {format::percentile(row.percentile)}
                    </p>
                    <Links links />
                </div>
            }
        })
    }
}

#[component]
fn Facts(facts: Vec<Fact>, total: u32) -> impl IntoView {
    let shown = facts.len() as u32;
    let app = use_app();
    view! {
        {group(facts)
            .into_iter()
            .map(|(words, facts)| {
                view! {
                    <section class="facts">
                        <h4>{words}</h4>
                        <ul>{facts.into_iter().map(|fact| fact_line(app, fact)).collect_view()}</ul>
                    </section>
                }
            })
            .collect_view()}
        {(total > shown).then(|| view! { <p class="quiet">{format!("and {} more", format::count(total - shown))}</p> })}
    }
}

fn fact_line(app: App, fact: Fact) -> impl IntoView {
    let other = fact.other.entity;
    view! {
        <li title=fact.relation>
            <TypeGlyph kind=fact.other.kind />
            <button class="link" on:click=move |_| app.select(other)>{fact.other.label}</button>
            {fact.held_out.then(|| view! { <span class="tag">"held-out"</span> })}
        </li>
    }
}

/// Facts by their words, in the order they came; incoming ones read backwards.
fn group(facts: Vec<Fact>) -> Vec<(String, Vec<Fact>)> {
    let mut groups: Vec<(String, Vec<Fact>)> = Vec::new();
    for fact in facts {
        let words = if fact.outgoing { format!("{} …", fact.words) } else { format!("… {} it", fact.words) };
        match groups.iter_mut().find(|(other, _)| *other == words) {
            Some((_, members)) => members.push(fact),
            None => groups.push((words, vec![fact])),
        }
    }
    groups
}

#[component]
fn Links(links: Vec<Outward>) -> impl IntoView {
    view! {
        <ul class="links">
            {links
                .into_iter()
                .map(|link| {
                    view! {
                        <li>
                            <a href=link.href target="_blank" rel="noopener noreferrer">{link.site}</a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::ids::EntityId;

    #[test]
    fn facts_are_grouped_by_direction_and_words() {
        let fact = |words: &str, outgoing| Fact {
            relation: "r".into(),
            words: words.into(),
            outgoing,
            other: EntityRef { entity: EntityId(0), id: String::new(), label: String::new(), kind: String::new() },
            held_out: false,
        };
        let groups =
            group(vec![fact("treats", true), fact("binds", true), fact("treats", true), fact("treats", false)]);
        let shape: Vec<_> = groups.iter().map(|(words, facts)| (words.as_str(), facts.len())).collect();
        assert_eq!(shape, [("treats …", 2), ("binds …", 1), ("… treats it", 1)]);
    }
}
