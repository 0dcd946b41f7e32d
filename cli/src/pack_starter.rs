//! `lladr pack-starter`: tables → graph → split → trained model with metrics → pack folder.
//!
//! Everything is computed in portable arithmetic, so that the bytes are the same on every machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use lladr_core::backend::{AnyBackend, Parameters, cpu::CpuBackend};
use lladr_core::graph::{KnowledgeGraph, Split};
use lladr_core::model::{Arithmetic, Interaction, Model};
use lladr_core::pack::{
    self, Contents, Manifest, MetricLine, ModelCard, Pack, RoleNames, Source, SplitCard, Storage, TemplateCard,
    TextCard, TextVectors,
};
use lladr_core::settings::Settings;
use lladr_core::train::{Trainer, run_data, run_spec};
use safetensors::SafeTensors;

use crate::folder;
use crate::layout::{Layout, lay_out};
use crate::measure::measure;
use crate::rankings;
use crate::starter::{self, HELD_OUT_SHARE, SPLIT_SEED, Starter, Tables, Texts};

/// Epochs of the shipped model.
const EPOCHS: u32 = 300;
const DEFAULT_DISEASE: &str = "Disease::DOID:9352";

/// The templates and their prompts.
const PROMPTS: [(&str, &str); 4] = [
    ("name", "None: the bare name."),
    (
        "original",
        "You are an expert in biomedicine. Describe {name} ({type}): its background, and what it is used for or what \
         part it plays. One paragraph.",
    ),
    (
        "good",
        "Write a structured record of {name} ({type}) in one paragraph: what it is; Background: …; Key features: …; \
         Clinical relevance: … . No markdown, no lists, no line breaks; N/A where nothing is established.",
    ),
    ("masked", "The answer to \"good\", in which every name and synonym of a held-out partner is replaced."),
];

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with drugs.tsv, diseases.tsv, genes.tsv, terms.tsv, cases.tsv, descriptions.tsv and text.safetensors.
    #[arg(long, default_value = "packs/starter")]
    tables: PathBuf,
    /// Folder to write; its files are replaced.
    #[arg(long, default_value = "public/packs/starter")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let tables = Tables::read(&args.tables)?;
    let starter = starter::build(&tables)?;
    let texts = Texts::of(&starter, &tables)?;
    let vectors = read_vectors(&args.tables.join("text.safetensors"), &texts)?;
    let Starter { graph, mut notes } = starter;
    notes.descriptions = texts.descriptions();

    let settings = starter_settings();
    let model = rounded(train(&graph, &settings)?)?;
    let metrics = measure(&graph, &model, EPOCHS, Arithmetic::Portable);
    let (layout, layout_card) = lay_out(&graph, &model, Layout::Umap)?;
    for metric in metrics.iter().chain(&layout_card.metrics) {
        println!("{:<28} {:>8}  {}", metric.name, metric.value, metric.protocol);
    }
    println!("map: {}", layout_card.words());
    let text_card = text_card(&texts, &graph);
    for leak in &text_card.leaks {
        println!("leak, {:<22} {:>4} of {} held-out pairs are named", leak.template, leak.named, leak.pairs);
    }
    let manifest = Manifest { layout: Some(layout_card), texts: Some(text_card), ..manifest(settings, metrics) };
    let default_disease = graph.vocabulary.entity_row(DEFAULT_DISEASE);
    let mut pack = Pack {
        manifest,
        hash: String::new(),
        graph,
        model: Some(model),
        notes,
        layout: Some(layout),
        text: Some(vectors),
        default_disease,
    };
    pack.manifest.split.triples = Split::ALL.map(|split| pack.graph.triples(split).len() as u32);
    let first = default_disease.ok_or_else(|| anyhow!("{DEFAULT_DISEASE} is in no table"))?;
    let rankings = rankings::of(&pack, &[first], rankings::ROWS)?;
    let contents = Contents { rankings: &rankings, ..pack.contents() };
    let files = pack::write(pack.manifest.clone(), &contents, Storage::PAGE)?;
    let read_back = pack::read(&files, pack::MOST_IN_BROWSER)?;
    folder::write_files(&args.out, &files)?;
    let graph = &pack.graph;
    println!(
        "{}: {} entities, {} relations, {:?} triples (train, valid, test); {} bytes in {} files; hash {}",
        args.out.display(),
        graph.entity_count(),
        graph.relation_count(),
        Split::ALL.map(|split| graph.triples(split).len()),
        files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>(),
        files.len(),
        read_back.hash,
    );
    Ok(())
}

/// The model as the pack stores it, in half precision: what is measured is what is shipped.
fn rounded(model: Model) -> Result<Model> {
    let rows = Storage::PAGE.rows.rounded(model.rows(), model.dim());
    let relations = model.rows().len() / model.dim() - model.entity_count();
    Ok(Model::new(model.interaction, model.gamma, model.entity_count(), relations, model.dim(), rows)?)
}

/// Text vectors that `lladr encode` made of exactly these texts.
fn read_vectors(path: &Path, texts: &Texts) -> Result<TextVectors> {
    let again = "run `lladr encode` again";
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}; {again}", path.display()))?;
    let (_, header) = SafeTensors::read_metadata(&bytes)?;
    let about = header.metadata().as_ref().and_then(|about| about.get("texts_sha256"));
    if about != Some(&starter::texts_hash(texts)) {
        bail!("{} belongs to other descriptions; {again}", path.display());
    }
    let templates = texts.columns().map(|(name, _)| name);
    let file = path.display().to_string();
    Ok(TextVectors::parse(&file, &bytes, templates, texts.name.len())?)
}

fn text_card(texts: &Texts, graph: &KnowledgeGraph) -> TextCard {
    let template = |(name, prompt): (&str, &str)| TemplateCard { name: name.into(), prompt: prompt.into() };
    TextCard {
        written_by: "a large language model".into(),
        date: "2026-11-23".into(),
        templates: PROMPTS.map(template).into(),
        leaks: texts.leaks(graph),
        vectors: "all-MiniLM-L6-v2 (Apache-2.0), mean over tokens, length 1; centred, reduced to principal components \
                  (one basis for names, one for descriptions), scaled to a mean squared length of 1, in half precision"
            .into(),
        coverage: Vec::new(),
    }
}

fn starter_settings() -> Settings {
    Settings::for_interaction(Interaction::TransEL2)
}

fn train(graph: &KnowledgeGraph, settings: &Settings) -> Result<Model> {
    let spec = run_spec(graph, settings);
    let data = run_data(graph, &spec, None, None)?;
    let backend = CpuBackend::new(spec, Arithmetic::Portable, data.clone(), Parameters::initial(&spec, &data));
    let mut trainer = Trainer::new(spec, data, AnyBackend::Cpu(backend));
    let bar = indicatif::ProgressBar::new(u64::from(EPOCHS));
    bar.set_style(indicatif::ProgressStyle::with_template("training {bar:30} epoch {pos}/{len}  {eta}")?);
    for _ in 0..EPOCHS {
        pollster::block_on(trainer.advance(trainer.steps_per_epoch(), settings.learning_rate))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(pollster::block_on(trainer.read())?.0)
}

fn manifest(settings: Settings, metrics: Vec<MetricLine>) -> Manifest {
    Manifest {
        format: "lladr-pack".into(),
        version: pack::VERSION,
        title: "Starter".into(),
        description: "A small graph of well-known drugs, diseases, genes and their surroundings, written for this \
                      project from general biomedical knowledge. It is for learning and for trying things out; it \
                      is far from complete."
            .into(),
        licence: "CC0-1.0".into(),
        sources: vec![Source {
            name: "LLaDR Explorer".into(),
            licence: "CC0-1.0".into(),
            used_for: "all facts, under public identifiers of DrugBank, Disease Ontology, MeSH, NCBI Gene, Gene \
                       Ontology, Uberon, UMLS, ATC and others, with relations named as in DRKG"
                .into(),
        }],
        made_by: "lladr pack-starter, from the tables in packs/starter".into(),
        roles: Some(RoleNames {
            drug_type: "Compound".into(),
            disease_type: "Disease".into(),
            treatments: starter::TREATMENTS.map(str::to_owned).into(),
            default_disease: DEFAULT_DISEASE.into(),
        }),
        split: SplitCard {
            rule: format!(
                "{} % of the drug–disease pairs with a treatment to test and as many to valid, a pair under all its \
                 relations at once; both ends keep a training triple; the pairs of the cases are in test",
                (HELD_OUT_SHARE * 100.0).round()
            ),
            seed: SPLIT_SEED,
            triples: [0; 3],
        },
        model: Some(ModelCard { settings, epochs: EPOCHS, metrics, origin: String::new() }),
        layout: None,
        texts: None,
        files: Vec::new(),
    }
}
