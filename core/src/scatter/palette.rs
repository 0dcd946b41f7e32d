//! Shape and colour of every entity type.
//!
//! A large graph has more types than colours that people can tell apart, so types fall into seven groups;
//! each group has one colour of the Okabe–Ito family (darkened or lightened until it stands out against
//! the page by at least 3:1), and every known type has a shape of its own, so that colour never stands alone.

use super::shape::Shape;

/// What kinds of things a type belongs to; names the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Group {
    /// Compounds.
    Drug = 0,
    /// Diseases.
    Disease = 1,
    /// Genes and proteins.
    Gene = 2,
    /// Pathways, processes, functions, components.
    Biology = 3,
    /// Symptoms, side effects, anatomy.
    Clinic = 4,
    /// Pharmacologic classes and codes.
    Class = 5,
    /// Anything else.
    Other = 6,
}

/// How a type looks on the map and in the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its shape.
    pub shape: Shape,
    /// Its colour group.
    pub group: Group,
}

impl Group {
    /// All groups, in the order of their numbers.
    pub const ALL: [Group; 7] =
        [Group::Drug, Group::Disease, Group::Gene, Group::Biology, Group::Clinic, Group::Class, Group::Other];

    /// The group with this number.
    pub fn from_number(number: u32) -> Self {
        Self::ALL.get(number as usize).copied().unwrap_or(Group::Other)
    }

    /// Name used for the style sheet's `--mark-…` property.
    pub fn name(self) -> &'static str {
        match self {
            Group::Drug => "drug",
            Group::Disease => "disease",
            Group::Gene => "gene",
            Group::Biology => "biology",
            Group::Clinic => "clinic",
            Group::Class => "class",
            Group::Other => "other",
        }
    }

    /// Red, green, blue on the light or the dark page.
    pub fn colour(self, theme: Theme) -> [u8; 3] {
        match (self, theme) {
            (Group::Drug, Theme::Light) => [0xd0, 0x62, 0x00],
            (Group::Drug, Theme::Dark) => [0xf0, 0x9a, 0x3e],
            (Group::Disease, Theme::Light) => [0x00, 0x68, 0xa6],
            (Group::Disease, Theme::Dark) => [0x62, 0xb6, 0xec],
            (Group::Gene, Theme::Light) => [0x60, 0x86, 0x74],
            (Group::Gene, Theme::Dark) => [0x86, 0xad, 0x99],
            (Group::Biology, Theme::Light) => [0x7f, 0x74, 0x9c],
            (Group::Biology, Theme::Dark) => [0xa3, 0x98, 0xc2],
            (Group::Clinic, Theme::Light) => [0x96, 0x73, 0x66],
            (Group::Clinic, Theme::Dark) => [0xbd, 0x9b, 0x8d],
            (Group::Class, Theme::Light) => [0x8c, 0x7a, 0x2f],
            (Group::Class, Theme::Dark) => [0xc2, 0xae, 0x62],
            (Group::Other, Theme::Light) => [0x7d, 0x7c, 0x78],
            (Group::Other, Theme::Dark) => [0x9c, 0x9b, 0x97],
        }
    }
}

/// The light or the dark page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark marks on light paper.
    Light,
    /// Light marks on dark paper.
    Dark,
}

impl Theme {
    /// The page's background.
    pub fn paper(self) -> [u8; 3] {
        match self {
            Theme::Light => [0xfc, 0xfb, 0xf8],
            Theme::Dark => [0x15, 0x17, 0x1a],
        }
    }

    /// The one accent colour: actions and the selection.
    pub fn accent(self) -> [u8; 3] {
        match self {
            Theme::Light => [0x8a, 0x2b, 0x6d],
            Theme::Dark => [0xef, 0xa3, 0xd0],
        }
    }
}

/// How a type looks. Names are compared without case and without what separates their words.
pub fn mark_of(type_name: &str) -> Mark {
    let plain: String = type_name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let (shape, group) = match plain.as_str() {
        "compound" | "drug" | "chemical" => (Shape::Disc, Group::Drug),
        "disease" | "phenotype" => (Shape::Square, Group::Disease),
        "gene" | "protein" => (Shape::Triangle, Group::Gene),
        "biologicalprocess" => (Shape::Diamond, Group::Biology),
        "pathway" => (Shape::Hexagon, Group::Biology),
        "molecularfunction" => (Shape::Pentagon, Group::Biology),
        "cellularcomponent" => (Shape::OpenSquare, Group::Biology),
        "symptom" => (Shape::Cross, Group::Clinic),
        "sideeffect" => (Shape::Wedge, Group::Clinic),
        "anatomy" => (Shape::Star, Group::Clinic),
        "pharmacologicclass" => (Shape::Ring, Group::Class),
        "atc" => (Shape::Plus, Group::Class),
        "tax" | "organism" | "virus" => (Shape::Target, Group::Other),
        _ => (Shape::Plus, Group::Other),
    };
    Mark { shape, group }
}

/// A type's name in plain words, one or many: `SideEffect` → `side effect`, `side effects`.
pub fn words_of(type_name: &str, many: bool) -> String {
    let mut words = String::new();
    for c in type_name.chars() {
        if c.is_ascii_uppercase() && words.ends_with(|last: char| last.is_ascii_lowercase()) {
            words.push(' ');
        }
        words.push(if matches!(c, '_' | '-') { ' ' } else { c.to_ascii_lowercase() });
    }
    match words.as_str() {
        "compound" => words = "drug".into(),
        "atc" => words = "ATC code".into(),
        "tax" => words = "organism".into(),
        _ => {}
    }
    if many {
        if words.ends_with("my") || words.ends_with("ss") {
            words = if words.ends_with("my") { "body parts".into() } else { words + "es" };
        } else {
            words.push('s');
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(rgb: [u8; 3]) -> f32 {
        let linear = |v: u8| {
            let v = f32::from(v) / 255.0;
            if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
    }

    fn contrast(a: [u8; 3], b: [u8; 3]) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn marks_stand_out_against_the_page() {
        for theme in [Theme::Light, Theme::Dark] {
            for group in Group::ALL {
                let ratio = contrast(group.colour(theme), theme.paper());
                assert!(ratio >= 3.0, "{group:?} on {theme:?}: {ratio}");
            }
            assert!(contrast(theme.accent(), theme.paper()) >= 4.5);
        }
    }

    #[test]
    fn known_types_differ_in_shape() {
        let names = [
            "Compound",
            "Disease",
            "Gene",
            "Biological Process",
            "Pathway",
            "Molecular Function",
            "Cellular Component",
            "Symptom",
            "Side Effect",
            "Anatomy",
            "Pharmacologic Class",
            "Atc",
            "Tax",
        ];
        for (i, a) in names.iter().enumerate() {
            for b in &names[i + 1..] {
                assert_ne!(mark_of(a).shape, mark_of(b).shape, "{a} and {b}");
            }
        }
        assert_eq!(mark_of("side_effect"), mark_of("SideEffect"));
        assert_eq!(mark_of("anything").group, Group::Other);
    }

    #[test]
    fn types_read_as_words() {
        assert_eq!(words_of("SideEffect", true), "side effects");
        assert_eq!(words_of("Side Effect", false), "side effect");
        assert_eq!(words_of("Compound", true), "drugs");
        assert_eq!(words_of("Biological Process", true), "biological processes");
        assert_eq!(words_of("Anatomy", true), "body parts");
        assert_eq!(words_of("Gene", true), "genes");
    }
}
