//! What the pack holds, where it comes from, and how good its model is, with the protocol of every number.

use leptos::prelude::*;
use lladr_core::session::{MetricLine, PackSummary};

use crate::app::use_app;
use crate::format;
use crate::ui::dialog::Dialog;
use crate::ui::panels::use_panels;

/// The dialog about the pack.
#[component]
pub fn About() -> impl IntoView {
    let state = use_app().state;
    view! {
        <Dialog open=use_panels().about title="About this pack" id="about">
            {move || match state.pack.get() {
                Some(pack) => card(&pack).into_any(),
                None => view! { <p>"No pack is open yet."</p> }.into_any(),
            }}
        </Dialog>
    }
}

fn card(pack: &PackSummary) -> impl IntoView + use<> {
    let [train, valid, test] = pack.triples.map(format::count);
    let counts = format!(
        "{}, {}; {train} triples for training, {valid} for validation, {test} for testing.",
        format::plural(pack.entities, "entity", "entities"),
        format::plural(pack.relations, "relation", "relations"),
    );
    let metrics = by_protocol(&pack.metrics);
    view! {
        <h3 class="about-title">{pack.title.clone()}</h3>
        <p>{pack.description.clone()}</p>
        <p class="numeric">{counts}</p>
        {if metrics.is_empty() {
            view! { <p>"The pack has no trained model: press play to train one here."</p> }.into_any()
        } else {
            view! {
                <h3>"How good its model is"</h3>
                <div data-testid="metrics">
                    {metrics
                        .into_iter()
                        .map(|(protocol, metrics)| {
                            view! {
                                <section class="metrics">
                                    <dl>
                                        {metrics
                                            .into_iter()
                                            .map(|metric| {
                                                view! {
                                                    <div>
                                                        <dt>{metric.name}</dt>
                                                        <dd>{format::sig3(metric.value)}</dd>
                                                    </div>
                                                }
                                            })
                                            .collect_view()}
                                    </dl>
                                    <p class="protocol">{protocol}</p>
                                </section>
                            }
                        })
                        .collect_view()}
                </div>
            }
                .into_any()
        }}
        <h3>"Sources and licence"</h3>
        <ul>{pack.sources.iter().map(|source| view! { <li>{source.clone()}</li> }).collect_view()}</ul>
        <p>"Licence of the whole: " {pack.licence.clone()}</p>
        <p class="id">"Data " {pack.hash.clone()}</p>
    }
}

/// Metrics that were measured the same way, together.
fn by_protocol(metrics: &[MetricLine]) -> Vec<(String, Vec<MetricLine>)> {
    let mut groups: Vec<(String, Vec<MetricLine>)> = Vec::new();
    for metric in metrics {
        match groups.iter_mut().find(|(protocol, _)| *protocol == metric.protocol) {
            Some((_, members)) => members.push(metric.clone()),
            None => groups.push((metric.protocol.clone(), vec![metric.clone()])),
        }
    }
    groups
}
