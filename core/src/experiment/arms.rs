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

/// Arms of a question. Each is compared with its [`Arm::baseline`]: the first one, but in [`Question::Robustness`] the
/// whole graph with the same texts.
///
/// Text arms take the weights of `settings.text` where it blends or anchors, else LLaDR's; arms without text weigh the
/// link loss alike.
pub fn arms(question: Question, settings: &Settings) -> Vec<Arm> {
    let template = settings.text.template;
    let asked = settings.text;
    let lladr = match asked.is_used() && asked.coupling == Coupling::Blend {
        true => asked,
        false => TextSettings { template, ..TextSettings::LLADR },
    };
    let arm = |name: &str, text: TextSettings, change: Change| Arm {
        name: name.to_owned(),
        settings: Settings { text, ..*settings },
        change,
        baseline: 0,
    };
    let plain = TextSettings { template, zeta_link: lladr.zeta_link, ..TextSettings::PLAIN };
    let percent = |share: f32| (share * 100.0).round() as u32;
    match question {
        Question::AnchorAblation => {
            // What is switched on must do something, also where the settings at hand switch it off.
            let or = |own: f32, off: f32, lladrs: f32| if own == off { lladrs } else { own };
            let both = TextSettings {
                rho: or(lladr.rho, 1.0, TextSettings::LLADR.rho),
                zeta_anchor: or(lladr.zeta_anchor, 0.0, TextSettings::LLADR.zeta_anchor),
                ..lladr
            };
            vec![
                arm("no text", plain, Change::None),
                arm("blended rows, no anchor", TextSettings { zeta_anchor: 0.0, ..both }, Change::None),
                arm("anchor, no blending", TextSettings { rho: 1.0, ..both }, Change::None),
                arm("blended rows and anchor (LLaDR)", both, Change::None),
                arm(
                    "concatenated text, learned map",
                    TextSettings { coupling: Coupling::Concat, rho: 1.0, zeta_anchor: 0.0, ..both },
                    Change::None,
                ),
            ]
        }
        Question::Robustness => {
            let mut list = Vec::new();
            for (name, text) in [("no text", plain), ("LLaDR", lladr)] {
                let whole = list.len();
                list.push(arm(&format!("{name}, whole graph"), text, Change::None));
                list.extend(
                    DELETED.map(|share| {
                        arm(&format!("{name}, {} % deleted", percent(share)), text, Change::Delete(share))
                    }),
                );
                list.extend(
                    NOISE.map(|share| arm(&format!("{name}, {} % noise", percent(share)), text, Change::Noise(share))),
                );
                list.iter_mut().skip(whole + 1).for_each(|arm| arm.baseline = whole);
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
                "hidden, LLaDR, masked texts",
                TextSettings { template: Template::Masked, ..lladr },
                Change::HidePair(drug, disease),
            ),
        ],
    }
}
