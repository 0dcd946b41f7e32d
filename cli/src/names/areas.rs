//! The field of medicine of a disease, in the words that the bundled pack uses.
//!
//! A disease may belong to several fields (lung cancer to two): the first of the list counts. In Disease Ontology the
//! field follows from the ancestors, in MeSH from the start of the tree numbers, elsewhere from words.

use std::collections::HashMap;

/// Area, its classes in Disease Ontology, its branches of MeSH's tree, and words that tables use for it.
type Area = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const AREAS: &[Area] = &[
    ("cancer", &["doid:14566", "doid:162"], &["C04"], &["cancer", "neoplas"]),
    ("infection", &["doid:0050117"], &["C01", "C02", "C03"], &["infect", "parasit", "bacterial", "viral"]),
    ("psychiatry", &["doid:150"], &["F03"], &["psychiatr", "mental"]),
    ("neurology", &["doid:863"], &["C10"], &["nervous system", "neurolog"]),
    ("cardiovascular", &["doid:1287"], &["C14"], &["cardiovascular"]),
    ("respiratory", &["doid:1579"], &["C08"], &["respiratory"]),
    ("gastroenterology", &["doid:77"], &["C06"], &["digestive", "gastrointestinal"]),
    ("endocrine", &["doid:28"], &["C19"], &["endocrine"]),
    ("metabolic", &["doid:0014667"], &["C18"], &["metabol", "nutrition"]),
    ("haematology", &["doid:74"], &["C15"], &["blood", "hematol", "hematopoietic"]),
    ("renal", &["doid:18"], &["C12.777", "C12.050.351.968", "C12.200.777"], &["urinary", "urogenital disease"]),
    ("reproductive", &["doid:15"], &["C12", "C13"], &["reproductive", "pregnancy", "urogenital"]),
    ("eye", &["doid:5614"], &["C11"], &["eye disease"]),
    ("dermatology", &["doid:16"], &["C17.800"], &["skin", "integument"]),
    ("musculoskeletal", &["doid:17"], &["C05", "C17.300"], &["musculoskeletal", "connective tissue"]),
    ("immunology", &["doid:2914"], &["C20"], &["immun"]),
    ("rare disease", &["doid:630"], &["C16"], &["genetic", "congenital"]),
];

/// Steps up at most: more than any ontology is deep, so that a circle ends.
const MOST_STEPS: usize = 64;
/// Ancestors at most, should an ontology be hostile.
const MOST_ANCESTORS: usize = 512;

/// Area of a class of Disease Ontology, from its own parents and theirs.
pub fn by_ancestors(id: &str, parents: &HashMap<&str, &[String]>) -> Option<&'static str> {
    let mut ancestors = vec![id];
    let mut from = 0;
    for _ in 0..MOST_STEPS {
        let to = ancestors.len();
        for at in from..to {
            for parent in parents.get(ancestors[at]).copied().unwrap_or_default() {
                if ancestors.len() < MOST_ANCESTORS && !ancestors.contains(&parent.as_str()) {
                    ancestors.push(parent);
                }
            }
        }
        from = to;
    }
    first(|(_, classes, _, _)| classes.iter().any(|class| ancestors.contains(class)))
}

/// Area of a MeSH heading, from its tree numbers.
pub fn by_tree_numbers(numbers: &[String]) -> Option<&'static str> {
    first(|(_, _, branches, _)| branches.iter().any(|branch| numbers.iter().any(|number| is_below(number, branch))))
}

fn is_below(number: &str, branch: &str) -> bool {
    number.strip_prefix(branch).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Area that some words are about.
pub fn by_words(words: &str) -> Option<&'static str> {
    let words = words.to_lowercase();
    first(|(_, _, _, known)| known.iter().any(|word| words.contains(word)))
}

fn first(is_it: impl Fn(&Area) -> bool) -> Option<&'static str> {
    AREAS.iter().find(|area| is_it(area)).map(|area| area.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_area_of_a_disease_counts() {
        let parents = [
            ("doid:1324", vec!["doid:0050615".to_owned()]),
            ("doid:0050615", vec!["doid:1579".to_owned(), "doid:162".to_owned()]),
            // A circle ends.
            ("doid:1", vec!["doid:2".to_owned()]),
            ("doid:2", vec!["doid:1".to_owned(), "doid:863".to_owned()]),
        ];
        let parents: HashMap<&str, &[String]> = parents.iter().map(|(id, up)| (*id, up.as_slice())).collect();
        assert_eq!(by_ancestors("doid:1324", &parents), Some("cancer"));
        assert_eq!(by_ancestors("doid:1", &parents), Some("neurology"));
        assert_eq!(by_ancestors("doid:9", &parents), None);
        let numbers = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(by_tree_numbers(&numbers(&["C18.452.394.750.149", "C19.246.300"])), Some("endocrine"));
        assert_eq!(by_tree_numbers(&numbers(&["C100", "D03.1"])), None);
        assert_eq!(by_words("Nervous system disease"), Some("neurology"));
        assert_eq!(by_words("unspecific"), None);
    }
}
