//! What a person can open and close: dialogs and cases.

use crate::app::go_to_disease;
use crate::state::{Topics, change, peek};

/// Open or close the help.
pub fn show_help(open: bool) {
    change(|model| {
        model.help_open = open;
        Topics::PANELS
    });
}

/// Open or close the dialog about the pack.
pub fn show_about(open: bool) {
    change(|model| {
        model.about_open = open;
        Topics::PANELS
    });
}

/// Open or close the dialog with the cases.
pub fn show_cases(open: bool) {
    change(|model| {
        model.cases_open = open;
        Topics::PANELS
    });
}

/// Open or close the dialog with the experiments.
pub fn show_experiments(open: bool) {
    change(|model| {
        model.experiments_open = open;
        Topics::PANELS
    });
}

/// Tell a case, and rank the drugs of its disease.
pub fn open_case(row: usize) {
    let Some(disease) = peek(|model| Some(model.pack.as_ref()?.cases.get(row)?.disease.clone())) else { return };
    go_to_disease(disease);
    change(|model| {
        model.case = Some(row);
        Topics::CASE
    });
}

/// Put it away.
pub fn close_case() {
    change(|model| {
        model.case = None;
        Topics::CASE
    });
}
