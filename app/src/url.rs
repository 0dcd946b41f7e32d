//! The address: pack, disease, settings and seed, so that a colleague sees the same thing.
//!
//! `?pack=starter&disease=Disease::DOID:9352&model=transe_l2&dim=64&lr=0.1&negatives=128&seed=1&data=1f2e3d4c5b6a`
//! `text=masked` anchors the run in the descriptions of that template, as LLaDR does; `text=none` in none.
//! A value that makes no sense is left out and told; a key that is not known is ignored.

use lladr_core::model::Interaction;
use lladr_core::session::{BackendChoice, PackSummary, Settings, Template, TextSettings};

use crate::format;

/// The pack that comes with the page.
pub const STARTER: &str = "starter";

/// Stands for no template, in addresses and in the settings.
pub const NO_TEXT: &str = "none";

/// What an address says. Absent means: as the pack has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Link {
    /// Folder of the pack.
    pub pack: Option<String>,
    /// First digits of the pack's hash when the link was made.
    pub data: Option<String>,
    /// Identifier of the disease.
    pub disease: Option<String>,
    /// Scoring function.
    pub model: Option<Interaction>,
    /// Length of an entity row.
    pub dim: Option<u32>,
    /// Learning rate.
    pub lr: Option<f32>,
    /// Negatives per chunk.
    pub negatives: Option<u32>,
    /// Positives per step.
    pub batch: Option<u32>,
    /// Margin.
    pub gamma: Option<f32>,
    /// Self-adversarial temperature.
    pub alpha: Option<f32>,
    /// How text enters.
    pub text: Option<TextSettings>,
    /// Seed.
    pub seed: Option<u32>,
    /// Backend that was asked for.
    pub backend: Option<BackendChoice>,
}

impl Link {
    /// Read a query string, with or without `?`, and the parts of it that were not understood.
    pub fn parse(query: &str) -> (Self, Vec<String>) {
        let mut link = Link::default();
        let mut refused = Vec::new();
        for (key, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
            let value = value.into_owned();
            let understood = match &*key {
                "pack" => keep(&mut link.pack, Some(value.clone()).filter(|v| is_pack_name(v))),
                "data" => keep(&mut link.data, Some(value.clone()).filter(|v| v.len() <= 64)),
                "disease" => keep(&mut link.disease, Some(value.clone()).filter(|v| !v.is_empty() && v.len() <= 256)),
                "model" => keep(&mut link.model, Interaction::from_name(&value)),
                "dim" => keep(&mut link.dim, value.parse().ok()),
                "lr" => keep(&mut link.lr, number(&value)),
                "negatives" => keep(&mut link.negatives, value.parse().ok()),
                "batch" => keep(&mut link.batch, value.parse().ok()),
                "gamma" => keep(&mut link.gamma, number(&value)),
                "alpha" => keep(&mut link.alpha, number(&value)),
                "text" => keep(&mut link.text, text(&value)),
                "seed" => keep(&mut link.seed, value.parse().ok()),
                "backend" => keep(&mut link.backend, backend(&value)),
                _ => true,
            };
            if !understood {
                let shown: String = value.chars().take(60).collect();
                refused.push(key.into_owned() + "=" + &shown);
            }
        }
        (link, refused)
    }

    /// The settings the link asks for, on top of the pack's own; `None` where it asks for none.
    pub fn settings(&self, own: Settings) -> Option<Settings> {
        let base = usual(self.model.unwrap_or(own.interaction), own);
        let wanted = Settings {
            interaction: base.interaction,
            dim: self.dim.unwrap_or(base.dim),
            learning_rate: self.lr.unwrap_or(base.learning_rate),
            negatives: self.negatives.unwrap_or(base.negatives),
            batch: self.batch.unwrap_or(base.batch),
            gamma: self.gamma.unwrap_or(base.gamma),
            alpha: self.alpha.unwrap_or(base.alpha),
            seed: self.seed.unwrap_or(base.seed),
            recipe: base.recipe,
            text: self.text.unwrap_or(base.text),
        };
        (wanted != own).then_some(wanted)
    }

    /// A link to what is on the screen. Lesser settings are left out where [`Link::settings`] fills them in.
    pub fn to(pack: &PackSummary, disease: Option<&str>, settings: Settings, backend: BackendChoice) -> Self {
        let usual = usual(settings.interaction, pack.settings);
        let unusual = |differs: bool| differs.then_some(());
        Link {
            pack: Some(pack.name.clone()),
            data: Some(pack.hash.clone()).filter(|v| !v.is_empty()),
            disease: disease.map(str::to_owned),
            model: Some(settings.interaction),
            dim: Some(settings.dim),
            lr: Some(settings.learning_rate),
            negatives: Some(settings.negatives),
            batch: unusual(settings.batch != usual.batch).map(|()| settings.batch),
            gamma: unusual(settings.gamma != usual.gamma).map(|()| settings.gamma),
            alpha: unusual(settings.alpha != usual.alpha).map(|()| settings.alpha),
            text: unusual(settings.text != usual.text).map(|()| settings.text),
            seed: Some(settings.seed),
            backend: Some(backend).filter(|choice| *choice != BackendChoice::Auto),
        }
    }
}

impl Link {
    /// The query string, with its `?`; empty for a link that asks for nothing.
    pub fn query(&self) -> String {
        let mut parts: Vec<(&str, String)> = Vec::new();
        let mut add = |key, value: Option<String>| parts.extend(value.map(|value| (key, value)));
        add("pack", self.pack.clone());
        add("disease", self.disease.clone());
        add("model", self.model.map(|v| v.name().to_owned()));
        add("dim", self.dim.map(|v| v.to_string()));
        add("lr", self.lr.map(format::plain));
        add("negatives", self.negatives.map(|v| v.to_string()));
        add("batch", self.batch.map(|v| v.to_string()));
        add("gamma", self.gamma.map(format::plain));
        add("alpha", self.alpha.map(format::plain));
        add("text", self.text.map(|v| text_name(v).to_owned()));
        add("seed", self.seed.map(|v| v.to_string()));
        add("backend", self.backend.map(|v| backend_name(v).to_owned()));
        add("data", self.data.clone());
        let mut query = String::new();
        for (key, value) in parts {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(key);
            query.push('=');
            for piece in form_urlencoded::byte_serialize(value.as_bytes()) {
                // A colon is allowed in a query, and identifiers are full of them.
                query.push_str(if piece == "%3A" { ":" } else { piece });
            }
        }
        query
    }
}

/// What a link to `interaction` need not say: the pack's own settings, or those that suit another function.
fn usual(interaction: Interaction, own: Settings) -> Settings {
    if interaction == own.interaction {
        own
    } else {
        Settings { seed: own.seed, recipe: own.recipe, text: own.text, ..Settings::for_interaction(interaction) }
    }
}

/// Whether `name` can be a pack's folder: small letters, digits, hyphens; 1 to 64.
pub fn is_pack_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A number that can be written into an address again.
fn number(text: &str) -> Option<f32> {
    format::read(text).filter(|value| format::read(&format::plain(*value)) == Some(*value))
}

fn text(name: &str) -> Option<TextSettings> {
    if name == NO_TEXT {
        Some(TextSettings::PLAIN)
    } else {
        Template::from_name(name).map(|v| TextSettings::of(Some(v)))
    }
}

fn text_name(text: TextSettings) -> &'static str {
    text.used().map_or(NO_TEXT, Template::name)
}

fn keep<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let understood = value.is_some();
    *slot = value;
    understood
}

fn backend(name: &str) -> Option<BackendChoice> {
    [BackendChoice::Auto, BackendChoice::Cpu, BackendChoice::WebGpu].into_iter().find(|v| backend_name(*v) == name)
}

fn backend_name(choice: BackendChoice) -> &'static str {
    match choice {
        BackendChoice::Auto => "auto",
        BackendChoice::Cpu => "cpu",
        BackendChoice::WebGpu => "webgpu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(settings: Settings) -> PackSummary {
        PackSummary {
            name: "starter".into(),
            title: String::new(),
            description: String::new(),
            licence: String::new(),
            sources: Vec::new(),
            hash: "1f2e3d".into(),
            types: Vec::new(),
            entities: 0,
            relations: 0,
            triples: [0; 3],
            diseases: Vec::new(),
            default_disease: None,
            metrics: Vec::new(),
            settings,
            has_model: true,
            layout: String::new(),
            leaks: Vec::new(),
            templates: Vec::new(),
            cases: Vec::new(),
        }
    }

    #[test]
    fn a_link_round_trips() {
        let mut settings = Settings::for_interaction(Interaction::DistMult);
        (settings.dim, settings.learning_rate, settings.seed, settings.gamma) = (128, 0.05, 42, 3.5);
        let link = Link::to(&pack(Settings::default()), Some("Disease::DOID:9352"), settings, BackendChoice::Cpu);
        let text = link.query();
        assert!(text.starts_with("?pack=starter&disease=Disease::DOID:9352&model=distmult&dim=128&lr=0.05"), "{text}");
        let (read, refused) = Link::parse(&text);
        assert_eq!(read, link);
        assert!(refused.is_empty());
        assert_eq!(read.settings(Settings::default()), Some(settings));
        assert_eq!(read.settings(settings), None);
    }

    #[test]
    fn what_a_pack_does_unusually_round_trips() {
        let own = Settings { gamma: 9.0, alpha: 0.25, batch: 64, ..Settings::default() };
        let back = Settings::for_interaction(own.interaction);
        let odd = Settings { learning_rate: 0.000_012_345, ..own };
        for settings in [own, back, odd, Settings::for_interaction(Interaction::DistMult)] {
            let text = Link::to(&pack(own), None, settings, BackendChoice::Auto).query();
            let (read, refused) = Link::parse(&text);
            assert!(refused.is_empty(), "{text}");
            assert_eq!(read.settings(own).unwrap_or(own), settings, "{text}");
        }
    }

    #[test]
    fn every_model_and_every_text_round_trips() {
        let texts = Template::ALL.map(Some).into_iter().chain([None]).map(TextSettings::of);
        for own in texts.clone().map(|text| Settings { text, ..Settings::default() }) {
            for (interaction, text) in
                Interaction::ALL.into_iter().flat_map(|v| texts.clone().map(move |text| (v, text)))
            {
                let settings = Settings { text, ..Settings::for_interaction(interaction) };
                let link = Link::to(&pack(own), None, settings, BackendChoice::Auto).query();
                let (read, refused) = Link::parse(&link);
                assert!(refused.is_empty(), "{link}");
                assert_eq!(read.settings(own).unwrap_or(own), settings, "{link}");
                let is_told = text != own.text;
                assert_eq!(link.contains("&text="), is_told, "{link}");
            }
        }
    }

    #[test]
    fn a_link_to_what_cannot_be_trained_is_refused_in_words() {
        for (query, words) in [
            ("?model=complex&dim=33", "ComplEx needs an even dimension, not 33"),
            ("?model=rotate&dim=1", "RotatE needs an even dimension, not 1"),
            ("?dim=4294967295", "dimension must lie between"),
            ("?text=good&lr=0", "learning rate must lie above 0"),
        ] {
            let (link, refused) = Link::parse(query);
            assert!(refused.is_empty(), "{query}");
            let settings = link.settings(Settings::default()).expect("it asks for something");
            let error = settings.check().expect_err("it cannot be trained").to_string();
            assert!(error.contains(words), "{query}: {error}");
        }
        assert_eq!(Link::parse("?text=best&text=").1, ["text=best", "text="]);
    }

    #[test]
    fn strange_values_are_told_and_left_out() {
        let (link, refused) = Link::parse("?pack=../secret&dim=many&lr=NaN&model=magic&unknown=1&seed=7");
        assert_eq!(refused, ["pack=../secret", "dim=many", "lr=NaN", "model=magic"]);
        assert_eq!(link, Link { seed: Some(7), ..Link::default() });
    }

    #[test]
    fn an_empty_address_asks_for_nothing() {
        let (link, refused) = Link::parse("");
        assert!(refused.is_empty());
        assert_eq!(link.settings(Settings::default()), None);
        assert_eq!(link.query(), "");
    }

    #[test]
    fn pack_names_are_plain() {
        assert!(is_pack_name("starter") && is_pack_name("drkg-2020"));
        for bad in ["", "a/b", "..", "Starter", "a b", &"x".repeat(65)] {
            assert!(!is_pack_name(bad), "{bad}");
        }
    }
}
