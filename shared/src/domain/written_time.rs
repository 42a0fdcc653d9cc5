//! Times as templates write them: `dd.MM.yyyy HH:mm[:ss]`, or ISO 8601 with `T` or a space, with or without
//! seconds, fractions and a zone. The venue's zone turns a local time into an
//! instant.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// Why a text is not a time of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    #[error("is not a time: expected dd.MM.yyyy HH:mm or ISO 8601")]
    Format,
    #[error("names a day or hour that does not exist")]
    Impossible,
    #[error("lies outside the years 2000 to 2100")]
    OutOfRange,
}

/// Years of a booking. A date outside of them is a mistake of the template.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// Longest text of a time, in bytes.
const TEXT_MAX: usize = 60;

/// A time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) local: NaiveDateTime,
    /// Its zone's offset from UTC, if it names one.
    pub(super) offset: Option<TimeDelta>,
}

/// Reads a time. Any kind of space separates; a comma or «в» may separate date and hour; a two-digit
/// year is of this century; `24:00` is the following midnight; the plus of an offset may have become a space by
/// form decoding (`T12:00:00 05:00`).
pub(super) fn read(text: &str) -> Result<Written, TimeError> {
    read_plain(&plain(text)?)
}

/// Reads the end of a visit that starts at `start`: a time, or an hour alone. Midnight of the start's day is
/// the following midnight.
pub(super) fn read_end(text: &str, start: Written) -> Result<Written, TimeError> {
    let text = plain(text)?;
    if let Ok((time, days)) = hour(&text) {
        let same_day = start.local.date().and_time(time) + TimeDelta::days(days);
        let next = if same_day > start.local { 0 } else { 1 };
        return Ok(Written { local: same_day + TimeDelta::days(next), ..start });
    }
    let end = read_plain(&text)?;
    let next_midnight = end.local == start.local.date().and_time(NaiveTime::MIN)
        && end.offset == start.offset
        // A midnight in UTC is no midnight of the venue.
        && end.offset != Some(TimeDelta::zero());
    let days = if next_midnight { 1 } else { 0 };
    Ok(Written { local: end.local + TimeDelta::days(days), ..end })
}

/// The text with plain single spaces and dashes, without invisible characters.
fn plain(text: &str) -> Result<String, TimeError> {
    let mut plain = String::with_capacity(text.len().min(TEXT_MAX));
    for c in text.trim().chars() {
        match c {
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            _ if !c.is_whitespace() => plain.push(c),
            _ if plain.ends_with(' ') => {}
            _ => plain.push(' '),
        }
        if plain.len() > TEXT_MAX {
            return Err(TimeError::Format);
        }
    }
    Ok(plain)
}

fn read_plain(text: &str) -> Result<Written, TimeError> {
    let (date, rest) = text.split_once(['T', 't', ' ', ',']).ok_or(TimeError::Format)?;
    let is_iso = date.contains('-');
    let date = day(date)?;
    let (time, zone) = split_zone(to_hour(rest), is_iso);
    let date = date.ok_or(TimeError::Impossible)?;
    if !YEARS.contains(&date.year()) {
        return Err(TimeError::OutOfRange);
    }
    let (time, days) = hour(time)?;
    let offset = zone.map(|zone| offset(zone).ok_or(TimeError::Format)).transpose()?;
    Ok(Written { local: date.and_time(time) + TimeDelta::days(days), offset })
}

/// Skips the separator of date and hour.
fn to_hour(text: &str) -> &str {
    let mut text = text.trim_start();
    for word in [",", "г.", ",", "в ", "at "] {
        text = text.strip_prefix(word).unwrap_or(text).trim_start();
    }
    text
}

/// `None` inside: well-formed, but no such day.
fn day(text: &str) -> Result<Option<NaiveDate>, TimeError> {
    let number = |text: &str, widths: &[usize]| -> Result<u32, TimeError> {
        let sound = widths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if sound { text.parse().map_err(|_| TimeError::Format) } else { Err(TimeError::Format) }
    };
    let (year, month, day) = if let [day, month, year] = text.split('.').collect::<Vec<_>>()[..] {
        let century = if year.len() == 2 { 2000 } else { 0 };
        (century + number(year, &[2, 4])?, number(month, &[1, 2])?, number(day, &[1, 2])?)
    } else if let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] {
        (number(year, &[4])?, number(month, &[2])?, number(day, &[2])?)
    } else {
        return Err(TimeError::Format);
    };
    let year = i32::try_from(year).map_err(|_| TimeError::Format)?;
    Ok(NaiveDate::from_ymd_opt(year, month, day))
}

/// Splits a zone (`Z`, `+05:00`, `+0500`, `+05`) off the time of day. A minus, or a space for a plus, is an
/// offset only after an ISO date: elsewhere a minus precedes the end of a span.
fn split_zone(text: &str, is_iso: bool) -> (&str, Option<&str>) {
    let marks = |c: char| matches!(c, 'Z' | 'z' | '+') || (is_iso && matches!(c, '-' | ' '));
    match text.find(marks) {
        Some(at) => {
            let zone = &text[at..];
            let signed = zone.trim_start();
            let lost_plus = !signed.starts_with(['Z', 'z', '+', '-']);
            (text[..at].trim_end(), Some(if lost_plus { zone } else { signed }))
        }
        None => (text, None),
    }
}

/// The time of day, and how many days after the date it is.
fn hour(text: &str) -> Result<(NaiveTime, i64), TimeError> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    let digits =
        |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, second),
        _ => return Err(TimeError::Format),
    };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let sound = digits(hour) && minute.len() == 2 && digits(minute) && digits(second);
    if !sound || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TimeError::Format);
    }
    let number = |text: &str| text.parse::<u32>().map_err(|_| TimeError::Format);
    let micros: String = fraction.bytes().chain([b'0'; 6]).take(6).map(char::from).collect();
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    let (hour, days) = if (hour, minute, second) == (24, 0, 0) { (0, 1) } else { (hour, 0) };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, number(&micros)?);
    time.map(|time| (time, days)).ok_or(TimeError::Impossible)
}

fn offset(text: &str) -> Option<TimeDelta> {
    if text.eq_ignore_ascii_case("z") {
        return Some(TimeDelta::zero());
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let offset = TimeDelta::minutes(hours * 60 + minutes);
    Some(if sign == "-" { -offset } else { offset })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn one_time_in_every_spelling() {
        for text in [
            "27.12.2030 12:00",
            "27.12.2030\u{a0}12:00",
            "27.12.2030\u{2009}12:00",
            "27.12.2030\u{202f}12:00",
            "27.12.2030\t 12:00",
            "27.12.2030, 12:00",
            "27.12.2030,12:00",
            "27.12.2030 , 12:00:00",
            "27.12.2030 в 12:00",
            "27.12.2030, в\u{a0}12:00",
            "27.12.2030 г., 12:00",
            "27.12.2030 at 12:00",
            "27.12.30 12:00",
            "2030-12-27 12:00",
            "2030-12-27T12:00",
            "2030\u{2011}12\u{2011}27 12:00:00.000",
            "\u{200e}27.12.2030 12:00",
        ] {
            let expected = Written { local: local("2030-12-27T12:00:00"), offset: None };
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn hours_of_one_digit_and_the_end_of_a_day() {
        for (text, expected) in [
            ("27.12.2030 9:00", "2030-12-27T09:00:00"),
            ("7.1.2030 9:05", "2030-01-07T09:05:00"),
            ("27.12.2030 0:00", "2030-12-27T00:00:00"),
            ("27.12.2030 24:00", "2030-12-28T00:00:00"),
            ("31.12.2030 24:00:00", "2031-01-01T00:00:00"),
            ("2030-12-27T24:00", "2030-12-28T00:00:00"),
        ] {
            assert_eq!(read(text).map(|it| it.local), Ok(local(expected)), "{text}");
        }
        for text in
            ["27.12.2030 24:01", "27.12.2030 25:00", "27.12.2030 12:60", "27.12.2030 12:00:60"]
        {
            assert_eq!(read(text), Err(TimeError::Impossible), "{text}");
        }
    }

    #[test]
    fn an_offset_may_have_lost_its_plus() {
        for text in [
            "2030-12-27T12:00:00+05:00",
            "2030-12-27T12:00:00 05:00",
            "2030-12-27T12:00:00.000 0500",
            "2030-12-27T12:00 05",
            "2030-12-27 12:00 +05:00",
        ] {
            let read = read(text).unwrap();
            assert_eq!(read.local, local("2030-12-27T12:00:00"), "{text}");
            assert_eq!(read.offset, Some(TimeDelta::hours(5)), "{text}");
        }
        // Spans, not offsets.
        for text in ["27.12.2030 12:00-13:00", "27.12.2030 12:00 - 13:00", "27.12.2030 12:00 13:00"]
        {
            assert_eq!(read(text), Err(TimeError::Format), "{text}");
        }
    }

    #[test]
    fn an_end_is_read_by_its_start() {
        for (start, end, expected) in [
            ("27.12.2030 22:00", "27.12.2030 00:00", "2030-12-28T00:00:00"),
            ("27.12.2030 22:00", "27.12.2030 24:00", "2030-12-28T00:00:00"),
            ("27.12.2030 22:00", "28.12.2030 00:00", "2030-12-28T00:00:00"),
            ("2030-12-27T22:00:00+05:00", "2030-12-27T00:00:00+05:00", "2030-12-28T00:00:00"),
            ("2030-12-27T22:00:00Z", "2030-12-27T00:00:00Z", "2030-12-27T00:00:00"),
            ("27.12.2030 12:00", "26.12.2030 00:00", "2030-12-26T00:00:00"),
            ("27.12.2030 22:00", "24:00", "2030-12-28T00:00:00"),
            ("27.12.2030 22:00", "00:00", "2030-12-28T00:00:00"),
            ("27.12.2030 12:00", "13:30", "2030-12-27T13:30:00"),
            ("27.12.2030 23:00", "1:00", "2030-12-28T01:00:00"),
        ] {
            let read = read_end(end, read(start).unwrap());
            assert_eq!(read.map(|it| it.local), Ok(local(expected)), "{start} {end}");
        }
    }

    proptest! {
        #[test]
        fn nothing_without_a_digit_is_a_time(text in prop_oneof!["(?s).{0,80}", "[0-9.:TZzв, +\u{a0}\\-]{0,40}"], start in "[0-9]{2}") {
            let start = format!("{start}.12.2030 12:00");
            let has_digit = text.contains(|c: char| c.is_ascii_digit());
            prop_assert!(has_digit || read(&text).is_err());
            let start = read(&start);
            let end = start.and_then(|start| read_end(&text, start));
            prop_assert!(has_digit || end.is_err());
        }
    }
}
