//! An experiment under way: which run is next, its training, its measurement.

use super::change::{add_noise, delete_share, hide_pair, swap_texts};
use super::summary::Summary;
use super::{Arm, Change, Experiment, ExperimentEvent, Question, arms};
use crate::backend::{AnyBackend, Parameters, RunData, RunSpec};
use crate::error::{Error, Result};
use crate::evaluate::{CandidateSet, ModelScorer, Protocol, evaluate};
use crate::graph::{KnowledgeGraph, Roles, Side, Split, SplitTriples, Triple};
use crate::model::{Arithmetic, Model};
use crate::settings::Template;
use crate::train::{Modality, Trainer, run_data, run_spec};

/// Longest run.
const MOST_EPOCHS: u32 = 100_000;

/// Makes a backend for a run.
pub type Device<'a> = &'a dyn Fn(RunSpec, std::sync::Arc<RunData>, Parameters) -> Result<AnyBackend>;

/// Finds the text vectors of a template.
pub type Text<'a> = &'a dyn Fn(Template) -> Option<Modality<'a>>;

/// What is measured: a question with its protocol and its triples.
struct Measure {
    name: &'static str,
    protocol: Protocol,
    triples: Vec<Triple>,
}

/// An experiment under way.
pub struct ExperimentRun {
    experiment: Experiment,
    arms: Vec<Arm>,
    /// Arms without texts.
    left_out: Vec<String>,
    measures: Vec<Measure>,
    /// `[arms][seeds][metrics]`, filled in order.
    values: Vec<Vec<Option<Vec<f64>>>>,
    trainer: Option<Trainer>,
    runs_done: u32,
}

impl ExperimentRun {
    /// Prepares an experiment on a graph with drugs and diseases. Arms whose texts `text` does not find are left out, and
    /// the result says so.
    ///
    /// # Errors
    /// [`Error::Settings`] for settings out of limits, or where texts are missing and less than two arms are left;
    /// [`Error::NotFound`] for a graph without held-out treatments, or an edge to hide that it does not have.
    pub fn new(experiment: Experiment, graph: &KnowledgeGraph, text: Text<'_>) -> Result<Self> {
        experiment.settings.check()?;
        if !(1..=MOST_EPOCHS).contains(&experiment.epochs) || !(1..=100).contains(&experiment.seeds) {
            let what = format!("an experiment needs 1 to {MOST_EPOCHS} epochs and 1 to 100 seeds");
            return Err(Error::Settings(what));
        }
        let roles = graph.roles.as_ref();
        let roles =
            roles.ok_or_else(|| Error::NotFound("this graph does not say what drugs and diseases are".into()))?;
        let (split, triples) = match experiment.question {
            Question::HiddenEdge { drug, disease } => {
                let is_pair = |t: &&Triple| (t.head, t.tail) == (drug.0, disease.0);
                (Split::Train, treatments(graph, roles, Split::Train).iter().filter(is_pair).take(1).copied().collect())
            }
            _ => (Split::Test, treatments(graph, roles, Split::Test)),
        };
        if triples.is_empty() {
            return Err(Error::NotFound(match experiment.question {
                Question::HiddenEdge { .. } => "the graph does not state this treatment in training".into(),
                _ => "the graph holds out no treatment to measure by".into(),
            }));
        }
        let has_texts = |arm: &Arm| arm.settings.text.used().is_none_or(|template| text(template).is_some());
        let (arms, left_out): (Vec<Arm>, Vec<Arm>) =
            arms(experiment.question, &experiment.settings).into_iter().partition(has_texts);
        if arms.len() < 2 {
            return Err(Error::Settings("this question needs text vectors, which the pack does not bring".into()));
        }
        Ok(ExperimentRun {
            left_out: left_out.into_iter().map(|arm| arm.name).collect(),
            measures: measures(roles, split, &triples),
            values: vec![Vec::new(); arms.len()],
            trainer: None,
            runs_done: 0,
            arms,
            experiment,
        })
    }

    /// Runs in all.
    pub fn runs(&self) -> u32 {
        self.arms.len() as u32 * self.experiment.seeds
    }

    /// Whether all runs are done.
    pub fn is_done(&self) -> bool {
        self.runs_done >= self.runs()
    }

    /// Does `steps` training steps, or what stands between two runs.
    ///
    /// # Errors
    /// [`Error::Gpu`] when the device is lost; [`Error::Settings`] when an arm needs text that is not there.
    pub async fn advance(
        &mut self,
        graph: &KnowledgeGraph,
        text: Text<'_>,
        device: Device<'_>,
        steps: u32,
    ) -> Result<Vec<ExperimentEvent>> {
        if self.is_done() {
            return Ok(Vec::new());
        }
        let (arm, seed) = (self.runs_done / self.experiment.seeds, self.runs_done % self.experiment.seeds);
        let mut trainer = match self.trainer.take() {
            Some(trainer) => trainer,
            None => self.start(graph, text, device, &self.arms[arm as usize], seed)?,
        };
        let end = self.experiment.epochs.checked_mul(trainer.steps_per_epoch());
        let end = end.ok_or_else(|| Error::Settings("a run has too many steps; choose fewer epochs".into()))?;
        let rate = self.experiment.settings.learning_rate;
        let steps = steps.min(end - trainer.step());
        let model = match trainer.advance(steps, rate).await {
            Ok(_) if trainer.step() < end => {
                let share = trainer.step() as f32 / end as f32;
                self.trainer = Some(trainer);
                return Ok(vec![self.progress(arm, share)]);
            }
            Ok(_) => trainer.read().await.map(|(model, _)| model),
            Err(error) => Err(error),
        };
        let measured = match model {
            Ok(model) => Some(self.measure(graph, &model)),
            Err(Error::Diverged { .. }) => None,
            Err(error) => return Err(error),
        };
        self.runs_done += 1;
        self.values[arm as usize].push(measured.clone());
        let metrics = self.metric_names().into_iter().zip(measured.unwrap_or_default()).collect();
        let name = self.arms[arm as usize].name.clone();
        let seed = self.experiment.settings.seed.wrapping_add(seed);
        let mut events = vec![ExperimentEvent::Measured { arm: name, seed, metrics }, self.progress(arm, 0.0)];
        if self.is_done() {
            events.push(ExperimentEvent::Finished(self.summary(graph)));
        }
        Ok(events)
    }

    fn start(
        &self,
        graph: &KnowledgeGraph,
        text: Text<'_>,
        device: Device<'_>,
        arm: &Arm,
        seed: u32,
    ) -> Result<Trainer> {
        let mut settings = arm.settings;
        settings.seed = settings.seed.wrapping_add(seed);
        let train = match arm.change {
            Change::None | Change::SwapTexts(_) => None,
            Change::Delete(share) => Some(delete_share(graph.triples(Split::Train), share, settings.seed)),
            Change::Noise(share) => Some(add_noise(graph, share, settings.seed)),
            Change::HidePair(drug, disease) => Some(hide_pair(graph.triples(Split::Train), drug, disease)),
        };
        // Only what is trained on changes; measuring asks the whole graph.
        let changed = train.map(|train| {
            let splits = SplitTriples { train, ..SplitTriples::default() };
            KnowledgeGraph::new(graph.vocabulary.clone(), splits, graph.roles.clone())
        });
        let changed = changed.transpose()?;
        let graph = changed.as_ref().unwrap_or(graph);
        let spec = run_spec(graph, &settings);
        let found = if settings.text.is_used() { text(settings.text.template) } else { None };
        let swapped = match (arm.change, found) {
            (Change::SwapTexts(share), Some(found)) => Some(swap_texts(found.rows, found.width, share, settings.seed)),
            _ => None,
        };
        let found = match (&swapped, found) {
            (Some(rows), Some(found)) => Some(Modality { rows, ..found }),
            (_, found) => found,
        };
        let data = run_data(graph, &spec, found, None)?;
        let backend = device(spec, data.clone(), Parameters::initial(&spec, &data))?;
        Ok(Trainer::new(spec, data, backend))
    }

    fn measure(&self, graph: &KnowledgeGraph, model: &Model) -> Vec<f64> {
        let scorer = ModelScorer::new(model, Arithmetic::Fast);
        let evaluations = self.measures.iter().map(|m| evaluate(graph, &scorer, &m.triples, &m.protocol).metrics());
        match self.experiment.question {
            Question::HiddenEdge { .. } => evaluations.map(|metrics| metrics.mean_rank).collect(),
            _ => evaluations.flat_map(|metrics| [metrics.mrr, metrics.hits_at_10]).collect(),
        }
    }

    fn metric_names(&self) -> Vec<String> {
        let names = self.measures.iter().map(|measure| measure.name);
        match self.experiment.question {
            Question::HiddenEdge { .. } => names.map(|name| format!("rank of the {name}")).collect(),
            _ => names.flat_map(|name| [format!("MRR, {name}"), format!("Hits@10, {name}")]).collect(),
        }
    }

    fn summary(&self, graph: &KnowledgeGraph) -> Summary {
        let mut protocols: Vec<String> =
            self.measures.iter().map(|m| m.protocol.words(graph, m.triples.len())).collect();
        if matches!(self.experiment.question, Question::HiddenEdge { .. }) {
            protocols.push(
                "masked texts leave out only treatments that the pack holds out: this drug's and this disease's may still \
                 name each other"
                    .into(),
            );
        }
        if !self.left_out.is_empty() {
            protocols.push("left out, because the pack brings no such texts: ".to_owned() + &self.left_out.join("; "));
        }
        let Experiment { question, settings, epochs, seeds } = &self.experiment;
        let asked = format!(
            "{}: {}, d {}, {epochs} epochs, seeds {} to {}",
            question.words(),
            settings.interaction.name(),
            settings.dim,
            settings.seed,
            settings.seed.wrapping_add(seeds - 1),
        );
        Summary { asked, ..Summary::of(self.metric_names(), protocols, &self.arms, &self.values) }
    }

    fn progress(&self, arm: u32, share_of_run: f32) -> ExperimentEvent {
        ExperimentEvent::Progress {
            arm: self.arms[arm as usize].name.clone(),
            runs_done: self.runs_done,
            runs: self.runs(),
            share: (self.runs_done as f32 + share_of_run) / self.runs() as f32,
        }
    }
}

fn treatments(graph: &KnowledgeGraph, roles: &Roles, split: Split) -> Vec<Triple> {
    let is_treatment = |t: &&Triple| roles.treatments.contains(&t.relation());
    graph.triples(split).iter().filter(is_treatment).copied().collect()
}

fn measures(roles: &Roles, split: Split, triples: &[Triple]) -> Vec<Measure> {
    let ask = |name, side, kind| Measure {
        name,
        protocol: Protocol { side: Some(side), candidates: CandidateSet::OfType(kind), ..Protocol::filtered(split) },
        triples: triples.to_vec(),
    };
    match split {
        Split::Train => vec![ask("drug", Side::Head, roles.drug), ask("disease", Side::Tail, roles.disease)],
        _ => vec![
            ask("drugs for a disease", Side::Head, roles.drug),
            ask("diseases for a drug", Side::Tail, roles.disease),
        ],
    }
}
