//! Our sides: the workloads of `core/benches/work`, as turns.

use std::rc::Rc;

use anyhow::Result;
use lladr_core::ids::EntityId;
use lladr_core::predict::rank_drugs;

use super::drugs::Drugs;
use super::ranking::Ranking;
use super::training::{Products, Work, Workload};
use super::turn::{Side, Turn, measured};
use super::v8::V8;

/// Training: triples.
pub struct Training {
    workload: Workload,
    steps: u32,
}

impl Training {
    /// Warms up, and finds how many steps last about so many seconds.
    pub fn new(work: &Work, seconds: f64) -> Self {
        let mut workload = Workload::new(work);
        workload.train(2);
        let trial = measured(|| f64::from(workload.train(2)));
        let steps = (2.0 * seconds / trial.cpu.unwrap_or(trial.wall).max(1e-6)).round().clamp(1.0, 1e6) as u32;
        Training { workload, steps }
    }
}

impl Side for Training {
    fn name(&self) -> String {
        "native".into()
    }

    fn turn(&mut self) -> Result<Turn> {
        Ok(measured(|| f64::from(self.workload.train(self.steps))))
    }
}

/// The three products of chunks: FLOP.
pub struct ChunkProducts {
    products: Products,
    chunks: u32,
}

impl ChunkProducts {
    /// Products of the work's shape, for about so many seconds.
    pub fn new(work: &Work, seconds: f64) -> Self {
        let mut products = Products::new(work);
        products.run(4);
        let trial = measured(|| products.run(8));
        let chunks = (8.0 * seconds / trial.cpu.unwrap_or(trial.wall).max(1e-6)).round().clamp(1.0, 1e6) as u32;
        ChunkProducts { products, chunks }
    }

    /// FLOP of the products that one triple needs: `6 K d`.
    pub fn flop_per_triple(work: &Work) -> f64 {
        6.0 * f64::from(work.shape.negatives) * work.dim as f64
    }
}

impl Side for ChunkProducts {
    fn name(&self) -> String {
        "own matrix products".into()
    }

    fn turn(&mut self) -> Result<Turn> {
        Ok(measured(|| self.products.run(self.chunks)))
    }
}

/// Full filtered ranking: one of all queries is one work.
pub struct FullRanking(pub Rc<Ranking>);

impl Side for FullRanking {
    fn name(&self) -> String {
        "native".into()
    }

    fn turn(&mut self) -> Result<Turn> {
        Ok(measured(|| {
            std::hint::black_box(self.0.run());
            1.0
        }))
    }
}

/// The matrix product of a full ranking: one of all queries is one work.
pub struct RankingProduct(pub Rc<Ranking>);

impl Side for RankingProduct {
    fn name(&self) -> String {
        "own matrix product".into()
    }

    fn turn(&mut self) -> Result<Turn> {
        Ok(measured(|| {
            std::hint::black_box(self.0.product());
            1.0
        }))
    }
}

/// Drugs ranked for one disease: one list is one work.
pub struct DrugList {
    drugs: Drugs,
    disease: EntityId,
    lists: u32,
}

impl DrugList {
    /// Lists for about so many seconds.
    ///
    /// # Errors
    /// When the graph has no such disease.
    pub fn new(drugs: Drugs, disease: EntityId, seconds: f64) -> Result<Self> {
        let mut list = DrugList { drugs, disease, lists: 3 };
        list.turn()?;
        let trial = list.turn()?;
        list.lists = (3.0 * seconds / trial.cpu.unwrap_or(trial.wall).max(1e-6)).round().clamp(1.0, 1e4) as u32;
        Ok(list)
    }
}

impl Side for DrugList {
    fn name(&self) -> String {
        "native".into()
    }

    fn turn(&mut self) -> Result<Turn> {
        let mut outcome = Ok(());
        let turn = measured(|| {
            for _ in 0..self.lists {
                // The whole list is ranked, and its first hundred kept.
                outcome = rank_drugs(&self.drugs.graph, &self.drugs.model, self.disease)
                    .map(|mut ranked| ranked.truncate(100));
            }
            f64::from(self.lists)
        });
        outcome?;
        Ok(turn)
    }
}

/// Training in wasm: triples. Its CPU time is not known.
pub struct Wasm {
    /// Who runs it.
    pub v8: Rc<V8>,
    /// Place in `Interaction::ALL`.
    pub interaction: usize,
}

impl Side for Wasm {
    fn name(&self) -> String {
        self.v8.name().into()
    }

    fn turn(&mut self) -> Result<Turn> {
        let [(work, wall), _] = self.v8.turn(self.interaction).map_err(anyhow::Error::msg)?;
        Ok(Turn { work, wall, cpu: None })
    }
}
