//! What a trained model is worth: metrics with their protocols, as lines and as JSON.

use lladr_core::evaluate::{
    By, CandidateSet, DegreeScorer, Evaluation, Filter, Group, ModelScorer, Protocol, Scorer, TieRule, evaluate,
};
use lladr_core::graph::{KnowledgeGraph, Side, Split, Triple};
use lladr_core::model::{Arithmetic, Model};
use serde_json::{Value, json};

use crate::progress;
use crate::watched::{self, Watched};

/// LLaDR's protocol: the true disease among fifty candidates.
const CANDIDATES: u32 = 50;
/// Seed of the candidates that are drawn.
const SEED: u32 = 1;

/// What is asked of a scorer.
pub struct Question {
    /// In a word or two.
    pub words: String,
    /// How it is measured.
    pub protocol: Protocol,
    /// Whose ends are asked for.
    pub triples: Vec<Triple>,
}

/// One evaluation of one scorer.
pub struct Line {
    /// `model` or `degree`.
    pub scorer: &'static str,
    /// The question, in a word or two.
    pub question: String,
    evaluation: Evaluation,
}

/// The usual questions about the triples of a split.
///
/// Every graph is asked for both ends against all entities. One with drugs and diseases is asked for the ends of
/// treatments too: among all of the right type, and by LLaDR's protocol.
pub fn questions(graph: &KnowledgeGraph, split: Split) -> Vec<Question> {
    let triples = graph.triples(split);
    let all = Protocol::filtered(split);
    let question = |words: &str, protocol, triples| Question { words: words.to_owned(), protocol, triples };
    let mut questions = vec![question("all triples", all, triples.to_vec())];
    if let Some(roles) = &graph.roles {
        let is_treatment = |t: &&Triple| roles.treatments.contains(&t.relation());
        let treatments: Vec<Triple> = triples.iter().filter(is_treatment).copied().collect();
        let ask = |side, kind| Protocol { side: Some(side), candidates: CandidateSet::OfType(kind), ..all };
        let sampled = Protocol {
            side: Some(Side::Tail),
            filter: Filter::Unfiltered,
            candidates: CandidateSet::Sampled { count: CANDIDATES, seed: SEED },
            ..all
        };
        questions.push(question("drugs for a disease", ask(Side::Head, roles.drug), treatments.clone()));
        questions.push(question("diseases for a drug", ask(Side::Tail, roles.disease), treatments.clone()));
        questions.push(question("LLaDR's 50", sampled, treatments));
    }
    questions.retain(|question| !question.triples.is_empty());
    questions
}

/// Asks a model, with the degree-only baseline beside it.
pub fn answers(graph: &KnowledgeGraph, model: &Model, questions: &[Question]) -> Vec<Line> {
    let model = ModelScorer::new(model, Arithmetic::Fast);
    let degree = DegreeScorer(graph);
    let scorers: [(&str, &dyn Scorer); 2] = [("model", &model), ("degree", &degree)];
    let queries: u64 = questions.iter().map(|it| watched::queries(graph, &it.protocol, &it.triples)).sum();
    let bar = progress::bar("evaluating", queries * scorers.len() as u64, "queries");
    let asked = |Question { words, protocol, triples }: &Question| {
        scorers.map(|(name, scorer)| {
            let evaluation = evaluate(graph, &Watched { scorer, bar: &bar }, triples, protocol);
            Line { scorer: name, question: words.clone(), evaluation }
        })
    };
    let lines = questions.iter().flat_map(asked).collect();
    bar.finish_and_clear();
    lines
}

/// Filtered MRR of both ends on the validation split: what early stopping watches.
pub fn validation_mrr(graph: &KnowledgeGraph, model: &Model) -> f64 {
    let protocol = Protocol { ties: TieRule::Realistic, ..Protocol::filtered(Split::Valid) };
    let scorer = ModelScorer::new(model, Arithmetic::Fast);
    evaluate(graph, &scorer, graph.triples(Split::Valid), &protocol).metrics().mrr
}

impl Line {
    /// The numbers, in a line.
    pub fn words(&self) -> String {
        let m = self.evaluation.metrics();
        format!(
            "{:<20} {:<7} MRR {:.4}  H@1 {:.4}  H@3 {:.4}  H@10 {:.4}  MR {:.1}  AMRI {:.4}  AUROC {:.4}",
            self.question, self.scorer, m.mrr, m.hits_at_1, m.hits_at_3, m.hits_at_10, m.mean_rank, m.amri, m.auroc
        )
    }

    /// The protocol, in a line.
    pub fn protocol(&self) -> &str {
        &self.evaluation.words
    }

    /// The queries in groups, a line for each.
    pub fn groups(&self, graph: &KnowledgeGraph, by: By) -> Vec<String> {
        let groups = self.evaluation.breakdown(graph, by);
        let width = groups.iter().map(|group| group.name.chars().count()).max().unwrap_or(0);
        let line = |group: &Group| {
            let m = &group.metrics;
            format!(
                "          {:<width$}  {:>7} queries  MRR {:.4}  H@10 {:.4}  MR {:.1}",
                group.name, m.queries, m.mrr, m.hits_at_10, m.mean_rank
            )
        };
        groups.iter().map(line).collect()
    }

    /// Everything.
    pub fn json(&self, graph: &KnowledgeGraph) -> Value {
        let metrics = |m: &lladr_core::evaluate::Metrics| {
            json!({
                "queries": m.queries, "mrr": m.mrr, "mean_rank": m.mean_rank, "amri": m.amri, "auroc_per_query": m.auroc,
                "hits_at_1": m.hits_at_1, "hits_at_3": m.hits_at_3, "hits_at_10": m.hits_at_10,
            })
        };
        let groups = |by: By| {
            let groups = self.evaluation.breakdown(graph, by);
            groups
                .iter()
                .map(|group| json!({"name": group.name, "metrics": metrics(&group.metrics)}))
                .collect::<Vec<_>>()
        };
        let pooled = self.evaluation.pooled().map(|pooled| {
            json!({"positives": pooled.positives, "negatives": pooled.negatives, "auroc": pooled.auroc, "auprc": pooled.auprc})
        });
        json!({
            "scorer": self.scorer,
            "question": self.question,
            "protocol": self.protocol(),
            "metrics": metrics(&self.evaluation.metrics()),
            "pooled": pooled,
            "by_side": groups(By::Side),
            "by_relation": groups(By::Relation),
            "by_category": groups(By::RelationCategory),
            "by_degree": groups(By::Degree),
            "by_disease": groups(By::Disease),
        })
    }
}
