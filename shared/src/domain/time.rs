//! Converts times that Bukza writes into instants, in the venue's zone unless the text names one.
//! [`VenueZone::resolve`] has the rule for days on which the clocks change.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

pub use super::written_time::TimeError;
use super::{
    event::VisitTime,
    wall_clock::WallClock,
    written_time::{self, Written},
};

/// A visit's times as they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadSpan {
    pub start: Result<DateTime<Utc>, TimeError>,
    pub end: Result<DateTime<Utc>, TimeError>,
    /// The same as the venue's clocks show them, where the start was written without an offset.
    pub wall_clock: Option<WallClock>,
}

/// The time zone of the venue (setting `TIMEZONE`, IANA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VenueZone(pub Tz);

impl VenueZone {
    /// Reads `dd.MM.yyyy HH:mm` or ISO 8601 in the spellings that templates use. Without a zone it is the
    /// venue's local time.
    ///
    /// # Errors
    /// [`TimeError`] names the fault.
    pub fn parse(&self, text: &str) -> Result<DateTime<Utc>, TimeError> {
        self.instant(written_time::read(text)?)
    }

    fn instant(&self, written: Written) -> Result<DateTime<Utc>, TimeError> {
        match written.offset {
            Some(offset) => Ok((written.local - offset).and_utc()),
            None => self.resolve(written.local).ok_or(TimeError::Impossible),
        }
    }

    /// Reads a visit's start and end. Each is read as by [`Self::parse`], but
    /// - an end without a date is the first such hour after the start;
    /// - an end at midnight of the day on which the visit starts is the midnight that follows;
    /// - local times are a span as of [`Self::resolve_span`].
    pub fn parse_span(&self, start: &str, end: &str) -> ReadSpan {
        let start = written_time::read(start);
        let end = match start {
            Ok(start) => written_time::read_end(end, start),
            Err(_) => written_time::read(end),
        };
        let instant = |written: Result<Written, TimeError>| written.and_then(|it| self.instant(it));
        let (from, to) = (instant(start), instant(end));
        let (Ok(first), Ok(last), Ok(start), Ok(end)) = (from, to, start, end) else {
            return ReadSpan { start: from, end: to, wall_clock: None };
        };
        match (start.offset, end.offset) {
            (None, None) => {
                let wall_clock = WallClock { start: start.local, end: end.local };
                let (_, to) = self.resolve_span(start.local, end.local);
                let end = to.ok_or(TimeError::Impossible);
                ReadSpan { start: from, end, wall_clock: Some(wall_clock) }
            }
            (None, Some(_)) => {
                let shown = self.local(last).naive_local();
                let wall_clock = WallClock { start: start.local, end: shown };
                // The second of two equal hours is no wall-clock time: it would be read as the first.
                let is_same = self.visit_time(wall_clock) == VisitTime::new(first, last).ok();
                ReadSpan { start: from, end: to, wall_clock: is_same.then_some(wall_clock) }
            }
            // A start with an offset is an instant, whatever the zone's rules are.
            (Some(_), _) => ReadSpan { start: from, end: to, wall_clock: None },
        }
    }

    /// What the venue's clocks show at these instants.
    #[must_use]
    pub fn shown(&self, visit_time: VisitTime) -> WallClock {
        let shown = |at| self.local(at).naive_local();
        WallClock { start: shown(visit_time.start()), end: shown(visit_time.end()) }
    }

    /// The instants of wall-clock times by the zone's present rules. `None`: the clocks never show them, as on a day that
    /// is left out.
    #[must_use]
    pub fn visit_time(&self, times: WallClock) -> Option<VisitTime> {
        let (start, end) = self.resolve_span(times.start, times.end);
        VisitTime::new(start?, end?).ok()
    }

    /// The instants of a visit's local start and end, each as by [`Self::resolve`]. If the clocks change between or at
    /// them and the end would precede the start, an end in an hour that happens twice means its second time, and an end
    /// after a start in a skipped hour keeps the duration that the clock shows.
    #[must_use]
    pub fn resolve_span(
        &self,
        start: NaiveDateTime,
        end: NaiveDateTime,
    ) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let (from, to) = (self.resolve(start), self.resolve(end));
        let (Some(first), Some(last)) = (from, to) else { return (from, to) };
        if last > first {
            return (from, to);
        }
        let second = self.0.from_local_datetime(&end).latest().map(|at| at.to_utc());
        match second {
            Some(second) if second > first => (from, Some(second)),
            _ if end > start => (from, Some(first + (end - start))),
            _ => (from, to),
        }
    }

    /// The instant of a local time of the venue. On the day the clocks go back, an hour that
    /// happens twice means its **first** time; on the day they go forward, an hour that does not
    /// happen is moved **forward by the gap** (02:30 becomes 03:30), as wall clocks and calendars do.
    #[must_use]
    pub fn resolve(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) => Some(at.to_utc()),
            LocalResult::Ambiguous(first, second) => Some(first.min(second).to_utc()),
            LocalResult::None => {
                // The offset before the gap gives an instant after it.
                let before =
                    self.0.from_local_datetime(&(local - TimeDelta::hours(3))).earliest()?;
                Some((before + TimeDelta::hours(3)).to_utc())
            }
        }
    }

    /// The instant in the venue's local time.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);
    const BERLIN: VenueZone = VenueZone(chrono_tz::Europe::Berlin);

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn local_time_of_the_venue_and_iso_forms() {
        let noon = utc("2025-12-27T07:00:00Z");
        for text in [
            "27.12.2025 12:00",
            " 27.12.2025 12:00:00 ",
            "2025-12-27T12:00",
            "2025-12-27 12:00:00",
            "2025-12-27T07:00:00Z",
            "2025-12-27T07:00:00.000Z",
            "2025-12-27T12:00:00+05:00",
            "2025-12-27T12:00+0500",
            "2025-12-27T02:00:00-05",
        ] {
            assert_eq!(UFA.parse(text), Ok(noon), "{text}");
        }
    }

    #[test]
    fn impossible_days_and_hours_are_named() {
        assert_eq!(UFA.parse("31.02.2026 12:00"), Err(TimeError::Impossible));
        assert_eq!(UFA.parse("01.02.2026 25:00"), Err(TimeError::Impossible));
        assert_eq!(UFA.parse("01.02.1026 12:00"), Err(TimeError::OutOfRange));
        for text in ["", "-", "tomorrow", "27/12/2025 12:00", "27.12.2025", "2025-12-27T12"] {
            assert_eq!(UFA.parse(text), Err(TimeError::Format), "{text}");
        }
    }

    #[test]
    fn clocks_going_back_mean_the_first_hour_and_forward_skips_the_gap() {
        assert_eq!(BERLIN.parse("25.10.2026 02:30"), Ok(utc("2026-10-25T00:30:00Z")));
        assert_eq!(BERLIN.parse("29.03.2026 02:30"), Ok(utc("2026-03-29T01:30:00Z")));
        assert_eq!(BERLIN.local(utc("2026-03-29T01:30:00Z")).format("%H:%M").to_string(), "03:30");
    }

    #[test]
    fn times_of_change_days_by_table() {
        let zones = [
            ("Europe/Berlin", "29.03.2026 01:59", "2026-03-29T00:59:00Z"),
            // 02:00 to 03:00 does not happen.
            ("Europe/Berlin", "29.03.2026 02:00", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "29.03.2026 02:59", "2026-03-29T01:59:00Z"),
            ("Europe/Berlin", "29.03.2026 03:00", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "25.10.2026 01:59", "2026-10-24T23:59:00Z"),
            // 02:00 to 03:00 happens twice.
            ("Europe/Berlin", "25.10.2026 02:00", "2026-10-25T00:00:00Z"),
            ("Europe/Berlin", "25.10.2026 02:59", "2026-10-25T00:59:00Z"),
            ("Europe/Berlin", "25.10.2026 03:00", "2026-10-25T02:00:00Z"),
            // A zone in the text takes precedence.
            ("Europe/Berlin", "2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"),
            ("America/New_York", "08.03.2026 02:30", "2026-03-08T07:30:00Z"),
            // Half an hour, and the other half of the year.
            ("Australia/Lord_Howe", "04.10.2026 02:15", "2026-10-03T15:45:00Z"),
            ("Australia/Lord_Howe", "05.04.2026 01:45", "2026-04-04T14:45:00Z"),
            // Clocks change at midnight: that day begins at 01:00.
            ("Africa/Cairo", "24.04.2026 00:30", "2026-04-23T22:30:00Z"),
            // Fixed offsets have no such days.
            ("Asia/Yekaterinburg", "29.03.2026 02:30", "2026-03-28T21:30:00Z"),
            ("Asia/Yekaterinburg", "25.10.2026 02:30", "2026-10-24T21:30:00Z"),
            ("Asia/Kathmandu", "29.03.2026 02:30", "2026-03-28T20:45:00Z"),
            ("Etc/GMT-5", "25.10.2026 02:30", "2026-10-24T21:30:00Z"),
            ("UTC", "25.10.2026 02:30", "2026-10-25T02:30:00Z"),
        ];
        for (zone, text, instant) in zones {
            let zone = VenueZone(zone.parse().unwrap());
            assert_eq!(zone.parse(text), Ok(utc(instant)), "{text} {zone:?}");
        }
        // A whole skipped day.
        let apia = VenueZone(chrono_tz::Pacific::Apia);
        assert_eq!(apia.parse("30.12.2011 12:00"), Err(TimeError::Impossible));
    }

    #[test]
    fn visits_of_change_days_end_after_they_start() {
        for (zone, start, end, minutes) in [
            (BERLIN, "29.03.2026 01:30", "29.03.2026 03:30", 60),
            (BERLIN, "29.03.2026 01:30", "29.03.2026 02:30", 60),
            (BERLIN, "29.03.2026 02:30", "29.03.2026 03:00", 30),
            (BERLIN, "29.03.2026 02:30", "29.03.2026 04:00", 30),
            (BERLIN, "25.10.2026 01:30", "25.10.2026 02:30", 60),
            (BERLIN, "25.10.2026 01:30", "25.10.2026 03:00", 150),
            (BERLIN, "25.10.2026 02:45", "25.10.2026 02:15", 30),
            (BERLIN, "25.10.2026 02:30", "25.10.2026 02:30", 60),
            (BERLIN, "24.10.2026 12:00", "25.10.2026 12:00", 25 * 60),
            (UFA, "25.10.2026 02:30", "25.10.2026 03:30", 60),
        ] {
            let ReadSpan { start: from, end: to, .. } = zone.parse_span(start, end);
            assert_eq!((to.unwrap() - from.unwrap()).num_minutes(), minutes, "{start} {end}");
        }
        // A fault of any other day remains a fault.
        for (start, end) in [
            ("25.10.2026 12:00", "25.10.2026 11:00"),
            ("25.10.2026 03:30", "25.10.2026 02:30"),
            ("2026-10-25T02:45:00+02:00", "2026-10-25T02:15:00+02:00"),
        ] {
            let ReadSpan { start: from, end: to, .. } = BERLIN.parse_span(start, end);
            assert!(to.unwrap() < from.unwrap(), "{start} {end}");
        }
        let ReadSpan { start: from, end: to, .. } = BERLIN.parse_span("31.02.2026 12:00", "noon");
        assert_eq!((from, to), (Err(TimeError::Impossible), Err(TimeError::Format)));
    }

    proptest! {
        #[test]
        fn nothing_without_a_digit_is_a_time(
            // Arbitrary text, and text that resembles a time.
            text in prop_oneof![
                "(?s).{0,50}",
                "[0-9.:TZz+ \\-]{0,30}",
                "[0-9]{1,5}[-.][0-9]{1,3}[-.][0-9]{1,5}[T ][0-9]{1,3}:[0-9]{1,3}(:[0-9.]{0,12})?(Z|[+-][0-9:]{0,6})?",
            ],
        ) {
            let has_digit = text.contains(|c: char| c.is_ascii_digit());
            prop_assert!(has_digit || UFA.parse(&text).is_err());
        }

        #[test]
        fn whole_minutes_survive_a_round_trip(minutes in 0i64..60 * 24 * 365 * 60) {
            let at = utc("2001-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
            let text = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            prop_assert_eq!(UFA.parse(&text), Ok(at));
        }
    }
}
