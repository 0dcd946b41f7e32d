//! The objective of one step, restated plainly in `f64`: nothing shared with the engine but the plan.

use lladr_core::anchor::{Coupling, Distance};
use lladr_core::backend::{RunData, RunSpec};
use lladr_core::graph::{Side, Triple};
use lladr_core::loss::Loss;
use lladr_core::model::Interaction;
use lladr_core::plan::{CHUNK, StepPlan};

/// Score of three rows.
pub fn score(interaction: Interaction, gamma: f64, head: &[f64], relation: &[f64], tail: &[f64]) -> f64 {
    let translated = head.iter().zip(relation).zip(tail).map(|((h, r), t)| h + r - t);
    let half = head.len() / 2;
    let complex = |row: &[f64], k: usize| (row[k], row[half + k]);
    let times = |(a, b): (f64, f64), (c, d): (f64, f64)| (a * c - b * d, a * d + b * c);
    match interaction {
        Interaction::TransEL1 => gamma - translated.map(f64::abs).sum::<f64>(),
        Interaction::TransEL2 => gamma - translated.map(|x| x * x).sum::<f64>().sqrt(),
        Interaction::DistMult => head.iter().zip(relation).zip(tail).map(|((h, r), t)| h * r * t).sum(),
        Interaction::ComplEx => (0..half)
            .map(|k| {
                let (re, im) = complex(tail, k);
                times(times(complex(head, k), complex(relation, k)), (re, -im)).0
            })
            .sum(),
        Interaction::RotatE => {
            let distance = |k: usize| {
                let (re, im) = times(complex(head, k), (relation[k].cos(), relation[k].sin()));
                (re - tail[k]).hypot(im - tail[half + k])
            };
            gamma - (0..half).map(distance).sum::<f64>()
        }
    }
}

/// Distance of a row from its text; 0 where there is none.
pub fn distance(kind: Distance, row: &[f64], text: &[f64]) -> f64 {
    let norm = |a: &[f64]| a.iter().map(|x| x * x).sum::<f64>().sqrt();
    if norm(text) == 0.0 {
        return 0.0;
    }
    let pairs = || row.iter().zip(text);
    match kind {
        Distance::Cosine => 1.0 - pairs().map(|(e, t)| e * t).sum::<f64>() / (norm(row) * norm(text)),
        Distance::Euclidean => pairs().map(|(e, t)| (e - t) * (e - t)).sum::<f64>().sqrt(),
        Distance::Manhattan => pairs().map(|(e, t)| (e - t).abs()).sum(),
        Distance::Kl => {
            let log_softmax = |a: &[f64]| {
                let total: f64 = a.iter().map(|x| x.exp()).sum();
                a.iter().map(|x| x - total.ln()).collect::<Vec<_>>()
            };
            let (q, p) = (log_softmax(row), log_softmax(text));
            p.iter().zip(&q).map(|(p, q)| p.exp() * (p - q)).sum()
        }
    }
}

/// What a step's objective is made of.
pub struct Step<'a> {
    /// The run.
    pub spec: &'a RunSpec,
    /// What stays the same over it.
    pub data: &'a RunData,
    /// The plan.
    pub plan: &'a StepPlan,
}

impl Step<'_> {
    fn row(&self, table: &[f64], row: u32) -> Vec<f64> {
        let dim = self.spec.dim();
        table[row as usize * dim..(row as usize + 1) * dim].to_vec()
    }

    /// Row of an entity as the scorer sees it. `table` holds what is trained: entities (free ones under
    /// concatenated text), relations, the learned map.
    fn entity(&self, table: &[f64], entity: u32) -> Vec<f64> {
        let mut row = self.row(table, entity);
        if self.spec.settings.text.coupling == Coupling::Concat {
            let first = self.spec.shape.entities + self.spec.shape.relations;
            for (j, t) in self.text(&self.data.text, entity).into_iter().enumerate() {
                let map = self.row(table, first + j as u32);
                row.iter_mut().zip(map).for_each(|(e, w)| *e += t * w);
            }
        }
        row
    }

    fn text(&self, table: &[f32], entity: u32) -> Vec<f64> {
        let dim = self.spec.dim();
        table[entity as usize * dim..(entity as usize + 1) * dim].iter().map(|&x| f64::from(x)).collect()
    }

    fn score(&self, table: &[f64], triple: &Triple) -> f64 {
        let settings = &self.spec.settings;
        let relation = self.row(table, self.spec.shape.entities + triple.relation);
        let (head, tail) = (self.entity(table, triple.head), self.entity(table, triple.tail));
        score(settings.interaction, f64::from(settings.gamma), &head, &relation, &tail)
    }

    /// Negatives of positive `b` that have a part in its loss.
    fn negatives(&self, b: usize) -> Vec<Triple> {
        let (plan, k) = (self.plan, self.spec.shape.negatives as usize);
        let triple = self.data.triples[plan.positives[b] as usize];
        let corrupt = |entity: u32| match plan.side {
            Side::Tail => Triple { tail: entity, ..triple },
            Side::Head => Triple { head: entity, ..triple },
        };
        let own = triple.entity(plan.side).0;
        let kind = |entity: u32| self.data.kinds.get(entity as usize);
        let is_filtered = !plan.false_negatives.is_empty();
        plan.negatives[b / CHUNK * k..(b / CHUNK + 1) * k]
            .iter()
            .filter(|&&n| n != own && kind(n) == kind(own))
            .map(|&n| corrupt(n))
            .filter(|n| !is_filtered || !self.data.triples.contains(n))
            .collect()
    }

    /// Link loss of positive `b`; self-adversarial weights are those at `fixed`, as they carry no gradient.
    fn link(&self, table: &[f64], fixed: &[f64], b: usize) -> f64 {
        let settings = &self.spec.settings;
        let positive = self.score(table, &self.data.triples[self.plan.positives[b] as usize]);
        let negatives = self.negatives(b);
        let weights: Vec<f64> =
            negatives.iter().map(|n| (f64::from(settings.alpha) * self.score(fixed, n)).exp()).collect();
        let total: f64 = weights.iter().sum();
        let weighted = |f: &dyn Fn(f64) -> f64| {
            negatives.iter().zip(&weights).map(|(n, w)| w / total * f(self.score(table, n))).sum::<f64>()
        };
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        match settings.recipe.loss {
            Loss::LogSigmoid => 0.5 * (softplus(-positive) + weighted(&softplus)),
            Loss::MarginRanking => weighted(&|score| (f64::from(settings.recipe.margin) + score - positive).max(0.0)),
            Loss::CrossEntropy => {
                let sum: f64 = negatives.iter().map(|n| self.score(table, n).exp()).sum();
                (positive.exp() + sum).ln() - positive
            }
        }
    }

    /// `ζ_link L_link + Σ ζ L_anc + λ Σ ‖e‖ₚᵖ` at the trained numbers `table`.
    pub fn objective(&self, table: &[f64], fixed: &[f64]) -> f64 {
        let (settings, plan) = (&self.spec.settings, self.plan);
        let mut link = [0.0; 2];
        let mut anchor = 0.0;
        for (b, &positive) in plan.positives.iter().enumerate() {
            let weight = f64::from(self.data.weight(positive));
            link[0] += weight * self.link(table, fixed, b);
            link[1] += weight;
            let given = self.data.triples[positive as usize].entity(plan.side.opposite()).0;
            let row = self.entity(table, given);
            for (zeta, texts) in self.data.anchors(settings).into_iter().flatten() {
                anchor += f64::from(zeta) * distance(settings.text.distance, &row, &self.text(texts, given));
            }
        }
        let norm = |row: u32| {
            let values = if row < self.spec.shape.entities { self.entity(table, row) } else { self.row(table, row) };
            let power = settings.recipe.norm as i32;
            f64::from(self.spec.regularization(row as usize)) * values.iter().map(|x| x.abs().powi(power)).sum::<f64>()
        };
        f64::from(settings.text.zeta_link) * link[0] / link[1]
            + anchor / plan.batch() as f64
            + plan.rows.iter().map(|&row| norm(row)).sum::<f64>()
    }
}
