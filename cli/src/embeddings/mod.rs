//! `lladr import-embeddings`: rows that another program trained, as the model of a pack.
//!
//! A reader for each program gives tables of rows with names and a scoring function in this project's form
//! ([`foreign`]); [`place`] finds the pack's entities and relations in them by name and says what did not match.

mod dglke;
mod foreign;
pub mod names;
pub mod npy;
mod pbg;
mod place;
mod pykeen;
mod text;
pub mod word2vec;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use lladr_core::model::{Interaction, Similarity};
use lladr_core::settings::Template;

use crate::import::open;
use crate::options::named;
use foreign::Rows;
use place::Into;

pub(crate) use dglke::{model_name as dglke_model_name, phase_unit as dglke_phase_unit};
pub(crate) use pbg::word as pbg_word;

/// Options of the command.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    from: From,
}

#[derive(clap::Subcommand)]
enum From {
    /// DGL-KE: its two .npy files and its tables of names, such as DRKG's released TransE_l2.
    ///
    /// DRKG's archive holds them in the folder `embed`: `lladr import-embeddings dglke embed --gamma 12 --pack drkg`.
    /// Tables may be `name TAB id` (DRKG's) or `id TAB name` (DGL-KE's); which is detected.
    Dglke {
        /// Folder with …_entity.npy, …_relation.npy, entities.tsv, relations.tsv and, if it is there, config.json.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
        #[command(flatten)]
        files: Files,
        /// DGL-KE's config.json: scoring function and gamma.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// DGL-KE's name of the scoring function: TransE_l1, TransE_l2, DistMult, ComplEx, RotatE. Without it, as
        /// config.json or the name of the .npy file says.
        #[arg(long)]
        model: Option<String>,
        /// Margin: the score of TransE is gamma − ‖h + r − t‖. Without it, as config.json says.
        #[arg(long)]
        gamma: Option<f32>,
        #[command(flatten)]
        into: Into,
    },
    /// PyKEEN: rows and names that `pykeen_to_lladr.py` took from its result.
    ///
    /// PyKEEN saves a Python pickle, which can run any code when it is read; it is not read here. `lladr export pykeen`
    /// writes the script pykeen_to_lladr.py beside its files: `python pykeen_to_lladr.py RESULT DIR`, in PyKEEN's own
    /// environment, then this command with DIR. TransE (norm 1 and 2), DistMult, ComplEx; RotatE with --as-start, as
    /// PyKEEN's measures another distance.
    Pykeen {
        /// Folder with entity_embeddings.npy, relation_embeddings.npy, entity_to_id.tsv.gz, relation_to_id.tsv.gz and
        /// model.json.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Margin added to PyKEEN's scores. Without it, the margin of its self-adversarial loss, or what training here
        /// takes by itself; ranks do not depend on it.
        #[arg(long)]
        gamma: Option<f32>,
        /// Take rows of a distance that is not here, to go on training from: scores will not be PyKEEN's.
        #[arg(long)]
        as_start: bool,
        #[command(flatten)]
        into: Into,
    },
    /// PyTorch-BigGraph: the tables that torchbiggraph_export_to_tsv writes of a checkpoint.
    ///
    /// Its checkpoint itself (HDF5) is not read: `torchbiggraph_export_to_tsv config.py --entities-output
    /// entity_embeddings.tsv --relation-types-output relation_types_parameters.tsv` first. Operators translation (TransE),
    /// diagonal (DistMult) and complex_diagonal (ComplEx). Identifiers may be written as `lladr export pbg` does, with %20
    /// for a space. Of a model without dynamic_relations, torchbiggraph_export_to_tsv 1.0.0 wants the relations' names in
    /// dynamic_rel_names.json, a JSON list, in entity_path; `lladr export pbg` writes it.
    Pbg {
        /// Folder with entity_embeddings.tsv and relation_types_parameters.tsv.
        #[arg(value_name = "DIR", required_unless_present_all = ["entities", "relations"])]
        folder: Option<PathBuf>,
        /// Rows of entities, if not in the folder.
        #[arg(long, value_name = "FILE")]
        entities: Option<PathBuf>,
        /// Operators of relations, if not in the folder.
        #[arg(long, value_name = "FILE")]
        relations: Option<PathBuf>,
        /// config.json of the checkpoint, if it is not in the folder or in its `model`: the tables do not tell the
        /// comparator.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The comparator, instead of config.json: l2 or squared_l2 with translation, dot with the others.
        #[arg(long)]
        comparator: Option<String>,
        /// Margin added to its negative distances; ranks do not depend on it.
        #[arg(long)]
        gamma: Option<f32>,
        #[command(flatten)]
        into: Into,
    },
    /// Vectors in word2vec's format, text or binary: a model if relations have some too, text vectors otherwise.
    ///
    /// Embedders of words, texts and nodes (word2vec, node2vec, gensim) know no relations, and without relations there
    /// is no score. Then the vectors become those of a text template (--template): what `lladr train --rho 0.6
    /// --zeta-anchor 0.5 --template NAME` anchors rows to, frozen. Train with --dim as long as the vectors: a
    /// narrower model takes the first numbers of each half. With --relations and --model they become a model, as with npy.
    Word2vec {
        /// Vectors of entities; may be gzip'd.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Vectors of relations.
        #[arg(long, value_name = "FILE", requires = "model")]
        relations: Option<PathBuf>,
        /// With --relations: scoring function, transe_l1, transe_l2, distmult, complex, rotate.
        #[arg(long, requires = "relations", value_parser = named(&Interaction::ALL, Interaction::name))]
        model: Option<Interaction>,
        /// With --relations: margin of the distance models.
        #[arg(long, requires = "relations")]
        gamma: Option<f32>,
        /// Without --relations: whose vectors they become, name, original, good or masked.
        #[arg(long, conflicts_with = "relations", required_unless_present = "relations",
            value_parser = named(&Template::ALL, Template::name))]
        template: Option<Template>,
        #[command(flatten)]
        into: Into,
    },
    /// Any two matrices in numpy's format with tables of names.
    ///
    /// Complex numbers are numpy's complex types, or all real parts and then all imaginary parts. RotatE's relations
    /// are complex numbers, or phases in radians, half as many as an entity has numbers.
    Npy {
        #[command(flatten)]
        files: Files,
        /// Scoring function: transe_l1, transe_l2, distmult, complex, rotate.
        #[arg(long, value_parser = named(&Interaction::ALL, Interaction::name))]
        model: Interaction,
        /// Margin of the distance models.
        #[arg(long)]
        gamma: Option<f32>,
        #[command(flatten)]
        into: Into,
    },
}

/// Two matrices and the names of their rows.
#[derive(clap::Args, Debug)]
struct Files {
    /// Rows of entities, numpy's format: half, single or double precision.
    #[arg(long, value_name = "FILE")]
    entities_npy: Option<PathBuf>,
    /// Rows of relations.
    #[arg(long, value_name = "FILE")]
    relations_npy: Option<PathBuf>,
    /// Which row is which entity: name TAB row, or row TAB name; rows count from 0.
    #[arg(long, value_name = "FILE")]
    entity_table: Option<PathBuf>,
    /// Which row is which relation.
    #[arg(long, value_name = "FILE")]
    relation_table: Option<PathBuf>,
}

impl Files {
    fn all(&self) -> Result<[Rows; 2]> {
        let (Some(entities), Some(relations), Some(entity_table), Some(relation_table)) =
            (&self.entities_npy, &self.relations_npy, &self.entity_table, &self.relation_table)
        else {
            bail!("say --entities-npy, --relations-npy, --entity-table and --relation-table");
        };
        Ok([Rows::read(entities, entity_table)?, Rows::read(relations, relation_table)?])
    }
}

/// The margin on the command line.
#[derive(Debug, Clone, Copy)]
struct Margin(Option<f32>);

impl Margin {
    /// The margin given here, or the one found beside the rows; a distance model needs one.
    fn of(self, interaction: Interaction, found: Option<f32>) -> Result<f32> {
        let gamma = self.0.or(found);
        if interaction.similarity() == Similarity::Dot {
            return Ok(usual_gamma(interaction));
        }
        let gamma = gamma.with_context(|| {
            format!(
                "say --gamma: nothing here tells the margin of {} (DRKG's released model has 12)",
                interaction.label()
            )
        })?;
        ensure!(
            gamma.is_finite() && gamma > 0.0 && gamma <= 1000.0,
            "gamma must lie above 0 and at most 1000, not {gamma}"
        );
        Ok(gamma)
    }
}

/// The margin that training takes by itself; scores of products do not depend on it.
fn usual_gamma(interaction: Interaction) -> f32 {
    lladr_core::settings::Settings::for_interaction(interaction).gamma
}

/// Runs the command.
///
/// # Errors
/// When a file is malformed, rows do not fit together, or the pack cannot be read or written.
pub fn run(args: &Args) -> Result<()> {
    match &args.from {
        From::Dglke { folder, files, config, model, gamma, into } => place::run(into, || {
            dglke::read(folder.as_deref(), files, config.as_deref(), model.as_deref(), Margin(*gamma))
        }),
        From::Pykeen { folder, gamma, as_start, into } => place::run(into, || pykeen::read(folder, *gamma, *as_start)),
        From::Pbg { folder, entities, relations, config, comparator, gamma, into } => place::run(into, || {
            let path = |given: &Option<PathBuf>, name: &str| {
                let inside = folder.as_ref().map(|folder| folder.join(name));
                given.clone().or(inside).with_context(|| format!("say where {name} is"))
            };
            let entities = path(entities, "entity_embeddings.tsv")?;
            let relations = path(relations, "relation_types_parameters.tsv")?;
            let inside = |name: &&str| folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.is_file());
            let config = config.clone().or_else(|| ["model/config.json", "config.json"].iter().find_map(inside));
            let comparator = match (comparator, config) {
                (Some(given), _) => given.clone(),
                (None, Some(config)) => pbg::comparator(&config)?,
                (None, None) => bail!("say --comparator, or --config with the checkpoint's config.json"),
            };
            pbg::read(&entities, &relations, &comparator, *gamma)
        }),
        From::Word2vec { file, relations, model, gamma, template, into } => {
            let read = |path: &Path| {
                let failed = || format!("cannot read {}", path.display());
                word2vec::read(open(path)?).with_context(failed)
            };
            match (relations, model, template) {
                (Some(relations), Some(interaction), _) => place::run(into, || {
                    let gamma = Margin(*gamma).of(*interaction, None)?;
                    let origin = format!("Rows of {} read from word2vec's format.", interaction.label());
                    foreign::model(*interaction, gamma, [read(file)?, read(relations)?], 1.0, origin)
                }),
                (_, _, Some(template)) => text::run(into, file, *template, || read(file)),
                _ => bail!("say --template, or --relations and --model"),
            }
        }
        From::Npy { files, model, gamma, into } => place::run(into, || {
            let gamma = Margin(*gamma).of(*model, None)?;
            let origin = format!("Rows of {} read from numpy's files.", model.label());
            foreign::model(*model, gamma, files.all()?, 1.0, origin)
        }),
    }
}
