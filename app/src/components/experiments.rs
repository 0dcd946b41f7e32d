//! Experiments: the same training several times with one thing changed, and a table with intervals.

use leptos::prelude::*;
use lladr_core::experiment::{Estimate, Experiment, Question, Summary, SummaryRow};
use lladr_core::session::Command;
use web_sys::Event;

use crate::engine;
use crate::format;
use crate::panels;
use crate::state::{Model, Topics, change, look, peek};
use crate::ui::dialog::{dialog, show};
use crate::ui::live::{click, event, flag, follow, part, text};

/// Questions: value, words.
const QUESTIONS: [(&str, &str); 5] = [
    ("anchor", "What do blending and the anchor add?"),
    ("prompts", "Which descriptions help?"),
    ("wrong", "What do wrong descriptions cost?"),
    ("robustness", "What do missing and false triples cost?"),
    ("hidden", "Is a hidden treatment found again?"),
];
const SEEDS: [u32; 4] = [2, 3, 5, 10];
const EPOCHS: [u32; 4] = [10, 30, 100, 300];

/// The dialog.
pub fn experiments() -> AnyView {
    follow(|| show("experiments", look(Topics::PANELS, |model| model.experiments_open)));
    let body = view! {
        <p>
            "Each row of the result is trained from new random rows, once per seed, with the settings of the live run, \
             and asked for held-out treatments. Few seeds say little."
        </p>
        <div class="trial-form">
            {field("trial-question", "Question", questions, choose_question)}
            {field("trial-seeds", "Seeds", seeds, |event| choose(&event, |trial, seeds| trial.seeds = seeds))}
            {field("trial-epochs", "Epochs", epochs, |event| choose(&event, |trial, epochs| trial.epochs = epochs))}
            <button class="button" data-testid="trial-start" on:click=click(|_| start_or_stop())>
                {text(|| look(Topics::TRIAL, |model| if model.trial.is_running() { "Stop" } else { "Run" }.to_owned()))}
            </button>
        </div>
        <p class="quiet" hidden=flag(|| look(Topics::TRIAL, |model| model.trial.question != "hidden"))>
            {text(|| look(Topics::TRIAL | Topics::WHY, pair_words))}
        </p>
        <div class="trial-progress" role="status" data-testid="trial-status">{part(progress)}</div>
        {part(result)}
    };
    dialog("experiments", "Experiments", || panels::show_experiments(false), body.into_any())
}

fn field(id: &'static str, label: &'static str, options: fn() -> AnyView, choose: fn(Event)) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                data-testid=id
                disabled=flag(|| look(Topics::TRIAL, |model| model.trial.is_running()))
                on:change=event(choose)
            >
                {part(options)}
            </select>
        </div>
    }
    .into_any()
}

fn options(values: impl Iterator<Item = (String, String)>, current: &str) -> AnyView {
    let option = |(value, words): (String, String)| {
        let is_current = value == current;
        view! { <option value=value prop:selected=is_current>{words}</option> }.into_any()
    };
    values.map(option).collect::<Vec<_>>().into_any()
}

fn questions() -> AnyView {
    let current = look(Topics::TRIAL, |model| model.trial.question);
    options(QUESTIONS.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())), current)
}

fn seeds() -> AnyView {
    numbers(&SEEDS, look(Topics::TRIAL, |model| model.trial.seeds))
}

fn epochs() -> AnyView {
    numbers(&EPOCHS, look(Topics::TRIAL, |model| model.trial.epochs))
}

fn numbers(values: &[u32], current: u32) -> AnyView {
    options(values.iter().map(|value| (value.to_string(), value.to_string())), &current.to_string())
}

fn choose(event: &Event, write: fn(&mut crate::state::Trial, u32)) {
    if let Ok(number) = event_target_value(event).parse() {
        change(|model| {
            write(&mut model.trial, number);
            Topics::TRIAL
        });
    }
}

fn choose_question(event: Event) {
    let value = event_target_value(&event);
    if let Some((question, _)) = QUESTIONS.iter().find(|(known, _)| *known == value) {
        change(|model| {
            model.trial.question = question;
            Topics::TRIAL
        });
    }
}

/// The drug and the disease whose reasons are on the screen.
fn pair_words(model: &Model) -> String {
    match &model.why {
        Some(why) => "Hides ".to_owned() + &why.drug.label + " for " + &why.disease.label + ", if training knows it.",
        None => "First select a known drug in the list of a disease: it is the treatment that is hidden.".to_owned(),
    }
}

fn start_or_stop() {
    if peek(|model| model.trial.is_running()) {
        return engine::send(&Command::StopExperiment);
    }
    let asked = peek(|model| {
        let question = match model.trial.question {
            "prompts" => Question::PromptStyles,
            "wrong" => Question::WrongDescriptions,
            "robustness" => Question::Robustness,
            "hidden" => {
                let why = model.why.as_ref()?;
                Question::HiddenEdge { drug: why.drug.entity, disease: why.disease.entity }
            }
            _ => Question::AnchorAblation,
        };
        let (seeds, epochs) = (model.trial.seeds, model.trial.epochs);
        Some(Experiment { question, settings: model.next_settings(), epochs, seeds })
    });
    let Some(experiment) = asked else { return };
    engine::send(&Command::Experiment { experiment });
}

fn progress() -> AnyView {
    let (is_running, share, arm) =
        look(Topics::TRIAL, |model| (model.trial.is_running(), model.trial.share, model.trial.arm.clone()));
    if !is_running {
        return ().into_any();
    }
    view! {
        <progress max="1" value=share.to_string() aria-label="Progress of the experiment"></progress>
        <span>{arm}</span>
    }
    .into_any()
}

fn result() -> AnyView {
    let Some(summary) = look(Topics::TRIAL, |model| model.trial.summary.clone()) else { return ().into_any() };
    let Summary { metrics, protocols, asked, compared, rows } = summary;
    let heads: Vec<AnyView> =
        metrics.into_iter().map(|name| view! { <th scope="col">{name}</th> }.into_any()).collect();
    let body: Vec<AnyView> = rows.into_iter().map(row).collect();
    let notes: Vec<AnyView> = protocols.into_iter().map(|words| view! { <li>{words}</li> }.into_any()).collect();
    view! {
        <h3>{asked}</h3>
        <div class="trial-scroll" tabindex="0" role="region" aria-label="Result of the experiment">
            <table class="trial" data-testid="trial-result">
                <thead>
                    <tr>
                        <th scope="col">"Trained with"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <p class="quiet">
            "Mean over seeds ± half of the 95 % interval; below it the difference. "
            {compared}
            " Where a difference's interval holds 0, this experiment cannot tell the two apart."
        </p>
        <ul class="quiet">{notes}</ul>
    }
    .into_any()
}

fn row(row: SummaryRow) -> AnyView {
    let cell = |(value, difference): (&Option<Estimate>, &Option<Estimate>)| {
        let value = value.as_ref().map_or("diverged".to_owned(), words);
        let difference = difference.map(|difference| {
            let sign = if difference.mean < 0.0 { "−" } else { "+" };
            sign.to_owned() + &words(&Estimate { mean: difference.mean.abs(), ..difference })
        });
        view! {
            <td>
                <span>{value}</span>
                <span class="quiet">{difference}</span>
            </td>
        }
        .into_any()
    };
    let cells: Vec<AnyView> = row.values.iter().zip(&row.differences).map(cell).collect();
    view! {
        <tr>
            <th scope="row">{row.arm}</th>
            {cells}
        </tr>
    }
    .into_any()
}

fn words(estimate: &Estimate) -> String {
    let mean = format::fixed(estimate.mean, 3);
    match estimate.half_width {
        Some(half) => mean + " ± " + &format::fixed(half, 3),
        None => mean,
    }
}
