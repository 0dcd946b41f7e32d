//! Cases: repurposing stories of the pack, each a disease to rank and a drug to look for.

use leptos::prelude::*;
use lladr_core::session::CaseCard;
use web_sys::MouseEvent;

use crate::format;
use crate::panels;
use crate::state::{Model, Topics, look};
use crate::ui::dialog::{dialog, show};
use crate::ui::icon::{CLOSE, icon};
use crate::ui::live::{click, follow, number_at, part, text};

/// The dialog that offers them.
pub fn cases() -> AnyView {
    follow(|| show("cases", look(Topics::PANELS, |model| model.cases_open)));
    dialog("cases", "Cases", || panels::show_cases(false), part(list).into_any())
}

fn list() -> AnyView {
    let cases = look(Topics::PACK, |model| model.pack.as_ref().map(|pack| pack.cases.clone()).unwrap_or_default());
    if cases.is_empty() {
        return view! { <p>"This pack brings no cases."</p> }.into_any();
    }
    let offers: Vec<AnyView> = cases.into_iter().enumerate().map(offer).collect();
    view! {
        <p>
            "True stories of drugs that found a second use. The bundled model was trained without the link that was \
             discovered: guess its rank, then look."
        </p>
        <ul class="case-list" on:click=click(chosen)>{offers}</ul>
    }
    .into_any()
}

fn offer((row, case): (usize, CaseCard)) -> AnyView {
    view! {
        <li>
            <button class="case-offer" data-testid="case-offer" data-case=case.id data-row=row.to_string()>
                <strong>{case.title}</strong>
                <span>{case.drug.label + " → " + &case.disease.label}</span>
            </button>
        </li>
    }
    .into_any()
}

fn chosen(event: MouseEvent) {
    if let Some(row) = number_at(&event, "data-row") {
        panels::show_cases(false);
        panels::open_case(row as usize);
    }
}

/// The open case, above the ranking it is about.
pub fn case() -> AnyView {
    part(|| look(Topics::CASE | Topics::PACK, told).unwrap_or_else(|| ().into_any())).into_any()
}

fn told(model: &Model) -> Option<AnyView> {
    let case = model.pack.as_ref()?.cases.get(model.case?)?;
    let view = view! {
        <section class="case" data-testid="case" aria-label="Case">
            <header>
                <h3>{case.title.clone()}</h3>
                <button class="button-icon" aria-label="Close the case" on:click=click(|_| panels::close_case())>
                    {icon(CLOSE)}
                </button>
            </header>
            <p>{case.story.clone()}</p>
            <p class="case-look">{case.look_for.clone()}</p>
            <details>
                <summary>"Guess the rank of " {case.drug.label.clone()} ", then open this"</summary>
                <p data-testid="case-rank">{text(|| look(Topics::CASE | Topics::RANKING, rank).unwrap_or_default())}</p>
            </details>
        </section>
    };
    Some(view.into_any())
}

/// Where the drug of the case stands, under the model on the screen.
fn rank(model: &Model) -> Option<String> {
    let case = model.pack.as_ref()?.cases.get(model.case?)?;
    let ranking = model.ranking.as_ref().filter(|ranking| ranking.disease.entity == case.disease.entity)?;
    let place = ranking.rows.iter().find(|row| row.drug.entity == case.drug.entity).map(|row| format::rank(row.rank));
    let all = " of ".to_owned() + &format::count(ranking.candidates);
    Some(match place {
        Some(rank) => "Its rank: ".to_owned() + &rank + &all,
        None => "It is not among the first ".to_owned() + &format::count(ranking.rows.len() as u32) + &all,
    })
}
