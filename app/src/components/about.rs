//! What the pack holds, where it comes from, and how good its model is, with the protocol of every number.

use leptos::prelude::*;
use lladr_core::session::{LeakLine, MetricLine, PackSummary};

use crate::format;
use crate::panels;
use crate::state::{Topics, look};
use crate::ui::dialog::{dialog, show};
use crate::ui::live::{follow, part};

/// The dialog about the pack.
pub fn about() -> AnyView {
    follow(|| show("about", look(Topics::PANELS, |model| model.about_open)));
    let body = part(|| match look(Topics::PACK, |model| model.pack.clone()) {
        Some(pack) => card(&pack),
        None => view! { <p>"No pack is open yet."</p> }.into_any(),
    });
    dialog("about", "About this pack", || panels::show_about(false), body.into_any())
}

fn card(pack: &PackSummary) -> AnyView {
    let sources: Vec<AnyView> =
        pack.sources.iter().map(|source| view! { <li>{source.clone()}</li> }.into_any()).collect();
    let metrics: Vec<AnyView> = by_protocol(&pack.metrics).into_iter().map(metrics).collect();
    let words = if metrics.is_empty() {
        "The pack has no trained model: press play to train one here."
    } else {
        "Each group of numbers was measured in the way that stands below it. MRR and Hits@10: 1 is best. AMRI: 1 is best, 0 is chance."
    };
    view! {
        <h3 class="about-title">{pack.title.clone()}</h3>
        <p>{pack.description.clone()}</p>
        <p class="numeric">{counts(pack)}</p>
        <h3>"How good its model is"</h3>
        <p>{words}</p>
        <div data-testid="metrics">{metrics}</div>
        {texts(pack)}
        <h3>"This device"</h3>
        <p>{part(device)}</p>
        <h3>"Sources and licence"</h3>
        <ul>{sources}</ul>
        <p>"Licence of the whole: " {pack.licence.clone()}</p>
        <p class="id">"Data " {pack.hash.clone()}</p>
    }
    .into_any()
}

/// Which backend trains, and why.
fn device() -> AnyView {
    look(Topics::BACKEND, |model| match &model.backend {
        Some(report) => (report.reason.clone() + " " + &report.device).into_any(),
        None => "Looking for a GPU".into_any(),
    })
}

/// Descriptions and the map, where the pack brings them.
fn texts(pack: &PackSummary) -> AnyView {
    if pack.leaks.is_empty() {
        return ().into_any();
    }
    let line = |leak: &LeakLine| {
        let share = format::count(leak.named) + " of " + &format::count(leak.pairs);
        view! { <li>{leak.template.clone() + ": " + &share}</li> }.into_any()
    };
    view! {
        <h3>"Descriptions and map"</h3>
        <p>
            "Descriptions are written by a large language model and may hold errors. How many held-out drug–disease \
             pairs are named in the text of either, by template:"
        </p>
        <ul data-testid="leaks">{pack.leaks.iter().map(line).collect::<Vec<_>>()}</ul>
        <p>{"Map: ".to_owned() + &pack.layout + "."}</p>
    }
    .into_any()
}

fn counts(pack: &PackSummary) -> String {
    let [train, valid, test] = pack.triples.map(format::count);
    let entities = format::plural(pack.entities, "entity", "entities");
    let relations = format::plural(pack.relations, "relation", "relations");
    entities
        + ", "
        + &relations
        + "; "
        + &train
        + " triples for training, "
        + &valid
        + " for validation, "
        + &test
        + " for testing."
}

fn metrics((protocol, metrics): (String, Vec<MetricLine>)) -> AnyView {
    let line = |metric: MetricLine| {
        view! {
            <div>
                <dt>{metric.name}</dt>
                <dd>{format::sig3(metric.value)}</dd>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="metrics">
            <dl>{metrics.into_iter().map(line).collect::<Vec<_>>()}</dl>
            <p class="protocol">{protocol}</p>
        </section>
    }
    .into_any()
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
