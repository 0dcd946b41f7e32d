//! Outward links of an entity: plain links a person opens; nothing is fetched.
//!
//! Identifiers look like `Type::Value`, where the value may carry its source, as in `MESH:D003920`,
//! `DOID:9352` or `DB00945`.

/// A link: where it leads and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outward {
    /// Name of the site.
    pub site: &'static str,
    /// Address.
    pub href: String,
}

/// Links for an entity, the most specific first.
pub fn outward(id: &str, label: &str) -> Vec<Outward> {
    let (kind, value) = id.split_once("::").unwrap_or(("", id));
    let mut links = Vec::new();
    let mut add = |site, base: &str, value: &str| links.push(Outward { site, href: base.to_owned() + &encode(value) });
    if let Some(accession) = drugbank(value) {
        add("DrugBank", "https://go.drugbank.com/drugs/", accession);
    }
    match value.split_once(':') {
        Some(("MESH", rest)) => add("MeSH", "https://meshb.nlm.nih.gov/record/ui?ui=", rest),
        Some(("DOID", _)) => add("Disease Ontology", "https://disease-ontology.org/term/", value),
        Some(("OMIM", rest)) => add("OMIM", "https://omim.org/entry/", rest),
        Some(("GO", _)) => add("Gene Ontology", "https://amigo.geneontology.org/amigo/term/", value),
        Some(("UBERON", _)) => add("Uberon", "https://www.ebi.ac.uk/ols4/ontologies/uberon/classes?obo_id=", value),
        _ => {}
    }
    if kind == "Gene" && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        add("NCBI Gene", "https://www.ncbi.nlm.nih.gov/gene/", value);
    }
    if let Some(chembl) = value.strip_prefix("CHEMBL")
        && chembl.bytes().all(|b| b.is_ascii_digit())
    {
        add("ChEMBL", "https://www.ebi.ac.uk/chembl/compound_report_card/", value);
    }
    if !label.is_empty() && label != id {
        add("PubMed search", "https://pubmed.ncbi.nlm.nih.gov/?term=", label);
    }
    links
}

/// Searches for a drug and a disease together: where evidence can be checked.
pub fn evidence(drug: &str, disease: &str) -> Vec<Outward> {
    let both = encode(&format!("\"{drug}\" \"{disease}\""));
    vec![
        Outward { site: "PubMed, both together", href: "https://pubmed.ncbi.nlm.nih.gov/?term=".to_owned() + &both },
        Outward {
            site: "ClinicalTrials.gov",
            href: format!("https://clinicaltrials.gov/search?cond={}&intr={}", encode(disease), encode(drug)),
        },
    ]
}

fn drugbank(value: &str) -> Option<&str> {
    let value = value.rsplit(':').next().unwrap_or(value);
    let digits = value.strip_prefix("DB")?;
    (digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(value)
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites(id: &str) -> Vec<&'static str> {
        outward(id, "a name").into_iter().map(|link| link.site).collect()
    }

    #[test]
    fn identifiers_lead_to_their_sources() {
        assert_eq!(sites("Compound::DB00945"), ["DrugBank", "PubMed search"]);
        assert_eq!(sites("Disease::MESH:D003920"), ["MeSH", "PubMed search"]);
        assert_eq!(sites("Disease::DOID:9352"), ["Disease Ontology", "PubMed search"]);
        assert_eq!(sites("Gene::1956"), ["NCBI Gene", "PubMed search"]);
        assert_eq!(sites("Biological Process::GO:0006954"), ["Gene Ontology", "PubMed search"]);
        assert_eq!(sites("Compound::DBsomething"), ["PubMed search"]);
        assert_eq!(outward("Thing::1", "Thing::1"), []);
    }

    #[test]
    fn names_cannot_break_out_of_an_address() {
        let link = &outward("Thing::1", "a\"b&c=d <e>")[0];
        assert_eq!(link.href, "https://pubmed.ncbi.nlm.nih.gov/?term=a%22b%26c%3Dd+%3Ce%3E");
    }
}
