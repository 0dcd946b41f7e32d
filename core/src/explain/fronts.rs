//! One side of the search: all ways of up to two hops out of an entity, by where they end.
//!
//! A half path is 16 bytes: its end, the entity between, its product of edge factors, and its *class*, the
//! half of a meta-path. Classes form a tree (a class is its parent and one more step), so the steps of a half
//! path, and with them its edges, can be read back from its class.

use std::collections::BTreeMap;

use super::paths::Cap;
use super::weight::View;
use crate::graph::Side;
use crate::ids::{EntityId, RelationId, TypeId};

/// The entity between, of a half path that has none.
pub const NONE: u32 = u32::MAX;

/// The class without a step.
const ROOT: u32 = 0;

/// A way of up to two hops out of the front's entity.
#[derive(Debug, Clone, Copy)]
pub struct Half {
    /// Where it ends.
    pub end: u32,
    /// The entity between, or [`NONE`].
    pub middle: u32,
    /// Its class.
    pub class: u32,
    /// Product of weight and discount over its edges.
    pub factor: f32,
}

/// Half paths by their end; those of one end by the entity between.
#[derive(Debug, Default)]
pub struct Halves {
    /// First half path of each end, `[entities + 1]`.
    starts: Vec<u32>,
    halves: Vec<Half>,
}

impl Halves {
    /// Deals half paths to their ends, keeping the order of those of one end.
    fn new(entities: usize, halves: &[Half]) -> Self {
        let mut starts = vec![0u32; entities + 2];
        // Shifted by two: after dealing, `starts[end]` is where the end's own begin.
        halves.iter().for_each(|half| starts[half.end as usize + 2] += 1);
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut dealt = vec![Half { end: 0, middle: NONE, class: 0, factor: 0.0 }; halves.len()];
        for half in halves {
            let place = &mut starts[half.end as usize + 1];
            dealt[*place as usize] = *half;
            *place += 1;
        }
        Halves { starts, halves: dealt }
    }

    /// Half paths that end at an entity.
    pub fn at(&self, end: u32) -> &[Half] {
        match (self.starts.get(end as usize), self.starts.get(end as usize + 1)) {
            (Some(&from), Some(&to)) => &self.halves[from as usize..to as usize],
            _ => &[],
        }
    }

    /// Half paths of each end, ends ascending.
    pub fn by_end(&self) -> impl Iterator<Item = &[Half]> {
        self.halves.chunk_by(|a, b| a.end == b.end)
    }
}

/// A step away from the front's entity: relation, side of the end it arrives at, type of that end.
pub type Step = (RelationId, Side, TypeId);

/// Half paths out of one end of a pair.
#[derive(Debug)]
pub struct Front<'a> {
    view: View<'a>,
    /// Where it starts.
    pub start: EntityId,
    exponent: f32,
    /// Relations that no way follows.
    shunned: &'a [RelationId],
    /// Each class: its parent and its last step; `None` for the root.
    classes: Vec<Option<(u32, Step)>>,
    class_rows: BTreeMap<(u32, u32, bool, u32), u32>,
    /// The way of no hop, which ends where it starts.
    pub zero: Halves,
    /// Ways of one hop to the goal, other than treatments.
    pub direct: Halves,
    /// Ways of one hop to any other entity.
    pub one: Halves,
    /// Ways of two hops, after [`Front::expand`].
    pub two: Halves,
}

impl<'a> Front<'a> {
    /// The ways of one hop out of `start`, but over `shunned` relations.
    pub fn new(view: View<'a>, start: EntityId, goal: EntityId, exponent: f32, shunned: &'a [RelationId]) -> Self {
        let entities = view.graph.entity_count();
        let zero = Halves::new(entities, &[Half { end: start.0, middle: NONE, class: ROOT, factor: 1.0 }]);
        let [direct, one, two] = [(); 3].map(|()| Halves::default());
        let (classes, class_rows) = (vec![None], BTreeMap::new());
        let mut front = Front { view, start, exponent, shunned, classes, class_rows, zero, direct, one, two };
        let treatments = view.graph.roles.as_ref().map_or(&[][..], |roles| &roles.treatments);
        let mut query = vec![0.0; view.model.dim()];
        let (mut direct, mut one) = (Vec::new(), Vec::new());
        for run in view.adjacency.runs(start).filter(|run| !shunned.contains(&run.relation)) {
            view.model.query(run.side, start, run.relation, &mut query);
            for &end in run.others.iter().filter(|&&end| end != start.0) {
                let (weight, discount) = view.edge(&run, &query, EntityId(end), exponent);
                let class = front.class(ROOT, (run.relation, run.side, front.kind(end)));
                let half = Half { end, middle: NONE, class, factor: weight * discount };
                match end == goal.0 {
                    true if treatments.contains(&run.relation) => {}
                    true => direct.push(half),
                    false => one.push(half),
                }
            }
        }
        (front.direct, front.one) = (Halves::new(entities, &direct), Halves::new(entities, &one));
        front
    }

    /// Edges that a second hop looks at.
    pub fn cost(&self) -> usize {
        self.one.by_end().map(|ways| self.cost_of(ways)).sum()
    }

    fn cost_of(&self, ways: &[Half]) -> usize {
        ways.len() * self.view.adjacency.degree(EntityId(ways[0].end))
    }

    /// The ways of two hops to the entities that `wanted` marks, by way of the neighbours with the strongest
    /// edges, as many as have `most_edges` edges together; returns what was left out.
    pub fn expand(&mut self, wanted: &[bool], most_edges: usize) -> Option<Cap> {
        let (view, one) = (self.view, std::mem::take(&mut self.one));
        let mut neighbours: Vec<&[Half]> = one.by_end().collect();
        let strongest = |ways: &[Half]| ways.iter().map(|half| half.factor).fold(0.0, f32::max);
        neighbours.sort_by(|a, b| strongest(b).total_cmp(&strongest(a)).then(a[0].end.cmp(&b[0].end)));
        let count = neighbours.len();
        let mut edges = 0usize;
        let mut fits = |ways: &[Half]| {
            edges = edges.saturating_add(self.cost_of(ways));
            edges <= most_edges
        };
        let kept = neighbours.iter().take_while(|ways| fits(ways)).count();
        neighbours.truncate(kept);
        neighbours.sort_unstable_by_key(|ways| ways[0].end);

        let mut query = vec![0.0; view.model.dim()];
        let mut halves = Vec::new();
        for ways in neighbours {
            let middle = EntityId(ways[0].end);
            for run in view.adjacency.runs(middle).filter(|run| !self.shunned.contains(&run.relation)) {
                view.model.query(run.side, middle, run.relation, &mut query);
                // Nearly always a run has ends of one type, so each way's class is looked up once.
                let mut kind = None;
                let mut classes = Vec::new();
                for &end in run.others.iter().filter(|&&end| end != middle.0 && wanted[end as usize]) {
                    let (weight, discount) = view.edge(&run, &query, EntityId(end), self.exponent);
                    if kind != Some(self.kind(end)) {
                        let step = (run.relation, run.side, self.kind(end));
                        kind = Some(step.2);
                        classes.clear();
                        classes.extend(ways.iter().map(|way| self.class(way.class, step)));
                    }
                    halves.extend(ways.iter().zip(&classes).map(|(way, &class)| Half {
                        end,
                        middle: middle.0,
                        class,
                        factor: way.factor * (weight * discount),
                    }));
                }
            }
        }
        self.two = Halves::new(view.graph.entity_count(), &halves);
        self.one = one;
        let left_out = kept < count;
        left_out.then_some(Cap { entity: self.start, expanded: kept as u32, neighbours: count as u32 })
    }

    /// The steps of a half path, outwards: relation, side and the entity that each arrives at.
    pub fn steps(&self, half: &Half) -> Vec<(RelationId, Side, EntityId)> {
        let (mut steps, mut class, mut end) = (Vec::new(), half.class, half.end);
        while let Some((parent, (relation, side, _))) = self.classes[class as usize] {
            steps.push((relation, side, EntityId(end)));
            (class, end) = (parent, half.middle);
        }
        steps.reverse();
        steps
    }

    /// Number of classes.
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    fn kind(&self, entity: u32) -> TypeId {
        self.view.graph.vocabulary.entities()[entity as usize].kind
    }

    fn class(&mut self, parent: u32, step: Step) -> u32 {
        let (relation, side, kind) = step;
        let next = self.classes.len() as u32;
        let row = *self.class_rows.entry((parent, relation.0, side == Side::Head, kind.0)).or_insert(next);
        if row == next {
            self.classes.push(Some((parent, step)));
        }
        row
    }
}
