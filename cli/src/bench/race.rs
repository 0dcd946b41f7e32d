//! A race: our side beside others, round by round, and what its lines say.

use anyhow::Result;
use serde_json::{Value, json};

use super::targets::{Target, Unit};
use super::turn::{Clock, Series, Side, median};

/// A side that ours runs beside.
pub struct Beside {
    /// Row of the table of targets.
    pub id: &'static str,
    /// The side.
    pub side: Box<dyn Side>,
    /// What its work is counted in.
    pub unit: Unit,
    /// Our rate times this is comparable with its rate: FLOP of products per triple, or 1.
    pub factor: f64,
    /// Shares are told in per cent.
    pub is_share: bool,
    /// What the ratio is held to.
    pub target: Option<Target>,
}

/// Our side and the others.
pub struct Race {
    /// Row of the table of targets, for the line of our side alone.
    pub id: &'static str,
    /// The work, in words: scoring function, B, K, d.
    pub what: String,
    /// What our work is counted in.
    pub unit: Unit,
    /// Our side.
    pub ours: Box<dyn Side>,
    /// The others.
    pub others: Vec<Beside>,
    /// What our figure is held to by itself.
    pub limit: Option<Target>,
}

/// One line of the table.
pub struct Line {
    /// Row of the table of targets.
    pub id: &'static str,
    /// Name and turns of the other side, and what they count; none where our figure stands alone.
    pub other: Option<(String, Series, Unit)>,
    /// Ratio, or our own figure: by CPU time where both sides know it.
    pub value: f64,
    /// The same by the clock.
    pub by_clock: f64,
    /// Shares are told in per cent.
    pub is_share: bool,
    /// What the value is held to.
    pub target: Option<Target>,
}

/// What a race gave.
pub struct Outcome {
    /// The work, in words.
    pub what: String,
    /// Name of our side.
    pub name: String,
    /// What our work is counted in.
    pub unit: Unit,
    /// Our turns.
    pub ours: Series,
    /// Lines, in the order of the others.
    pub lines: Vec<Line>,
    /// What went wrong.
    pub notes: Vec<String>,
}

impl Race {
    /// Lets all sides work in turn. A side of others that fails leaves with a note.
    ///
    /// # Errors
    /// When our side fails.
    pub fn run(mut self, rounds: usize) -> Result<Outcome> {
        let mut ours = Series::default();
        let mut theirs: Vec<Series> = self.others.iter().map(|_| Series::default()).collect();
        let mut failed: Vec<Option<String>> = self.others.iter().map(|_| None).collect();
        for _ in 0..rounds.max(1) {
            ours.0.push(self.ours.turn()?);
            for ((other, series), failed) in self.others.iter_mut().zip(&mut theirs).zip(&mut failed) {
                if failed.is_none() {
                    match other.side.turn() {
                        Ok(turn) => series.0.push(turn),
                        Err(error) => *failed = Some(format!("{}, {}: left out: {error:#}", other.id, self.what)),
                    }
                }
            }
        }
        let mut lines = Vec::new();
        for ((other, series), _) in self.others.iter().zip(theirs).zip(&failed).filter(|(_, failed)| failed.is_none()) {
            let clock = if ours.has_cpu() && series.has_cpu() { Clock::Cpu } else { Clock::Wall };
            lines.push(Line {
                id: other.id,
                value: other.factor * ours.ratio(&series, clock),
                by_clock: other.factor * ours.ratio(&series, Clock::Wall),
                other: Some((other.side.name(), series, other.unit)),
                is_share: other.is_share,
                target: other.target,
            });
        }
        if self.limit.is_some() || lines.is_empty() {
            let figure = |clock| self.unit.figure(median(ours.rates(clock)));
            let (value, by_clock) = (figure(Clock::Cpu), figure(Clock::Wall));
            let alone = Line { id: self.id, other: None, value, by_clock, is_share: false, target: self.limit };
            lines.insert(0, alone);
        }
        Ok(Outcome {
            what: self.what,
            name: self.ours.name(),
            unit: self.unit,
            ours,
            lines,
            notes: failed.into_iter().flatten().collect(),
        })
    }
}

impl Outcome {
    /// Everything, every turn included.
    pub fn json(&self) -> Value {
        let lines = self.lines.iter().map(|line| {
            let other = line.other.as_ref();
            json!({
                "row": line.id,
                "beside": other.map(|(name, ..)| name),
                "unit": other.map_or(self.unit, |(_, _, unit)| *unit).name(),
                "turns": other.map(|(_, series, _)| series.json()),
                "value": line.value,
                "value_by_clock": line.by_clock,
                "target": line.target.map(|target| match target {
                    Target::Least(first, next) => json!({ "at_least": first, "then": next }),
                    Target::Most(most) => json!({ "at_most": most }),
                }),
                "verdict": line.target.map(|target| target.verdict(line.value)),
            })
        });
        json!({
            "what": self.what, "ours": self.name, "unit": self.unit.name(), "turns": self.ours.json(),
            "lines": lines.collect::<Value>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::turn::Turn;

    /// Works at a known speed, and fails from a turn on.
    struct Known(f64, Option<f64>, usize);

    impl Side for Known {
        fn name(&self) -> String {
            "known".into()
        }

        fn turn(&mut self) -> Result<Turn> {
            self.2 = self.2.checked_sub(1).ok_or_else(|| anyhow::anyhow!("broken"))?;
            Ok(Turn { work: self.0, wall: 1.0, cpu: self.1 })
        }
    }

    fn race(other: Known, target: Target) -> Outcome {
        let side = Box::new(other);
        let other = Beside { id: "T9", side, unit: Unit::Triples, factor: 2.0, is_share: false, target: Some(target) };
        let ours = Box::new(Known(30.0, Some(0.5), 9));
        let what = "work".to_string();
        Race { id: "T9", what, unit: Unit::Triples, ours, others: vec![other], limit: None }.run(3).unwrap()
    }

    #[test]
    fn compares_by_cpu_time_where_both_know_it() {
        let told = race(Known(10.0, Some(0.25), 9), Target::Least(3.0, Some(6.0)));
        assert_eq!((told.lines[0].value, told.lines[0].by_clock), (3.0, 6.0));
        assert_eq!(told.json()["lines"][0]["verdict"], "first met");
        let told = race(Known(10.0, None, 9), Target::Least(6.0, None));
        assert_eq!((told.lines[0].value, told.json()["lines"][0]["verdict"].as_str()), (6.0, Some("met")));
    }

    #[test]
    fn a_side_that_fails_leaves_with_a_note() {
        let told = race(Known(10.0, None, 2), Target::Least(1.0, None));
        assert!(told.notes[0].contains("broken"), "{:?}", told.notes);
        assert!(told.lines.len() == 1 && told.lines[0].other.is_none());
    }
}
