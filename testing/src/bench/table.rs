//! The figures of a run, beside their targets.

use std::fmt;

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// No target.
    Open,
}

#[derive(Debug)]
struct Row {
    what: String,
    measured: f64,
    unit: &'static str,
    target: Target,
}

/// One line for each figure.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<Row>);

impl Table {
    pub(super) fn add(
        &mut self,
        what: impl Into<String>,
        measured: f64,
        unit: &'static str,
        target: Target,
    ) {
        let row = Row { what: what.into(), measured, unit, target };
        println!("   {row}");
        self.0.push(row);
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (target, met) = match self.target {
            Target::AtLeast(target) => (format!("≥ {}", figure(target)), self.measured >= target),
            Target::AtMost(target) => (format!("≤ {}", figure(target)), self.measured <= target),
            Target::Open => (String::new(), true),
        };
        let measured = format!("{} {}", figure(self.measured), self.unit);
        let verdict = if met { "" } else { "MISSED" };
        write!(f, "{:56} {measured:>18}  {target:>10}  {verdict}", self.what)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:56} {:>18}  {:>10}", "what", "measured", "target")?;
        self.0.iter().try_for_each(|row| writeln!(f, "{}", row.to_string().trim_end()))
    }
}

/// Rounds to about three digits.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The value below which `percent` of the sorted values lie.
pub(super) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = ((sorted.len() - 1) as f64 * percent / 100.0).round() as usize;
    sorted[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_marked() {
        let mut table = Table::default();
        table.add("speed", 7999.4, "/s", Target::AtLeast(8000.0));
        table.add("p99", 24.96, "ms", Target::AtMost(25.0));
        let text = table.to_string();
        assert!(text.contains("7999 /s      ≥ 8000  MISSED"), "{text}");
        assert_eq!(text.matches("MISSED").count(), 1);
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!((percentile(&values, 0.0), percentile(&values, 100.0)), (1.0, 100.0));
        assert_eq!(percentile(&values, 99.0), 99.0);
        assert!(percentile(&[], 50.0).is_nan());
    }
}
