//! How to read a relation aloud, from its head to its tail.
//!
//! DRKG's codes are terse (`Hetionet::CtD::Compound:Disease`). The middle part decides;
//! meanings follow Hetionet's metaedges and the relation glossary that DRKG publishes.

/// Middle part of a relation's identifier, and its reading.
const READINGS: &[(&str, &str)] = &[
    ("CtD", "treats"),
    ("CpD", "eases"),
    ("treats", "treats"),
    ("T", "is reported to treat"),
    ("CcSE", "can cause"),
    ("Sa", "is reported to cause"),
    ("CbG", "binds"),
    ("target", "acts on"),
    ("enzyme", "is metabolised by"),
    ("carrier", "is carried by"),
    ("DaG", "is associated with"),
    ("DpS", "presents with"),
    ("DlA", "is located in"),
    ("DrD", "resembles"),
    ("DdG", "lowers expression of"),
    ("DuG", "raises expression of"),
    ("CdG", "lowers expression of"),
    ("CuG", "raises expression of"),
    ("CrC", "resembles"),
    ("AdG", "lowers expression of"),
    ("AuG", "raises expression of"),
    ("AeG", "expresses"),
    ("GiG", "interacts with"),
    ("GcG", "covaries with"),
    ("Gr>G", "regulates"),
    ("GpPW", "takes part in"),
    ("GpBP", "takes part in"),
    ("GpMF", "takes part in"),
    ("GpCC", "takes part in"),
    ("PCiC", "includes"),
    ("x-atc", "has the ATC code"),
    ("ddi-interactor-in", "interacts with"),
];

/// The reading of a relation's identifier; its middle part where no reading is known.
pub fn relation_words(id: &str) -> String {
    let code = id.split("::").nth(1).unwrap_or(id);
    READINGS.iter().find(|(known, _)| *known == code).map_or(code, |(_, words)| words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_unknown_ones_kept() {
        assert_eq!(relation_words("Hetionet::CtD::Compound:Disease"), "treats");
        assert_eq!(relation_words("STRING::REACTION::Gene:Gene"), "REACTION");
        assert_eq!(relation_words("likes"), "likes");
    }
}
