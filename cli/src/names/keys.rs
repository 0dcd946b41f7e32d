//! One spelling for identifiers, whoever writes them: `scheme:local`, the scheme in lower case.
//!
//! DRKG's entities are `Type::identifier`. What stands behind the type is a CURIE (`Disease::MESH:D003924`), or a bare
//! identifier whose scheme follows from the type (`Gene::5742` is NCBI Gene's) or from its own form
//! (`Compound::DB00945` is DrugBank's, `Compound::CHEMBL25` ChEMBL's). Some genes are several: `Gene::1019;1021`.

/// Prefixes that mean the same scheme.
const ALIASES: [(&str, &str); 16] = [
    ("msh", "mesh"),
    ("mesh_id", "mesh"),
    ("umls_cui", "umls"),
    ("mim", "omim"),
    ("omimps", "omim"),
    ("ordo", "orphanet"),
    ("orpha", "orphanet"),
    ("ncbigene", "entrez"),
    ("geneid", "entrez"),
    ("gene", "entrez"),
    ("ncbitaxon", "taxon"),
    ("taxonomy", "taxon"),
    ("icd10", "icd-10"),
    ("icd10cm", "icd-10"),
    ("snomed", "snomedct"),
    ("snomedct_us", "snomedct"),
];

/// A key from a scheme and the identifier in it.
pub fn key(scheme: &str, local: &str) -> String {
    let scheme = scheme.trim().to_ascii_lowercase();
    let known = ALIASES.iter().find(|(alias, _)| *alias == scheme).map_or(scheme.as_str(), |(_, scheme)| scheme);
    format!("{known}:{}", local.trim())
}

/// A key from a CURIE such as `DOID:9352`; `None` for anything else.
pub fn curie(text: &str) -> Option<String> {
    let (scheme, local) = text.trim().split_once(':')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_scheme = !scheme.is_empty() && scheme.chars().all(is_plain);
    (is_scheme && !local.trim().is_empty() && !local.starts_with(':')).then(|| key(scheme, local))
}

/// Keys of an entity's identifier: more than one where it stands for several things.
pub fn of_entity(id: &str) -> Vec<String> {
    let Some((kind, rest)) = id.split_once("::") else { return Vec::new() };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let behind = |prefix: &str| rest.strip_prefix(prefix).is_some_and(digits);
    match kind {
        "Gene" => {
            let parts = rest.split([';', '|']).map(str::trim).filter(|part| !part.is_empty());
            parts.map(|part| curie(part).unwrap_or_else(|| key("entrez", part))).collect()
        }
        _ if rest.contains(':') => curie(rest).into_iter().collect(),
        "Compound" if behind("DB") => vec![key("drugbank", rest)],
        "Compound" if behind("CHEMBL") => vec![key("chembl", rest)],
        "Side Effect" => vec![key("umls", rest)],
        "Symptom" => vec![key("mesh", rest)],
        "Atc" => vec![key("atc", rest)],
        "Pathway" => vec![key("pathway", rest)],
        "Pharmacologic Class" => vec![key("ndfrt", rest)],
        "Tax" => vec![key("taxon", rest)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drkg_and_the_tables_spell_alike() {
        let of = |id| of_entity(id).join(" ");
        assert_eq!(of("Compound::DB00945"), key("DrugBank", "DB00945"));
        assert_eq!(of("Compound::CHEMBL25"), "chembl:CHEMBL25");
        assert_eq!(of("Compound::MESH:C000015"), key("MSH", "C000015"));
        assert_eq!(of("Compound::chebi:141552"), of("Compound::CHEBI:141552"));
        assert_eq!(Some(of("Disease::DOID:9352")), curie("DOID:9352"));
        assert_eq!(of("Disease::OMIM:143890"), key("MIM", "143890"));
        assert_eq!(of("Gene::1019;1021"), "entrez:1019 entrez:1021");
        assert_eq!(of("Gene::drugbank:BE0000048"), "drugbank:BE0000048");
        assert_eq!(of("Symptom::D006261"), of("Disease::MESH:D006261"));
        assert_eq!(Some(of("Side Effect::C0001849")), curie("UMLS_CUI:C0001849"));
        assert_eq!(of("Disease::SARS-CoV2 E"), "");
        assert_eq!(of("Compound::aspirin"), "");
    }

    #[test]
    fn what_is_no_identifier_gives_no_key() {
        for text in ["", ":", "DOID:", "a b:1", "Gene::5742", "http://example.org"] {
            assert!(curie(text).is_none_or(|key| key.starts_with("http:")), "{text:?}");
        }
    }
}
