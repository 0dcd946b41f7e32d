//! `lladr explain`: what stands for and against a drug in a disease, as the page shows it.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use lladr_core::ids::EntityId;
use lladr_core::pack::Pack;
use lladr_core::predict::{LinkStatus, rank_drugs};
use lladr_core::session::{Explanation, Other, PathGroup, Rivals, pack_explanation};
use serde_json::json;

use crate::output::Output;
use crate::rank::status_words;
use crate::{find, folder};

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the pack.
    #[arg(long, value_name = "DIR", default_value = "public/packs/starter")]
    pack: PathBuf,
    /// The drug, by identifier or name.
    #[arg(long, value_name = "ID|NAME")]
    drug: String,
    /// The disease, by identifier or name.
    #[arg(long, value_name = "ID|NAME")]
    disease: String,
    /// How many sequences of relations to show.
    #[arg(long, default_value_t = 6)]
    groups: usize,
    /// How many single paths of each.
    #[arg(long, default_value_t = 5)]
    paths: usize,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let pack = folder::read(&args.pack)?;
    let vocabulary = &pack.graph.vocabulary;
    let roles = pack.graph.roles.as_ref().context("this pack does not say which entities are drugs and diseases")?;
    let is_of = |row: EntityId, kind| vocabulary.entity(row).is_some_and(|entity| entity.kind == kind);
    let (drug, disease) = (find::entity(vocabulary, &args.drug)?, find::entity(vocabulary, &args.disease)?);
    ensure!(is_of(drug, roles.drug), "{:?} is no {}", args.drug, vocabulary.type_name(roles.drug));
    ensure!(is_of(disease, roles.disease), "{:?} is no {}", args.disease, vocabulary.type_name(roles.disease));
    let (status, candidates) = place(&pack, drug, disease)?;
    let texts = texts(&pack, drug, disease);
    let title = pack.manifest.title.clone();
    let told = pack_explanation(pack, drug, disease)?;
    for line in words(&told, status, candidates, args) {
        args.output.say(line);
    }
    for (name, text, by) in &texts {
        args.output.say(format!("\n{name}, in words of {by}: {text}"));
    }
    let texts = texts.iter().map(|(name, text, by)| json!({ "of": name, "text": text, "by": by }));
    args.output.write(&json!({
        "pack": title, "status": status_words(status), "explanation": told, "texts": texts.collect::<Vec<_>>(),
    }))
}

/// What the graph says of the pair, and how many drugs were ranked.
fn place(pack: &Pack, drug: EntityId, disease: EntityId) -> Result<(LinkStatus, usize)> {
    let model = pack.model.as_ref().context("this pack brings no model: `lladr train --pack --out` gives it one")?;
    let ranked = rank_drugs(&pack.graph, model, disease)?;
    let row = ranked.iter().find(|row| row.drug == drug).context("the drug is not ranked")?;
    Ok((row.status, ranked.len()))
}

/// Descriptions of both, masked where the pack masks, with whose words they are.
fn texts(pack: &Pack, drug: EntityId, disease: EntityId) -> Vec<(String, String, String)> {
    let by = pack.manifest.texts.as_ref().map_or(String::new(), |card| card.written_by.clone());
    let of = |row: EntityId| {
        let (entity, written) = (pack.graph.vocabulary.entity(row)?, pack.notes.description(row)?);
        let texts = [&written.masked, &written.good, &written.original];
        let text = texts.into_iter().find(|text| !text.is_empty())?;
        Some((entity.label.clone(), text.clone(), by.clone()))
    };
    [drug, disease].into_iter().filter_map(of).collect()
}

fn words(told: &Explanation, status: LinkStatus, candidates: usize, args: &Args) -> Vec<String> {
    let against = &told.against;
    let mut lines = vec![
        format!("{} for {}: {}", told.drug.label, told.disease.label, status_words(status)),
        format!("rank {} of {candidates} drugs by {}", against.rank, told.interaction.label()),
        String::new(),
        "For it".to_owned(),
    ];
    let searched = if told.capped.is_empty() { "" } else { " (crowded ends were searched in part)" };
    lines.push(format!(
        "  {} paths of at most {} steps over training triples other than harms{searched}",
        told.path_count, told.longest
    ));
    for group in told.groups.iter().take(args.groups) {
        lines.push(format!("  {} · {} path(s), worth {:.3}", sequence(group), group.count, group.sum));
        for path in group.paths.iter().take(args.paths).filter(|path| path.len() > 1) {
            let stops = path[..path.len() - 1].iter().map(|stop| format!("{} [{:.2}]", stop.entity.label, stop.weight));
            lines.push(format!("    … {} …", stops.collect::<Vec<_>>().join(" – ")));
        }
    }
    lines.extend(near("treatments of this disease most like it", &told.near_drugs, told.near_drugs_known));
    lines.extend(near("diseases it treats, most like this one first", &told.near_diseases, told.near_diseases_known));
    lines.extend([String::new(), "Against it".to_owned()]);
    lines.extend(rivals("drugs rank above it for this disease", &against.drugs));
    lines.extend(rivals("diseases rank above this one for the drug", &against.diseases));
    lines.push(format!(
        "  by its number of triples alone it would rank {}; score and degree correlate with Spearman's ρ {:.2}",
        against.rank_by_degree, against.degree_correlation
    ));
    for caution in against.cautions.iter().chain(&against.other_cautions) {
        lines.push(format!("  caution of the pack: {}, {}", caution.kind.word(), caution.about.label));
    }
    if against.harm_count > 0 {
        lines.push(format!(
            "  {} harms stated in the graph, rare ones first: {}",
            against.harm_count,
            names(&against.harms)
        ));
    }
    lines.push(format!("  {}", against.reliability));
    lines.push(String::new());
    lines.push(
        "These stand beside a score; they are not how it came about. For research and teaching, not medical advice."
            .into(),
    );
    lines
}

/// A sequence of relations, read along its arrows.
fn sequence(group: &PathGroup) -> String {
    let step = |step: &lladr_core::session::StepWords| {
        let arrow = if step.is_forward { ["–", "→"] } else { ["←", "–"] };
        format!(" {} {} {} {}", arrow[0], step.words, arrow[1], step.to)
    };
    "drug".to_owned() + &group.steps.iter().map(step).collect::<String>()
}

fn near(title: &str, entries: &[Other], known: u32) -> Option<String> {
    (!entries.is_empty()).then(|| format!("  {title} ({known} known): {}", names(entries)))
}

fn rivals(title: &str, rivals: &Rivals) -> Option<String> {
    let more = if rivals.above as usize > rivals.first.len() { ", …" } else { "" };
    (rivals.above > 0)
        .then(|| format!("  {} of {} {title}: {}{more}", rivals.above, rivals.candidates, names(&rivals.first)))
}

fn names(entries: &[Other]) -> String {
    entries.iter().map(|entry| entry.entity.label.as_str()).collect::<Vec<_>>().join(", ")
}
