//! The rows of the table: which work, and beside whom.

use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use lladr_core::model::Interaction;
use lladr_core::plan::PlanShape;

use super::drugs::{DRKG, Drugs, DrugsSize};
use super::machine::Machine;
use super::ours::{ChunkProducts, DrugList, FullRanking, RankingProduct, Training, Wasm};
use super::peer::Peer;
use super::race::{Beside, Outcome, Race};
use super::ranking::{self, Ranking, RankingSize};
use super::targets::{E1, E2, Row, T1, T1_SHARE, T2, T4, T5, T6, Target, Unit};
use super::training::{CHUNK, FB15K, Work};
use super::turn::Side;
use super::v8::V8;

/// LLaDR: DRKG's entities and relations, the batch of LLaDR's code.
const LLADR: PlanShape =
    PlanShape { entities: 97_238, relations: 107, triples: 500_000, batch: 512, negatives: 128, seed: 1 };

/// What all rows need.
pub struct Context {
    /// Pythons whose peers are run.
    pub pythons: Vec<PathBuf>,
    /// Folder of the peers' programs.
    pub folder: PathBuf,
    /// The wasm module, and who runs it.
    pub wasm: Option<Rc<V8>>,
    /// Rounds of a race.
    pub rounds: usize,
    /// About how long a turn lasts.
    pub seconds: f64,
    /// Tiny graphs, to try the command.
    pub quick: bool,
    /// Where it runs.
    pub machine: Machine,
    /// What could not be measured.
    pub notes: Vec<String>,
}

impl Context {
    /// Measures a row; `tell` gets each outcome as it is there.
    ///
    /// # Errors
    /// When our own side fails.
    pub fn measure(&mut self, row: Row, tell: &mut dyn FnMut(&Outcome)) -> Result<()> {
        use Interaction::{DistMult, TransEL1, TransEL2};
        match row {
            Row::T1 => {
                for (interaction, name) in [(TransEL2, "transe_l2"), (DistMult, "distmult")] {
                    let work = self.fit(Work::fb15k(interaction));
                    let mut race = self.training("T1", &work, Some(T1_SHARE));
                    self.join(&mut race, "T1", "chunked_torch.py", &chunked(&work, name), T1);
                    let first = race.others.len();
                    self.join(&mut race, "T1", "sgemm.py", &[], T1_SHARE);
                    for sgemm in &mut race.others[first..] {
                        (sgemm.unit, sgemm.is_share) = (Unit::Gflops, true);
                        sgemm.factor = ChunkProducts::flop_per_triple(&work);
                    }
                    tell(&race.run(self.rounds)?);
                }
            }
            Row::T2 => {
                // PyKEEN's TransE takes the L1 norm unless told otherwise.
                for (interaction, name) in [(TransEL1, "TransE"), (DistMult, "DistMult")] {
                    let shape = PlanShape { negatives: 128, ..FB15K };
                    let work = self.fit(Work { shape, ..Work::fb15k(interaction) });
                    let mut race = self.training("T2", &work, None);
                    self.join(&mut race, "T2", "pykeen_speed.py", &arguments(&work, name), T2);
                    tell(&race.run(self.rounds)?);
                }
            }
            Row::T4 => {
                for (interaction, name) in [(TransEL1, "transe_l1"), (DistMult, "distmult")] {
                    for dim in [128, 1024] {
                        let work = self.fit(Work { interaction, dim, shape: LLADR, text: true });
                        let mut race = self.training("T4", &work, None);
                        let args = [vec!["speed".into()], arguments(&work, name)].concat();
                        self.join(&mut race, "T4", "lladr_recipe.py", &args, T4);
                        tell(&race.run(self.rounds)?);
                    }
                }
            }
            Row::T5 | Row::T6 => {
                let Some(v8) = self.wasm.clone() else { return Ok(()) };
                for (interaction, name) in [(TransEL2, "transe_l2"), (DistMult, "distmult")] {
                    // The module has this work built in.
                    let work = Work::fb15k(interaction);
                    let place = Interaction::ALL.iter().position(|known| *known == interaction).unwrap_or_default();
                    let wasm = Wasm { v8: v8.clone(), interaction: place };
                    let mut race = self.race(&work, Box::new(wasm));
                    if row == Row::T5 {
                        let native = Box::new(Training::new(&work, self.seconds));
                        race.others.push(beside("T5", native, Some(T5)));
                    } else {
                        self.join(&mut race, "T6", "chunked_torch.py", &chunked(&work, name), T6);
                    }
                    tell(&race.run(self.rounds)?);
                }
            }
            Row::E1 => {
                for interaction in [DistMult, TransEL2] {
                    tell(&self.ranking(interaction)?);
                }
            }
            Row::E2 => {
                for interaction in Interaction::ALL {
                    tell(&self.list(interaction)?);
                }
            }
        }
        Ok(())
    }

    /// Our training, beside its matrix products where it has any.
    fn training(&self, id: &'static str, work: &Work, share: Option<Target>) -> Race {
        let mut race = self.race(work, Box::new(Training::new(work, self.seconds)));
        race.id = id;
        if work.interaction != Interaction::TransEL1 {
            race.others.push(Beside {
                unit: Unit::Gflops,
                factor: ChunkProducts::flop_per_triple(work),
                is_share: true,
                ..beside(id, Box::new(ChunkProducts::new(work, self.seconds)), share)
            });
        }
        race
    }

    fn race(&self, work: &Work, ours: Box<dyn Side>) -> Race {
        let shape = &work.shape;
        let what = format!(
            "{}{}, B {}, chunk {CHUNK}, K {}, d {}, {} entities",
            if work.text { "LLaDR, " } else { "" },
            work.interaction.name(),
            shape.batch,
            shape.negatives,
            work.dim,
            shape.entities
        );
        Race { id: "T6", what, unit: Unit::Triples, ours, others: Vec::new(), limit: None }
    }

    /// Adds the program of every Python that can run it.
    fn join(&mut self, race: &mut Race, id: &'static str, program: &str, args: &[String], target: Target) {
        for python in &self.pythons {
            match Peer::start(python, &self.folder.join(program), args, self.seconds, &self.machine) {
                Ok(peer) => race.others.push(beside(id, Box::new(peer), Some(target))),
                Err(error) => self.notes.push(format!("{id}: {program} with {}: {error:#}", python.display())),
            }
        }
    }

    fn ranking(&self, interaction: Interaction) -> Result<Outcome> {
        let tiny = RankingSize { entities: 300, relations: 5, train: 2000, test: 50, dim: 16 };
        let size = if self.quick { tiny } else { ranking::FB15K };
        let ranking = Rc::new(Ranking::new(interaction, &size).context("the ranking's graph")?);
        let what = format!(
            "filtered ranking, {}, {} queries × {} × d {}",
            interaction.name(),
            2 * size.test,
            size.entities,
            size.dim
        );
        let product = beside("E1", Box::new(RankingProduct(ranking.clone())), None);
        let others = vec![Beside { unit: Unit::Seconds, is_share: true, ..product }];
        let ours = Box::new(FullRanking(ranking));
        Race { id: "E1", what, unit: Unit::Seconds, ours, others, limit: Some(E1) }.run(self.rounds)
    }

    fn list(&self, interaction: Interaction) -> Result<Outcome> {
        let size = if self.quick { DrugsSize { drugs: 200, diseases: 50, dim: 16 } } else { DRKG };
        let drugs = Drugs::new(interaction, &size).context("the graph of drugs")?;
        let what = format!("one disease × {} drugs, {}, d {}", size.drugs, interaction.name(), size.dim);
        let ours = Box::new(DrugList::new(drugs, Drugs::pair(&size)[1], self.seconds)?);
        Race { id: "E2", what, unit: Unit::Millis, ours, others: Vec::new(), limit: Some(E2) }.run(self.rounds)
    }

    /// A tiny graph where the command is only tried.
    fn fit(&self, work: Work) -> Work {
        let tiny = PlanShape { entities: 300, relations: 5, triples: 2000, batch: 256, negatives: 16, seed: 1 };
        if self.quick { Work { shape: tiny, dim: work.dim / 8, ..work } } else { work }
    }
}

fn beside(id: &'static str, side: Box<dyn Side>, target: Option<Target>) -> Beside {
    Beside { id, side, unit: Unit::Triples, factor: 1.0, is_share: false, target }
}

/// What all programs of training are told.
fn arguments(work: &Work, model: &str) -> Vec<String> {
    let shape = &work.shape;
    let numbers = [
        ("--dim", work.dim as u32),
        ("--batch", shape.batch),
        ("--negatives", shape.negatives),
        ("--entities", shape.entities),
        ("--relations", shape.relations),
        ("--triples", shape.triples),
    ];
    let named = ["--models".to_string(), model.to_string()];
    named.into_iter().chain(numbers.into_iter().flat_map(|(name, n)| [name.to_string(), n.to_string()])).collect()
}

/// The same, with the size of a chunk.
fn chunked(work: &Work, model: &str) -> Vec<String> {
    [arguments(work, model), vec!["--chunk".into(), CHUNK.to_string()]].concat()
}
