//! The arms of each question.

use super::{Arm, Change, Question};
use crate::anchor::Coupling;
use crate::settings::{Settings, Template, TextSettings};

/// Shares of training triples that are deleted; LLaDR deletes and adds 20 %.
const DELETED: [f32; 3] = [0.2, 0.4, 0.6];
/// Shares of noise.
const NOISE: [f32; 2] = [0.2, 0.4];
/// Shares of wrong texts.
const WRONG: [f32; 3] = [0.2, 0.5, 1.0];

/// Arms of a question, the one to compare with first. Text arms take the weights of `settings.text` where it uses
/// text, else LLaDR's.
pub fn arms(question: Question, settings: &Settings) -> Vec<Arm> {
    let template = settings.text.template;
    let lladr = match settings.text.is_used() {
        true => settings.text,
        false => TextSettings { template, ..TextSettings::LLADR },
    };
    let arm = |name: &str, text: TextSettings, change: Change| Arm {
        name: name.to_owned(),
        settings: Settings { text, ..*settings },
        change,
    };
    let plain = TextSettings { template, ..TextSettings::PLAIN };
    let percent = |share: f32| (share * 100.0).round() as u32;
    match question {
        Question::AnchorAblation => vec![
            arm("no text", plain, Change::None),
            arm("blended rows, no anchor", TextSettings { zeta_anchor: 0.0, ..lladr }, Change::None),
            arm("anchor, no blending", TextSettings { rho: 1.0, ..lladr }, Change::None),
            arm("blended rows and anchor (LLaDR)", lladr, Change::None),
            arm(
                "concatenated text, learned map",
                TextSettings { coupling: Coupling::Concat, rho: 1.0, zeta_anchor: 0.0, ..lladr },
                Change::None,
            ),
        ],
        Question::Robustness => {
            let mut list = Vec::new();
            for (name, text) in [("no text", plain), ("LLaDR", lladr)] {
                list.push(arm(&format!("{name}, whole graph"), text, Change::None));
                list.extend(
                    DELETED.map(|share| {
                        arm(&format!("{name}, {} % deleted", percent(share)), text, Change::Delete(share))
                    }),
                );
                list.extend(
                    NOISE.map(|share| arm(&format!("{name}, {} % noise", percent(share)), text, Change::Noise(share))),
                );
            }
            list
        }
        Question::PromptStyles => {
            let mut list = vec![arm("no text", plain, Change::None)];
            list.extend(
                Template::ALL.map(|template| arm(template.name(), TextSettings { template, ..lladr }, Change::None)),
            );
            list
        }
        Question::WrongDescriptions => {
            let mut list = vec![arm("right texts", lladr, Change::None)];
            list.extend(
                WRONG.map(|share| arm(&format!("{} % wrong", percent(share)), lladr, Change::SwapTexts(share))),
            );
            list.push(arm("no text", plain, Change::None));
            list
        }
        Question::HiddenEdge { drug, disease } => vec![
            arm("seen in training", plain, Change::None),
            arm("hidden, no text", plain, Change::HidePair(drug, disease)),
            arm("hidden, LLaDR", lladr, Change::HidePair(drug, disease)),
            arm(
                "hidden, LLaDR with masked texts",
                TextSettings { template: Template::Masked, ..lladr },
                Change::HidePair(drug, disease),
            ),
        ],
    }
}
