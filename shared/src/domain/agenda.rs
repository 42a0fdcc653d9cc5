//! The agenda that comes to the staff by itself (`AGENDA_AT`), and the days, weeks and months that the staff look at.
//! Pure rules in the venue's time.

use std::fmt;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::time::VenueZone;

/// An agenda that is later than this is not sent: after an outage it would only disturb.
pub const AGENDA_PATIENCE: TimeDelta = TimeDelta::hours(2);
/// Visits in one message of an agenda. Each has one short line, so that they fit.
pub const VISITS_PER_PART: u32 = 30;
/// Most messages of one agenda. The last one counts what is left.
pub const PARTS_MAX: u32 = 10;

/// From this instant until before that one.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// The time of day at which the agenda comes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgendaAt(NaiveTime);

/// An agenda that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueAgenda {
    pub due_at: DateTime<Utc>,
    /// The day that it is about.
    pub day: NaiveDate,
}

impl AgendaAt {
    /// Reads `20:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        NaiveTime::parse_from_str(text.trim(), "%H:%M").ok().map(Self)
    }

    /// The last agenda that became due until `now`, unless it is too late for it.
    #[must_use]
    pub fn due(self, zone: VenueZone, now: DateTime<Utc>) -> Option<DueAgenda> {
        let today = zone.local(now).date_naive();
        let days = [Some(today), today.pred_opt()];
        let mut due = days.into_iter().flatten().filter_map(|day| self.on(day, zone));
        due.find(|due| due.due_at <= now).filter(|due| now - due.due_at < AGENDA_PATIENCE)
    }

    /// When the next one becomes due.
    #[must_use]
    pub fn next(self, zone: VenueZone, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = zone.local(now).date_naive();
        let days = [Some(today), today.succ_opt(), today.checked_add_days(Days::new(2))];
        let mut due = days.into_iter().flatten().filter_map(|day| self.on(day, zone));
        due.find(|due| due.due_at > now).map(|due| due.due_at)
    }

    /// The agenda that comes on a day: before noon that day's own, from noon on the next day's.
    fn on(self, day: NaiveDate, zone: VenueZone) -> Option<DueAgenda> {
        let about = if self.0.hour() < 12 { day } else { day.succ_opt()? };
        Some(DueAgenda { due_at: zone.resolve(day.and_time(self.0))?, day: about })
    }
}

impl fmt::Display for AgendaAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

/// In how many messages so many visits are shown. A day without visits has one.
#[must_use]
pub fn parts_of(visits: u64) -> u32 {
    let parts = visits.div_ceil(u64::from(VISITS_PER_PART));
    u32::try_from(parts).unwrap_or(PARTS_MAX).clamp(1, PARTS_MAX)
}

/// A day of the venue.
#[must_use]
pub fn day_span(zone: VenueZone, day: NaiveDate) -> Option<Span> {
    span(zone, day, day.succ_opt()?)
}

/// The week of a day, from Monday on.
#[must_use]
pub fn week_span(zone: VenueZone, day: NaiveDate) -> Option<Span> {
    let monday = day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
    span(zone, monday, monday.checked_add_days(Days::new(7))?)
}

/// The calendar month of a day.
#[must_use]
pub fn month_span(zone: VenueZone, day: NaiveDate) -> Option<Span> {
    let first = day.with_day(1)?;
    span(zone, first, first.checked_add_months(Months::new(1))?)
}

fn span(zone: VenueZone, from: NaiveDate, until: NaiveDate) -> Option<Span> {
    let midnight = |day: NaiveDate| zone.resolve(day.and_time(NaiveTime::MIN));
    Some((midnight(from)?, midnight(until)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);
    const BERLIN: VenueZone = VenueZone(chrono_tz::Europe::Berlin);

    fn at(zone: VenueZone, text: &str) -> DateTime<Utc> {
        zone.parse(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn in_the_morning_it_is_about_the_day_and_from_noon_on_about_the_next() {
        for (setting, now, about) in [
            ("20:00", "28.11.2026 19:59", None),
            ("20:00", "28.11.2026 20:00", Some("2026-11-29")),
            ("20:00", "28.11.2026 21:59", Some("2026-11-29")),
            ("20:00", "28.11.2026 22:00", None),
            ("08:00", "28.11.2026 09:30", Some("2026-11-28")),
            ("12:00", "28.11.2026 12:01", Some("2026-11-29")),
            // The one of yesterday evening, after midnight.
            ("23:30", "29.11.2026 00:10", Some("2026-11-29")),
            ("23:30", "29.11.2026 01:31", None),
            ("00:00", "29.11.2026 01:31", Some("2026-11-29")),
        ] {
            let due = AgendaAt::parse(setting).unwrap().due(UFA, at(UFA, now));
            assert_eq!(due.map(|due| due.day), about.map(day), "{setting} at {now}");
        }
    }

    #[test]
    fn a_time_is_hours_and_minutes() {
        for text in ["", "20", "8 pm", "25:00", "24:00", "20:00-21:00", "-1:00"] {
            assert_eq!(AgendaAt::parse(text), None, "{text}");
        }
        assert_eq!(AgendaAt::parse(" 8:05 "), AgendaAt::parse("08:05"));
    }

    #[test]
    fn days_weeks_and_months_are_the_venues_also_where_the_clocks_change() {
        let hours = |span: Option<Span>| span.map(|(from, until)| (until - from).num_hours());
        assert_eq!(hours(day_span(UFA, day("2026-11-28"))), Some(24));
        assert_eq!(hours(day_span(BERLIN, day("2026-10-25"))), Some(25));
        assert_eq!(hours(day_span(BERLIN, day("2026-03-29"))), Some(23));
        let (from, until) = week_span(UFA, day("2026-11-29")).unwrap();
        assert_eq!((from, until), (at(UFA, "23.11.2026 00:00"), at(UFA, "30.11.2026 00:00")));
        assert_eq!(week_span(UFA, day("2026-11-23")), Some((from, until)));
        let (from, until) = month_span(UFA, day("2026-12-31")).unwrap();
        assert_eq!((from, until), (at(UFA, "01.12.2026 00:00"), at(UFA, "01.01.2027 00:00")));
    }

    #[test]
    fn parts_are_as_many_as_needed_and_bounded() {
        for (visits, parts) in [(0, 1), (1, 1), (30, 1), (31, 2), (300, 10), (100_000, 10)] {
            assert_eq!(parts_of(visits), parts, "{visits}");
        }
        assert_eq!(parts_of(u64::MAX), PARTS_MAX);
    }

    proptest! {
        #[test]
        fn the_next_one_is_ahead_and_due_when_it_comes(
            minute in 0u32..1_440,
            seconds in 0i64..400 * 86_400,
            in_berlin in any::<bool>(),
        ) {
            let zone = if in_berlin { BERLIN } else { UFA };
            let setting = format!("{:02}:{:02}", minute / 60, minute % 60);
            let agenda = AgendaAt::parse(&setting).unwrap();
            let now = at(UFA, "01.01.2026 00:00") + TimeDelta::seconds(seconds);
            let next = agenda.next(zone, now).unwrap();
            prop_assert!(next > now && next - now <= TimeDelta::hours(25), "{}", next);
            prop_assert_eq!(agenda.due(zone, next).map(|due| due.due_at), Some(next));
            if let Some(due) = agenda.due(zone, now) {
                prop_assert!(due.due_at <= now && now - due.due_at < AGENDA_PATIENCE);
            }
        }
    }
}
