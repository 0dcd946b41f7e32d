//! Which entities a triple gets.

use std::fmt;

use anyhow::{Result, ensure};
use lladr_core::rng::{Stream, hash, unit};

use super::shape::{KINDS, Kind, RELATIONS};

/// Blocks of a type.
const BLOCKS: u32 = 64;
/// Rounds in which repeats are drawn again.
const ROUNDS: u32 = 64;
/// Rows with an empty identifier, self-loops and repeats of DRKG.
const EMPTY: f64 = 29.0;
const LOOPS: f64 = 3499.0;
const REPEATS: f64 = 3.0;

/// How much larger than DRKG.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Of the entities.
    pub entities: f64,
    /// Of the triples.
    pub triples: f64,
}

/// What is drawn.
pub struct Plan {
    seed: u32,
    counts: [u32; KINDS.len()],
    relations: Vec<Relation>,
}

struct Relation {
    name: &'static str,
    head: usize,
    tail: usize,
    triples: u32,
    /// Whether its first triples go through all heads, all tails: so each entity occurs.
    covers: [bool; 2],
    empty: u32,
    loops: u32,
    repeats: u32,
}

impl Plan {
    /// The plan of a size; `clean` without DRKG's oddities.
    pub fn new(scale: Scale, seed: u32, clean: bool) -> Self {
        let counts = KINDS.each_ref().map(|kind| ((f64::from(kind.count) * scale.entities).round() as u32).max(1));
        let mut covered = [false; KINDS.len()];
        // The oddities go to the largest relation between genes, where most of DRKG's are.
        let mut odd = !clean;
        let relations = RELATIONS.iter().map(|(name, count)| {
            let [head, tail] = ends(name);
            let most = u64::from(counts[head]) * u64::from(counts[tail]) / 2;
            let wanted = (f64::from(*count) * scale.triples).round().max(1.0);
            let mut triples = (wanted as u64).min(most.max(1)) as u32;
            let covers =
                [head, tail].map(|kind| triples >= counts[kind] && !std::mem::replace(&mut covered[kind], true));
            let own = |per_drkg: f64| {
                if odd && KINDS[head].name == "Gene" && head == tail {
                    (per_drkg * scale.triples).ceil() as u32
                } else {
                    0
                }
            };
            let (empty, loops, repeats) = (own(EMPTY), own(LOOPS), own(REPEATS));
            let oddities = empty + loops + repeats;
            odd &= oddities == 0;
            triples = triples.saturating_sub(oddities).max(1);
            Relation { name, head, tail, triples, covers, empty, loops, repeats }
        });
        let relations = relations.collect();
        Plan { seed, counts, relations }
    }

    /// Rows of the whole file.
    pub fn rows(&self) -> u64 {
        self.relations.iter().map(|it| u64::from(it.triples + it.empty + it.loops + it.repeats)).sum()
    }

    /// Hands the rows of one relation to `take`; gives their number.
    pub fn each(&self, row: usize, mut take: impl FnMut(Name, &str, Name) -> std::io::Result<()>) -> Result<u64> {
        let relation = &self.relations[row];
        let pairs = self.pairs(row as u32, relation);
        ensure!(
            pairs.len() == relation.triples as usize,
            "{} cannot have {} different triples between so few entities: take fewer triples or more entities",
            relation.name,
            relation.triples
        );
        let name = |kind: usize, index: u32| Name { kind: &KINDS[kind], index };
        for &(head, tail) in pairs.iter().chain(&pairs[..relation.repeats as usize]) {
            take(name(relation.head, head), relation.name, name(relation.tail, tail))?;
        }
        for index in 0..relation.loops {
            let own = index % self.counts[relation.head];
            take(name(relation.head, own), relation.name, name(relation.head, own))?;
        }
        for index in 0..relation.empty {
            take(
                name(relation.head, index % self.counts[relation.head]),
                relation.name,
                name(relation.tail, u32::MAX),
            )?;
        }
        Ok(u64::from(relation.triples + relation.repeats + relation.loops + relation.empty))
    }

    /// Pairs of one relation, all different, no entity with itself, in an order that says nothing.
    fn pairs(&self, row: u32, relation: &Relation) -> Vec<(u32, u32)> {
        let [heads, tails] = [relation.head, relation.tail].map(|kind| self.counts[kind]);
        let wanted = relation.triples as usize;
        let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(wanted);
        for round in 0..ROUNDS {
            let missing = (wanted - pairs.len()) as u32;
            if missing == 0 {
                break;
            }
            let draw = |at: u32, end: u32| unit(hash(self.seed, Stream::Synthetic, row << 16 | round << 8 | end, at));
            pairs.extend((0..missing).filter_map(|at| {
                let through = |end: usize, count: u32| (relation.covers[end] && round == 0 && at < count).then_some(at);
                let head = through(0, heads).unwrap_or_else(|| skewed(draw(at, 0), heads));
                let free = skewed(draw(at, 1), tails);
                let tail = through(1, tails).unwrap_or_else(|| {
                    if draw(at, 2) < 0.5 { free } else { in_block(free, leads_to(row, head % BLOCKS), tails) }
                });
                // Who stands alone with itself takes the next one.
                let is_loop = relation.head == relation.tail && head == tail;
                let tail = if is_loop { (tail + 1) % tails } else { tail };
                (relation.head != relation.tail || head != tail).then_some((head, tail))
            }));
            pairs.sort_unstable();
            pairs.dedup();
        }
        pairs.sort_by_cached_key(|&(head, tail)| (hash(self.seed, Stream::Synthetic, head, tail), head, tail));
        pairs
    }
}

/// `⌊n u²⌋`.
fn skewed(u: f32, n: u32) -> u32 {
    let u = f64::from(u);
    ((u * u * f64::from(n)) as u32).min(n - 1)
}

/// The block of tails that a relation leads to from a block of heads.
fn leads_to(relation: u32, block: u32) -> u32 {
    (block * 5 + relation * 7) % BLOCKS
}

/// The entity nearest to `index` in a block.
fn in_block(index: u32, block: u32, n: u32) -> u32 {
    let moved = index - index % BLOCKS + block;
    if moved < n { moved } else { index }
}

/// Types of a relation's ends, from its name: `SOURCE::code::Head:Tail`, or `bioarx::code:Head:Tail`.
fn ends(name: &str) -> [usize; 2] {
    let mut parts = name.rsplit(':');
    let mut next = || {
        let part = parts.next().unwrap_or_default();
        KINDS.iter().position(|kind| kind.name == part).unwrap_or(0)
    };
    let tail = next();
    [next(), tail]
}

/// An entity's identifier; an index of `u32::MAX` has nothing behind the type.
pub struct Name {
    kind: &'static Kind,
    index: u32,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kind { name, prefix, digits, .. } = self.kind;
        match self.index {
            u32::MAX => write!(f, "{name}::"),
            // DRKG has genes that are several at once.
            at if *name == "Gene" && at % 4000 == 3999 => write!(f, "{name}::{at};{}", at + 1_000_000),
            at => write!(f, "{name}::{prefix}{:0digits$}", at + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn rows(plan: &Plan) -> Vec<(String, String, String)> {
        let mut rows = Vec::new();
        for relation in 0..RELATIONS.len() {
            plan.each(relation, |head, relation, tail| {
                rows.push((head.to_string(), relation.to_owned(), tail.to_string()));
                Ok(())
            })
            .expect("the plan can be carried out");
        }
        rows
    }

    fn small(seed: u32, clean: bool) -> Plan {
        Plan::new(Scale { entities: 0.02, triples: 0.01 }, seed, clean)
    }

    #[test]
    fn relations_name_known_types() {
        for (name, _) in RELATIONS {
            let [head, tail] = ends(name);
            assert!(name.ends_with(&format!("{}:{}", KINDS[head].name, KINDS[tail].name)), "{name}");
        }
    }

    #[test]
    fn drkg_itself_has_its_counts() {
        let plan = Plan::new(Scale { entities: 1.0, triples: 1.0 }, 1, false);
        assert_eq!(plan.rows(), 5_874_261);
        assert_eq!(plan.counts.iter().sum::<u32>(), 97_238);
    }

    #[test]
    fn a_seed_gives_the_same_rows_and_each_entity_occurs() {
        let rows = rows(&small(1, true));
        assert_eq!(rows, self::rows(&small(1, true)));
        assert_ne!(rows, self::rows(&small(2, true)));
        let different: HashSet<_> = rows.iter().collect();
        assert_eq!(different.len(), rows.len(), "no row twice");
        assert!(rows.iter().all(|(head, _, tail)| head != tail), "no self-loops");
        let genes: HashSet<_> =
            rows.iter().flat_map(|(h, _, t)| [h, t]).filter(|id| id.starts_with("Gene::")).collect();
        assert_eq!(genes.len(), 784);
    }

    #[test]
    fn degrees_are_skewed_and_oddities_are_there() {
        let rows = rows(&small(1, false));
        let of = |wanted: &str| rows.iter().filter(|(h, _, t)| h == wanted || t == wanted).count();
        assert!(of("Gene::1") > 5 * of("Gene::500"), "{} {}", of("Gene::1"), of("Gene::500"));
        assert!(rows.iter().any(|(h, _, t)| h == t) && rows.iter().any(|(_, _, t)| t == "Gene::"));
    }
}
