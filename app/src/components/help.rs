//! What one sees, how to use it, and the keys.

use leptos::prelude::*;

use crate::panels;
use crate::state::{Topics, look};
use crate::ui::dialog::{dialog, show};
use crate::ui::live::follow;

const KEYS: [(&str, &str); 10] = [
    ("/", "Search by name, synonym or identifier"),
    ("Space", "Train, or pause"),
    (".", "Train one epoch"),
    ("↑ ↓", "Move in the ranking; Enter opens a drug"),
    ("← → ↑ ↓", "On the map: move"),
    ("+ −", "On the map: zoom"),
    ("0", "On the map: show everything"),
    ("Enter", "On the map: open what is nearest to the middle"),
    ("Esc", "Back: close what is in front"),
    ("?", "This help"),
];

/// The help dialog.
pub fn help() -> AnyView {
    follow(|| show("help", look(Topics::PANELS, |model| model.help_open)));
    let keys = KEYS.map(|(key, words)| {
        view! {
            <div>
                <dt><kbd>{key}</kbd></dt>
                <dd>{words}</dd>
            </div>
        }
        .into_any()
    });
    let body = view! {
        <p>
            "A knowledge graph holds what is known about drugs, diseases and genes as triples, such as "
            <em>"metformin treats type 2 diabetes"</em>
            ". A model places every entity so that true triples score high; then it scores the triples that nobody has written down. "
            "Drugs that rank high for a disease without being known for it are hypotheses to check, nothing more."
        </p>
        <h3>"Three kinds of drugs"</h3>
        <ul>
            <li><strong>"Known"</strong>": a treatment in the graph, seen in training."</li>
            <li>
                <strong>"Held-out"</strong>
                ": a true treatment that was kept from training. Where such a drug ranks shows what the model can find."
            </li>
            <li><strong>"Predicted"</strong>": not in the graph. A hypothesis."</li>
        </ul>
        <h3>"Train it yourself"</h3>
        <p>
            "Play starts a new model from random numbers and trains it in this browser, on the GPU where there is one. "
            "Map and ranking follow. Reset brings back the model that came with the pack."
        </p>
        <h3>"Keys"</h3>
        <dl class="keys">{Vec::from(keys)}</dl>
    };
    dialog("help", "Help", || panels::show_help(false), body.into_any())
}
