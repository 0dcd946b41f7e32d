//! The table that people read: Markdown, one line for each comparison.

use super::race::{Line, Outcome};
use super::targets::{Target, Unit};
use super::turn::{Clock, Series, median};

/// Column titles.
pub const HEAD: &str = "\
| | work | ours, median (best) | beside | theirs, median (best) | ratio | by the clock: ours, theirs, ratio | target | |
|---|---|---|---|---|---|---|---|---|";

/// What the columns mean.
pub const FOOT: &str = "\
Figures are by CPU time of all threads (one works on each side); ratios are medians over rounds, in which the sides took
turns. CPU time leaves out waiting for a processor, but not a busy neighbour on the same core: compare ratios, not runs.
Wasm's CPU time is not known: its ratios, and the column that says so, are by the clock and hold others' load.";

/// The lines of an outcome.
pub fn lines(outcome: &Outcome) -> Vec<String> {
    outcome.lines.iter().map(|line| row(outcome, line)).collect()
}

fn row(outcome: &Outcome, line: &Line) -> String {
    let unit = outcome.unit;
    let middle = |series: &Series, unit: Unit| number(unit.figure(median(series.rates(Clock::Wall))));
    let (beside, theirs, ratio, clock) = match &line.other {
        Some((name, series, their_unit)) => (
            name.clone(),
            figures(series, *their_unit),
            ratio(line.value, line.is_share),
            format!(
                "{}, {}, {}",
                middle(&outcome.ours, unit),
                middle(series, *their_unit),
                ratio(line.by_clock, line.is_share)
            ),
        ),
        None => ("–".into(), "–".into(), "–".into(), format!("{} {}", middle(&outcome.ours, unit), unit.name())),
    };
    let target = line.target.map_or("–".into(), |target| words(target, line.is_share, unit));
    let verdict = line.target.map_or("", |target| target.verdict(line.value));
    let ours = figures(&outcome.ours, unit);
    format!(
        "| {} | {} | {ours} | {beside} | {theirs} | {ratio} | {clock} | {target} | {verdict} |",
        line.id, outcome.what
    )
}

/// Median and best of a series.
fn figures(series: &Series, unit: Unit) -> String {
    let rates = series.rates(Clock::Cpu);
    let best = rates.iter().copied().fold(0.0, f64::max);
    format!("{} ({}) {}", number(unit.figure(median(rates))), number(unit.figure(best)), unit.name())
}

fn words(target: Target, is_share: bool, unit: Unit) -> String {
    let said = |value: f64| match is_share {
        true => format!("{:.0} %", 100.0 * value),
        false => format!("{value} ×"),
    };
    match target {
        Target::Least(first, None) => format!("≥ {}", said(first)),
        Target::Least(first, Some(next)) => format!("≥ {}, then {}", said(first), said(next)),
        Target::Most(most) => format!("≤ {most} {}", unit.name()),
    }
}

fn ratio(value: f64, is_share: bool) -> String {
    match is_share {
        true => format!("{:.0} %", 100.0 * value),
        false if value >= 100.0 => format!("{value:.0} ×"),
        false => format!("{value:.2} ×"),
    }
}

/// Three digits or so, thousands apart.
fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.234, 99.5, 123.4, 1234.0, 1234567.8].map(number), ["1.23", "99.50", "123", "1,234", "1,234,568"]);
        assert_eq!(
            (ratio(0.456, true), ratio(1.5, false), ratio(123.4, false)),
            ("46 %".into(), "1.50 ×".into(), "123 ×".into())
        );
        assert_eq!(words(Target::Least(1.5, Some(3.0)), false, Unit::Triples), "≥ 1.5 ×, then 3 ×");
        assert_eq!(words(Target::Most(20.0), false, Unit::Seconds), "≤ 20 s");
    }
}
