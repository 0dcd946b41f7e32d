//! Settings of the live run, as ladders of sensible values, each with a line on what it does.

use leptos::prelude::*;
use lladr_core::model::Interaction;
use lladr_core::session::Settings;

use crate::app::use_app;
use crate::format;
use crate::ui::icon::{CLOSE, Icon};

/// The panel above the transport; on a narrow screen always open in its tab.
#[component]
pub fn SettingsPanel(open: RwSignal<bool>) -> impl IntoView {
    let app = use_app();
    let settings = Memo::new(move |_| app.state.settings());
    let change = move |write: &dyn Fn(&mut Settings)| {
        let mut next = settings.get_untracked();
        write(&mut next);
        if next != settings.get_untracked() {
            app.configure(next);
        }
    };
    let choose_model = move |text: String| {
        if let Some(interaction) = Interaction::from_name(&text) {
            change(&|next| {
                let usual = Settings::for_interaction(interaction);
                (next.interaction, next.gamma, next.alpha) = (interaction, usual.gamma, usual.alpha);
            });
        }
    };
    let seed = move |event| {
        let text = event_target_value(&event);
        match text.trim().parse() {
            Ok(seed) => change(&|next| next.seed = seed),
            Err(_) => app.state.fail("changing the seed", "A seed is a whole number from 0 to 4,294,967,295."),
        }
    };
    view! {
        <div class="settings" id="settings" role="group" aria-label="Settings of the live run" class:is-open=open>
            <header class="settings-head">
                <h2>"Settings of the live run"</h2>
                <button class="button-icon" aria-label="Close the settings" on:click=move |_| open.set(false)>
                    <Icon path=CLOSE />
                </button>
            </header>
            <Ladder
                id="model-select"
                label="Model"
                help="How a triple is scored. TransE: head plus relation lands near the tail. DistMult: the three agree factor by factor."
                options=Interaction::ALL.map(|model| (model.name().into(), model.label().into())).to_vec()
                value=Signal::derive(move || settings.get().interaction.name().to_owned())
                choose=Callback::new(choose_model)
            />
            <Ladder
                id="dim-select"
                label="Dimension"
                help="Numbers per entity. More can hold more, and trains slower."
                options=numbers(&Settings::DIMS)
                value=Signal::derive(move || settings.get().dim.to_string())
                choose=Callback::new(move |text: String| {
                    if let Ok(dim) = text.parse() {
                        change(&|next| next.dim = dim);
                    }
                })
            />
            <Ladder
                id="lr-select"
                label="Learning rate"
                help="Size of a step. Applies at once, also while training."
                options=Settings::LEARNING_RATES.map(|rate| (format::plain(rate), format::plain(rate))).to_vec()
                value=Signal::derive(move || format::plain(settings.get().learning_rate))
                choose=Callback::new(move |text: String| {
                    if let Ok(rate) = text.parse() {
                        change(&|next| next.learning_rate = rate);
                    }
                })
            />
            <Ladder
                id="negatives-select"
                label="Negatives"
                help="Made-up triples that each true one is compared with."
                options=numbers(&Settings::NEGATIVES)
                value=Signal::derive(move || settings.get().negatives.to_string())
                choose=Callback::new(move |text: String| {
                    if let Ok(negatives) = text.parse() {
                        change(&|next| next.negatives = negatives);
                    }
                })
            />
            <div class="field">
                <label for="seed-input">"Seed"</label>
                <input
                    id="seed-input"
                    data-testid="seed-input"
                    type="number"
                    min="0"
                    max="4294967295"
                    step="1"
                    inputmode="numeric"
                    aria-describedby="seed-input-help"
                    prop:value=move || settings.get().seed.to_string()
                    on:change=seed
                />
                <p class="field-help" id="seed-input-help">
                    "All chance comes from it: the same seed on the same device trains the same model, bit for bit."
                </p>
            </div>
            <p class="settings-note">
                "Any change but the learning rate starts the live run anew. The address carries all of this."
            </p>
        </div>
    }
}

fn numbers(values: &[u32]) -> Vec<(String, String)> {
    values.iter().map(|value| (value.to_string(), value.to_string())).collect()
}

/// A choice among rungs; a value from a link that is no rung is added.
#[component]
fn Ladder(
    id: &'static str,
    label: &'static str,
    help: &'static str,
    options: Vec<(String, String)>,
    value: Signal<String>,
    choose: Callback<String>,
) -> impl IntoView {
    let rungs = Memo::new(move |_| {
        let mut rungs = options.clone();
        let value = value.get();
        if !rungs.iter().any(|(name, _)| *name == value) {
            rungs.push((value.clone(), value));
        }
        rungs
    });
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                data-testid=id
                aria-describedby=format!("{id}-help")
                prop:value=move || {
                    rungs.track();
                    value.get()
                }
                on:change=move |event| choose.run(event_target_value(&event))
            >
                {move || {
                    let current = value.get();
                    rungs
                        .get()
                        .into_iter()
                        .map(|(name, words)| {
                            let selected = name == current;
                            view! { <option value=name selected=selected>{words}</option> }
                        })
                        .collect_view()
                }}
            </select>
            <p class="field-help" id=format!("{id}-help")>{help}</p>
        </div>
    }
}
