//! Whose data may be published? Every source of a pack must say its licence.

use anyhow::{Result, bail};
use lladr_core::pack::Manifest;

/// Refuses a pack of unknown terms unless that is allowed.
pub fn check(manifest: &Manifest, is_allowed: bool) -> Result<()> {
    let silent: Vec<&str> = manifest
        .sources
        .iter()
        .filter(|source| source.licence.trim().is_empty())
        .map(|source| source.name.as_str())
        .collect();
    let what = match (silent.as_slice(), manifest.sources.is_empty(), manifest.licence.trim().is_empty()) {
        (_, true, _) => "the pack names no source".to_owned(),
        ([], _, true) => "the pack as a whole has no licence: say --licence".to_owned(),
        ([], ..) => return Ok(()),
        (silent, ..) => format!("no licence is known of {}", silent.join(", ")),
    };
    if is_allowed {
        eprintln!("lladr: {what}; written all the same, as asked");
        return Ok(());
    }
    bail!(
        "{what}. Import again with --source and --licence, or say --allow-unlicensed if you know that you may publish it"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::pack::{MOST_IN_BROWSER, Source};

    fn manifest() -> Result<Manifest> {
        let bytes = include_bytes!("../../../public/packs/starter/pack.json");
        Ok(Manifest::parse(bytes, MOST_IN_BROWSER)?)
    }

    #[test]
    fn each_source_says_its_licence() -> Result<()> {
        let good = manifest()?;
        assert!(check(&good, false).is_ok());
        let source = Source { name: "somewhere".into(), licence: " ".into(), used_for: "all".into() };
        let silent = Manifest { sources: vec![source], ..good.clone() };
        assert!(check(&silent, false).is_err_and(|error| error.to_string().contains("somewhere")));
        assert!(check(&silent, true).is_ok());
        assert!(check(&Manifest { sources: Vec::new(), ..good.clone() }, false).is_err());
        assert!(check(&Manifest { licence: String::new(), ..good }, false).is_err());
        Ok(())
    }
}
