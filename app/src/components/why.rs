//! Why a drug might help in the chosen disease, and why not: paths, known treatments like it, and what a critic says.

use leptos::prelude::*;
use lladr_core::scatter::palette::words_of;
use lladr_core::session::{Against, Explanation, ModelSource, Other, PathGroup, Rivals, StepWords, Stop};

use crate::format;
use crate::state::{Topics, look};
use crate::ui::glyph::type_glyph;

/// Meta-paths that are shown, paths of each, and names in a line.
const GROUPS: usize = 4;
const PATHS: usize = 3;
const NAMES: usize = 4;

/// The section of the drawer; empty unless a drug of the chosen disease is selected.
pub fn why() -> AnyView {
    look(Topics::WHY | Topics::CARD, |model| {
        let told = model.why.as_ref().filter(|told| model.selected == Some(told.drug.entity));
        told.map_or_else(|| ().into_any(), why_view)
    })
}

fn why_view(told: &Explanation) -> AnyView {
    let groups: Vec<AnyView> = told.groups.iter().take(GROUPS).map(group_view).collect();
    let against = &told.against;
    view! {
        <div data-testid="why">
            <h3>"Why it might help"</h3>
            <p class="quiet">{path_words(told)}</p>
            {groups}
            {near("Treatments of this disease most like it", &told.near_drugs)}
            {near("Diseases it treats, most like this one first", &told.near_diseases)}
            <h3>"Why it might not"</h3>
            <ul class="reasons" data-testid="why-not">
                {reasons(against).into_iter().map(|words| view! { <li>{words}</li> }.into_any()).collect::<Vec<_>>()}
            </ul>
            <p class="quiet">{by_whom(told)}</p>
        </div>
    }
    .into_any()
}

/// How many paths there are.
fn path_words(told: &Explanation) -> String {
    let paths = told.path_count as u32;
    let most = told.longest.to_string();
    let all = if told.capped.is_empty() { "" } else { " were searched, not all there are" };
    match paths {
        0 => {
            "No path of at most ".to_owned() + &most + " steps over training triples other than harms connects the two."
        }
        _ => {
            format::plural(paths, "path", "paths")
                + " of at most "
                + &most
                + " steps over training triples other than harms"
                + if all.is_empty() { " connect the two" } else { all }
                + ", the most telling first:"
        }
    }
}

fn group_view(group: &PathGroup) -> AnyView {
    let paths: Vec<AnyView> =
        group.paths.iter().take(PATHS).filter(|path| path.len() > 1).map(|path| path_view(path)).collect();
    view! {
        <section class="facts">
            <h4>{sequence(&group.steps) + " · " + &format::plural(group.count as u32, "path", "paths")}</h4>
            <ul>{paths}</ul>
        </section>
    }
    .into_any()
}

/// A meta-path in words: `drug – binds → gene ← is associated with – disease`.
fn sequence(steps: &[StepWords]) -> String {
    let mut words = "drug".to_owned();
    for (at, step) in steps.iter().enumerate() {
        let arrow = if step.is_forward { [" – ", " → "] } else { [" ← ", " – "] };
        words = words + arrow[0] + &step.words + arrow[1];
        words = if at + 1 < steps.len() { words + &words_of(&step.to, false) } else { words + "disease" };
    }
    words
}

/// The entities between the two ends.
fn path_view(path: &[Stop]) -> AnyView {
    let between = &path[..path.len() - 1];
    let stops: Vec<AnyView> =
        between.iter().map(|stop| name_view(&stop.entity.kind, stop.entity.entity.0, &stop.entity.label)).collect();
    view! { <li class="path">{stops}</li> }.into_any()
}

fn name_view(kind: &str, row: u32, label: &str) -> AnyView {
    view! {
        <span class="path-stop">
            {type_glyph(kind)}
            <button class="link" data-row=row.to_string()>{label.to_owned()}</button>
        </span>
    }
    .into_any()
}

fn near(title: &'static str, entries: &[Other]) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    let names =
        entries.iter().take(NAMES).map(|near| name_view(&near.entity.kind, near.entity.entity.0, &near.entity.label));
    let names: Vec<AnyView> = names.map(|name| view! { <li class="path">{name}</li> }.into_any()).collect();
    view! {
        <section class="facts">
            <h4>{title}</h4>
            <ul>{names}</ul>
        </section>
    }
    .into_any()
}

/// What a critic would say, a sentence each.
fn reasons(against: &Against) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(rivals(&against.drugs, "drug ranks", "drugs rank", "above it for this disease"));
    reasons.extend(rivals(&against.diseases, "disease ranks", "diseases rank", "above this one for the drug"));
    reasons.push(
        "By its number of triples alone it would rank ".to_owned()
            + &format::rank(against.rank_by_degree)
            + "; the model ranks it "
            + &format::rank(against.rank)
            + ".",
    );
    if against.harm_count > 0 {
        let names: Vec<&str> = against.harms.iter().take(NAMES).map(|harm| harm.entity.label.as_str()).collect();
        reasons.push(
            "The graph states ".to_owned()
                + &format::plural(against.harm_count, "harm", "harms")
                + " of it, rare ones first: "
                + &names.join(", ")
                + ".",
        );
    }
    reasons.push(against.reliability.clone());
    reasons
}

fn rivals(rivals: &Rivals, one: &str, many: &str, place: &str) -> Option<String> {
    let first = rivals.first.iter().take(NAMES).map(|rival| rival.entity.label.as_str()).collect::<Vec<_>>().join(", ");
    let more = if rivals.above as usize > NAMES { ", …" } else { "" };
    let above = format::plural(rivals.above, one, many);
    (rivals.above > 0).then(|| above + " " + place + ": " + &first + more + ".")
}

/// Whose weights these are.
fn by_whom(told: &Explanation) -> String {
    let model = match told.source {
        ModelSource::Pack => "the pack’s model".to_owned(),
        ModelSource::Live => "the live model after ".to_owned() + &format::plural(told.epoch, "epoch", "epochs"),
    };
    "Weighed by ".to_owned() + &model + ". These stand beside a score; they are not how it came about."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meta_path_is_read_along_its_arrows() {
        let step = |words: &str, is_forward, to: &str| StepWords {
            relation: String::new(),
            words: words.into(),
            is_forward,
            to: to.into(),
        };
        let steps = [step("binds", true, "Gene"), step("is associated with", false, "Disease")];
        assert_eq!(sequence(&steps), "drug – binds → gene ← is associated with – disease");
        assert_eq!(sequence(&steps[..1]), "drug – binds → disease");
    }
}
