//! `lladr rank` on the bundled pack.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lladr_core::session::Ranking;
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/packs/starter")
}

fn rank(args: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_lladr")).args(["rank", "--pack"]).arg(starter()).args(args).output()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A ranking that the pack brings, as the page shows it first.
fn brought() -> Result<Ranking, Box<dyn std::error::Error>> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(starter())?.flatten().map(|entry| entry.path()).collect();
    names.sort();
    let is_ranking =
        |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ranking-"));
    let file = names.iter().find(is_ranking).ok_or("the pack brings no ranking")?;
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

#[test]
fn the_command_says_what_the_page_says() -> Outcome {
    let page = brought()?;
    for asked in [&page.disease.id, &page.disease.label.to_uppercase()] {
        let output = rank(&["--disease", asked, "--top", "0", "--json", "-"])?;
        assert!(output.status.success(), "{}", error(&output));
        let told: Value = serde_json::from_slice(&output.stdout)?;
        let rows = told["rows"].as_array().ok_or("no rows")?;
        assert_eq!(rows.len(), page.candidates as usize);
        for (own, shown) in rows.iter().zip(&page.rows) {
            assert_eq!(own["drug"], *shown.drug.id);
            assert_eq!(own["name"], *shown.drug.label);
            assert_eq!(own["rank"].as_f64(), Some(f64::from(shown.rank)));
            assert_eq!(own["score"].as_f64().map(|score| score as f32), Some(shown.score));
        }
        assert!(error(&output).contains("not medical advice") && error(&output).contains("known treatment"));
    }
    Ok(())
}

#[test]
fn a_list_can_be_narrowed_and_written() -> Outcome {
    let (page, home) = (brought()?, tempfile::tempdir()?);
    let (list, table) = (home.path().join("list.tsv"), home.path().join("out.tsv"));
    let wanted: Vec<&str> = page.rows.iter().step_by(7).map(|row| row.drug.id.as_str()).collect();
    std::fs::write(&list, wanted.join("\tx\n") + "\nCompound::nowhere\n")?;
    let (list, told) = (list.to_string_lossy(), table.to_string_lossy());
    let output = rank(&["--disease", &page.disease.id, "--candidates", &list, "--top", "3", "--tsv", &told])?;
    assert!(output.status.success() && error(&output).contains("Compound::nowhere"), "{}", error(&output));
    let text = std::fs::read_to_string(&table)?;
    let drugs: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).collect();
    assert_eq!(drugs, wanted[..3]);
    assert!(text.starts_with("rank\tdrug\tname\tstatus\tpercentile\tscore\tbest with\n"));

    let predictions = rank(&["--disease", &page.disease.id, "--predictions", "--top", "0", "--json", "-"])?;
    let told: Value = serde_json::from_slice(&predictions.stdout)?;
    let all_predicted = told["rows"].as_array().is_some_and(|rows| rows.iter().all(|row| row["status"] == "predicted"));
    assert!(all_predicted && told["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    Ok(())
}

#[test]
fn diseases_are_ranked_for_a_drug() -> Outcome {
    let output = rank(&["--drug", "metformin", "--json", "-", "--top", "5"])?;
    assert!(output.status.success(), "{}", error(&output));
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let id = |at: usize| told["rows"][at]["disease"].as_str().unwrap_or_default().to_owned();
    assert!((0..5).all(|at| id(at).starts_with("Disease::")), "{told}");
    Ok(())
}

#[test]
fn questions_that_cannot_be_asked_are_refused_with_an_offer() -> Outcome {
    for (args, words) in [
        (&["--disease", "type 2 diabetis mellitus"][..], "did you mean"),
        (&["--disease", "metformin"], "is no Disease"),
        (&["--drug", "metformin", "--relation", "GNBR::T"], "its treatments are"),
        (&["--drug", "metformin", "--disease", "asthma"], "cannot be used with"),
        (&[], "required"),
    ] {
        let output = rank(args)?;
        assert!(!output.status.success() && error(&output).contains(words), "{args:?}: {}", error(&output));
    }
    Ok(())
}
