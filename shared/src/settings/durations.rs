//! Durations as an operator writes them: `24h`, `90m`, `2h30m`, `1d`, `45s`; and the list of how
//! long before a visit to remind of it.

use chrono::TimeDelta;

/// Longest duration that a setting may name.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// Most reminders of one visit.
const MOST_REMINDERS: usize = 10;

/// Reads whole numbers each followed by `d`, `h`, `m` or `s`, each unit at most once and the
/// larger first. A bare `0` is zero. At most 366 days.
pub(super) fn parse_duration(text: &str) -> Option<TimeDelta> {
    parse_at_most(text, LONGEST)
}

/// The same for how long data are kept: from a day to a century.
pub(super) fn parse_retention(text: &str) -> Option<TimeDelta> {
    parse_at_most(text, TimeDelta::days(36_500)).filter(|kept| *kept >= TimeDelta::days(1))
}

fn parse_at_most(text: &str, longest: TimeDelta) -> Option<TimeDelta> {
    let text = text.trim();
    if text == "0" {
        return Some(TimeDelta::zero());
    }
    let mut rest = text;
    let mut seconds = 0i64;
    let mut last_unit = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let mut after = rest[digits..].chars();
        let unit = match after.next()?.to_ascii_lowercase() {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        seconds = number.checked_mul(unit).and_then(|part| seconds.checked_add(part))?;
        last_unit = unit;
        rest = after.as_str();
    }
    let duration = TimeDelta::try_seconds(seconds)?;
    (!text.is_empty() && duration <= longest).then_some(duration)
}

/// Reads a comma-separated list of durations over zero: each once, the longest first. Nothing at all means
/// no reminders.
pub(super) fn parse_reminders(text: &str) -> Option<Vec<TimeDelta>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let over_zero = |part| parse_duration(part).filter(|before| *before > TimeDelta::zero());
    let mut offsets: Vec<_> = parts.map(over_zero).collect::<Option<_>>()?;
    offsets.sort_unstable_by(|a, b| b.cmp(a));
    offsets.dedup();
    (offsets.len() <= MOST_REMINDERS).then_some(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn data_are_kept_for_a_day_at_least_and_for_years_if_wanted() {
        assert_eq!(parse_retention("1095d"), Some(TimeDelta::days(1095)));
        for text in ["", "0", "0s", "23h", "36501d", "1y"] {
            assert_eq!(parse_retention(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_usual_forms() {
        for (text, seconds) in [
            ("24h", 86_400),
            ("90m", 5_400),
            ("2h30m", 9_000),
            ("1d", 86_400),
            ("45s", 45),
            ("1D2H", 93_600),
            ("0s", 0),
            ("0", 0),
        ] {
            assert_eq!(parse_duration(text), Some(TimeDelta::seconds(seconds)), "{text}");
        }
        for text in ["", "h", "24", "2h 30m", "30m2h", "1h1h", "-1h", "1.5h", "1w", "400d", "2ч"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
        assert_eq!(parse_duration("99999999999999999d"), None);
    }

    #[test]
    fn reminders_are_a_set_with_the_longest_first() {
        let before = |text: &str| -> Option<Vec<i64>> {
            Some(parse_reminders(text)?.iter().map(TimeDelta::num_hours).collect())
        };
        assert_eq!(before("2h,24h, 120m,1d"), Some(vec![24, 2]));
        assert_eq!(before(""), Some(vec![]));
        assert_eq!(before("2h,0s"), None);
        assert_eq!(before("2h,soon"), None);
        assert_eq!(before("1h,2h,3h,4h,5h,6h,7h,8h,9h,10h").map(|list| list.len()), Some(10));
        assert_eq!(before("1h,2h,3h,4h,5h,6h,7h,8h,9h,10h,11h"), None);
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_no_negative_time(text in "\\PC{0,40}") {
            prop_assert!(parse_duration(&text).is_none_or(|time| time >= TimeDelta::zero()));
            let reminders = parse_reminders(&text).into_iter().flatten();
            prop_assert!(reminders.into_iter().all(|before| before >= TimeDelta::zero()));
        }

        #[test]
        fn what_is_written_is_read(d in 0i64..300, h in 0i64..24, m in 0i64..60, s in 0i64..60) {
            let read = parse_duration(&format!("{d}d{h}h{m}m{s}s"));
            prop_assert_eq!(read, Some(TimeDelta::seconds(((d * 24 + h) * 60 + m) * 60 + s)));
        }
    }
}
