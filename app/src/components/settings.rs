//! Settings of the live run, as ladders of sensible values, each with a line on what it does.

use leptos::prelude::*;
use lladr_core::model::Interaction;
use lladr_core::session::{Settings, Template, TextSettings};
use web_sys::{Event, HtmlInputElement, MouseEvent};

use crate::app;
use crate::format;
use crate::panels;
use crate::state::{Model, Topics, fail, look, peek};
use crate::ui::icon::{CLOSE, icon};
use crate::ui::live::{by_id, click, event, flag, part, text};
use crate::url::NO_TEXT;

/// A setting with a few values to choose from.
struct Ladder {
    id: &'static str,
    label: &'static str,
    help: &'static str,
    /// The value in force.
    value: fn(&Settings) -> String,
    /// The options, for the select.
    options: fn() -> AnyView,
    choose: fn(Event),
    /// Whether there is nothing to choose.
    is_hidden: fn() -> bool,
}

const LADDERS: [Ladder; 5] = [
    Ladder {
        id: "model-select",
        label: "Model",
        help: "How a triple is scored. TransE: the relation moves the head near the tail; RotatE: it turns it there. \
               DistMult: the three agree factor by factor; ComplEx: with a sense of direction.",
        value: |settings| settings.interaction.name().to_owned(),
        options: || {
            rungs(&LADDERS[0], Interaction::ALL.map(|model| (model.name().into(), model.label().into())).into())
        },
        choose: |event| {
            if let Some(interaction) = Interaction::from_name(&event_target_value(&event)) {
                change(|next| {
                    let usual = Settings::for_interaction(interaction);
                    (next.interaction, next.gamma, next.alpha) = (interaction, usual.gamma, usual.alpha);
                });
            }
        },
        is_hidden: never,
    },
    Ladder {
        id: "text-select",
        label: "Text anchor",
        help: "LLaDR’s idea: an entity’s row is blended with, and pulled towards, the vector of its description by a \
               language model. Descriptions may leak the answer; the masked ones do not name held-out partners.",
        value: |settings| text_name(settings.text.used()),
        options: || {
            let brought = look(Topics::PACK, brought);
            let offered = OFFERED.into_iter().filter(|template| brought.contains(template)).map(Some);
            let rung = |template| (text_name(template), text_words(template).to_owned());
            rungs(&LADDERS[1], std::iter::once(None).chain(offered).map(rung).collect())
        },
        choose: |event| {
            let template = Template::from_name(&event_target_value(&event));
            change(|next| next.text = TextSettings::of(template));
        },
        is_hidden: || look(Topics::PACK, |model| brought(model).is_empty()),
    },
    Ladder {
        id: "dim-select",
        label: "Dimension",
        help: "Numbers per entity. More can hold more, and trains slower.",
        value: |settings| settings.dim.to_string(),
        options: || rungs(&LADDERS[2], numbers(&Settings::DIMS)),
        choose: |event| choose_number(&event, |next, dim| next.dim = dim),
        is_hidden: never,
    },
    Ladder {
        id: "lr-select",
        label: "Learning rate",
        help: "Size of a step. Applies at once, also while training.",
        value: |settings| format::plain(settings.learning_rate),
        options: || {
            let rates = Settings::LEARNING_RATES.map(|rate| (format::plain(rate), format::plain(rate)));
            rungs(&LADDERS[3], rates.into())
        },
        choose: |event| {
            if let Some(rate) = format::read(&event_target_value(&event)) {
                change(|next| next.learning_rate = rate);
            }
        },
        is_hidden: never,
    },
    Ladder {
        id: "negatives-select",
        label: "Negatives",
        help: "Made-up triples that each true one is compared with.",
        value: |settings| settings.negatives.to_string(),
        options: || rungs(&LADDERS[4], numbers(&Settings::NEGATIVES)),
        choose: |event| choose_number(&event, |next, negatives| next.negatives = negatives),
        is_hidden: never,
    },
];

/// Templates in the order in which they are offered.
const OFFERED: [Template; 4] = [Template::Good, Template::Original, Template::Masked, Template::Name];

fn never() -> bool {
    false
}

/// Templates whose vectors the open pack brings.
fn brought(model: &Model) -> Vec<Template> {
    model.pack.as_ref().map(|pack| pack.templates.clone()).unwrap_or_default()
}

fn text_name(template: Option<Template>) -> String {
    template.map_or(NO_TEXT, Template::name).to_owned()
}

/// What the page calls a template.
fn text_words(template: Option<Template>) -> &'static str {
    match template {
        None => "none",
        Some(Template::Good) => "good description",
        Some(Template::Original) => "original",
        Some(Template::Masked) => "masked",
        Some(Template::Name) => "name",
    }
}

/// The panel above the transport; on a narrow screen always open in its tab.
pub fn settings(close: fn(MouseEvent)) -> impl IntoView + use<> {
    let ladders: Vec<AnyView> = LADDERS.iter().map(ladder).collect();
    view! {
        <div
            class="settings"
            id="settings"
            role="group"
            aria-label="Settings of the live run"
            class:is-open=flag(|| look(Topics::PANELS, |model| model.settings_open))
        >
            <header class="settings-head">
                <h2>"Settings of the live run"</h2>
                <button class="button-icon" aria-label="Close the settings" on:click=close>
                    {icon(CLOSE)}
                </button>
            </header>
            {ladders}
            <div class="field">
                <label for="seed-input">"Seed"</label>
                <input
                    id="seed-input"
                    data-testid="seed-input"
                    type="number"
                    min="0"
                    max="4294967295"
                    step="1"
                    aria-describedby="seed-input-help"
                    prop:value=text(|| in_force(|settings| settings.seed.to_string()))
                    on:change=event(choose_seed)
                />
                <p class="field-help" id="seed-input-help">
                    "All chance comes from it: the same seed on the same device trains the same model, bit for bit."
                </p>
            </div>
            <button
                class="button-quiet"
                data-testid="experiments-open"
                on:click=click(|_| panels::show_experiments(true))
            >
                "Experiments…"
            </button>
            <p class="settings-note">
                "Any change but the learning rate starts the live run anew. The address carries all of this."
            </p>
        </div>
    }
}

fn ladder(ladder: &'static Ladder) -> AnyView {
    let help_id = ladder.id.to_owned() + "-help";
    view! {
        <div class="field" hidden=flag(ladder.is_hidden)>
            <label for=ladder.id>{ladder.label}</label>
            <select id=ladder.id data-testid=ladder.id aria-describedby=help_id.clone() on:change=ladder.choose>
                {part(ladder.options)}
            </select>
            <p class="field-help" id=help_id>{ladder.help}</p>
        </div>
    }
    .into_any()
}

/// Options; a value from a link that is no rung is added.
fn rungs(ladder: &Ladder, mut rungs: Vec<(String, String)>) -> AnyView {
    let current = in_force(ladder.value);
    if !rungs.iter().any(|(name, _)| *name == current) {
        rungs.push((current.clone(), current.clone()));
    }
    let option = |(name, words): (String, String)| {
        let is_current = name == current;
        view! { <option value=name prop:selected=is_current>{words}</option> }.into_any()
    };
    rungs.into_iter().map(option).collect::<Vec<_>>().into_any()
}

fn in_force(read: fn(&Settings) -> String) -> String {
    look(Topics::RUN | Topics::PACK, |model| read(&model.settings()))
}

fn numbers(values: &[u32]) -> Vec<(String, String)> {
    values.iter().map(|value| (value.to_string(), value.to_string())).collect()
}

fn change(write: impl FnOnce(&mut Settings)) {
    let mut next = peek(Model::next_settings);
    write(&mut next);
    app::configure(next);
}

fn choose_number(event: &Event, write: fn(&mut Settings, u32)) {
    if let Ok(number) = event_target_value(event).parse() {
        change(|next| write(next, number));
    }
}

fn choose_seed(event: Event) {
    match event_target_value(&event).trim().parse() {
        Ok(seed) => change(|next| next.seed = seed),
        Err(_) => {
            fail("changing the seed", "A seed is a whole number from 0 to 4,294,967,295.");
            if let Some(input) = by_id::<HtmlInputElement>("seed-input") {
                input.set_value(&peek(Model::settings).seed.to_string());
            }
        }
    }
}
