//! Times as text: dates in the venue's zone, durations, and the time left until a visit.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use shared::domain::{event::VisitTime, time::VenueZone};

use super::bundle::{Args, Language};

/// Below this many hours the time left is given in hours and minutes, above by day and hour.
const COUNTED_HOURS: i64 = 6;

/// Formats times in one language and zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times<'a> {
    pub(super) language: &'a Language,
    pub(super) zone: VenueZone,
}

impl Times<'_> {
    /// «суббота, 27 декабря, 12:00», with the year when it is not the current one.
    pub(super) fn date_time(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let date = self.date(at, now);
        self.language.get("date-time", Args::new().html("date", date).html("time", self.clock(at)))
    }

    /// «27 декабря», with the year when it is not the current one.
    pub(super) fn day(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        self.date_as(at, now, "day", "day-with-year")
    }

    /// «суббота, 27 декабря», with the year when it is not the current one.
    pub(super) fn date(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        self.date_as(at, now, "date", "date-with-year")
    }

    /// «27 декабря 12:00», for a button.
    pub(super) fn short(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        format!("{} {}", self.day(at, now), self.clock(at))
    }

    fn date_as(self, at: DateTime<Utc>, now: DateTime<Utc>, this: &str, other: &str) -> String {
        let (day, today) = (self.zone.local(at), self.zone.local(now));
        let args = Args::new()
            .number("weekday", day.weekday().number_from_monday())
            .number("day", day.day())
            .number("month", day.month())
            // As text: a year is no quantity, and is never grouped.
            .html("year", day.year().to_string());
        self.language.get(if day.year() == today.year() { this } else { other }, args)
    }

    /// The time of day, `12:00`.
    pub(super) fn clock(self, at: DateTime<Utc>) -> String {
        self.zone.local(at).format("%H:%M").to_string()
    }

    /// How long a visit lasts, to the minute: «1 час 30 минут». `None` under a minute.
    pub(super) fn duration(self, visit_time: VisitTime) -> Option<String> {
        let minutes = (visit_time.end() - visit_time.start()).num_minutes();
        (minutes > 0).then(|| self.span(minutes, "minutes"))
    }

    /// The time left until `start`, as it follows «Ждём вас …»: «через 2 часа», «завтра в 12:00».
    pub(super) fn left(self, start: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let left = start - now;
        if left < TimeDelta::minutes(1) {
            return self.language.plain("left-moment");
        }
        let minutes = (left + TimeDelta::seconds(30)).num_minutes();
        // A reminder sent a moment late would read 1:59. Times are rounded to five minutes.
        let minutes = if minutes < 60 { minutes } else { (minutes + 2) / 5 * 5 };
        if minutes <= COUNTED_HOURS * 60 {
            return self.left_in(self.span(minutes, "in-minutes"));
        }
        let (day, today) = (self.zone.local(start), self.zone.local(now));
        match day.date_naive().signed_duration_since(today.date_naive()).num_days() {
            0 => self.language.get("left-today", Args::new().html("time", self.clock(start))),
            1 => self.language.get("left-tomorrow", Args::new().html("time", self.clock(start))),
            days => self.left_in(self.language.get("days", Args::new().number("n", days))),
        }
    }

    fn left_in(self, span: String) -> String {
        self.language.get("left-in", Args::new().html("span", span))
    }

    /// «1 день 2 часа 30 минут», without the parts that are zero.
    fn span(self, minutes: i64, minutes_key: &str) -> String {
        let parts = [
            ("days", minutes / (24 * 60)),
            ("hours", minutes / 60 % 24),
            (minutes_key, minutes % 60),
        ];
        let phrases: Vec<String> = parts
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(key, n)| self.language.get(key, Args::new().number("n", *n)))
            .collect();
        phrases.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::domain::venue::Locale;

    const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);

    fn at(text: &str) -> DateTime<Utc> {
        UFA.parse(text).unwrap()
    }

    fn russian() -> Language {
        Language::built_in(Locale::Ru).unwrap()
    }

    #[test]
    fn dates_are_local_and_name_another_year() {
        let language = russian();
        let times = Times { language: &language, zone: UFA };
        let visit = at("27.12.2025 00:30");
        assert_eq!(times.date_time(visit, at("01.12.2025 12:00")), "суббота, 27 декабря, 00:30");
        assert_eq!(
            times.date_time(visit, at("01.01.2026 00:00")),
            "суббота, 27 декабря 2025 года, 00:30"
        );
        assert_eq!(times.day(visit, at("01.12.2025 12:00")), "27 декабря");
        let english = Language::built_in(Locale::En).unwrap();
        let times = Times { language: &english, zone: UFA };
        assert_eq!(times.date_time(visit, at("01.12.2025 12:00")), "Saturday, 27 December, 00:30");
    }

    #[test]
    fn durations_have_right_plurals() {
        let language = russian();
        let times = Times { language: &language, zone: UFA };
        let lasts = |minutes| {
            let start = at("27.12.2025 12:00");
            times
                .duration(VisitTime::new(start, start + TimeDelta::minutes(minutes)).unwrap())
                .unwrap()
        };
        for (minutes, words) in [
            (1, "1 минута"),
            (22, "22 минуты"),
            (45, "45 минут"),
            (60, "1 час"),
            (90, "1 час 30 минут"),
            (120, "2 часа"),
            (300, "5 часов"),
            (11 * 60 + 11, "11 часов 11 минут"),
            (24 * 60, "1 день"),
            (50 * 60, "2 дня 2 часа"),
        ] {
            assert_eq!(lasts(minutes), words);
        }
        let start = at("27.12.2025 12:00");
        let short = VisitTime::new(start, start + TimeDelta::seconds(20)).unwrap();
        assert_eq!(times.duration(short), None);
    }

    #[test]
    fn the_time_left_is_right_at_any_moment() {
        let language = russian();
        let times = Times { language: &language, zone: UFA };
        for (now, words) in [
            ("24.12.2025 12:00", "через 3 дня"),
            ("25.12.2025 23:59", "через 2 дня"),
            ("26.12.2025 00:00", "завтра в 12:00"),
            ("26.12.2025 12:00", "завтра в 12:00"),
            ("26.12.2025 12:00:01", "завтра в 12:00"),
            ("27.12.2025 00:10", "сегодня в 12:00"),
            ("27.12.2025 05:50", "сегодня в 12:00"),
            ("27.12.2025 06:00", "через 6 часов"),
            ("27.12.2025 07:00", "через 5 часов"),
            ("27.12.2025 10:00", "через 2 часа"),
            ("27.12.2025 10:00:03", "через 2 часа"),
            ("27.12.2025 10:30", "через 1 час 30 минут"),
            ("27.12.2025 11:00:05", "через 1 час"),
            ("27.12.2025 11:15", "через 45 минут"),
            ("27.12.2025 11:59", "через 1 минуту"),
            ("27.12.2025 11:59:10", "меньше чем через минуту"),
        ] {
            assert_eq!(times.left(at("27.12.2025 12:00"), at(now)), words, "{now}");
        }
    }

    #[test]
    fn on_days_when_the_clocks_change_hours_are_true_and_days_are_the_calendars() {
        let language = russian();
        let berlin = VenueZone(chrono_tz::Europe::Berlin);
        let times = Times { language: &language, zone: berlin };
        let at = |text: &str| berlin.parse(text).unwrap();
        for (visit, now, words) in [
            // A day before the visit by the clock, 23 or 25 hours; and 24 hours before it.
            ("29.03.2026 12:00", "28.03.2026 12:00", "завтра в 12:00"),
            ("29.03.2026 12:00", "28.03.2026 11:00", "завтра в 12:00"),
            ("25.10.2026 12:00", "24.10.2026 12:00", "завтра в 12:00"),
            ("25.10.2026 12:00", "24.10.2026 13:00", "завтра в 12:00"),
            ("26.10.2026 00:30", "24.10.2026 23:30", "через 2 дня"),
            // Across the change.
            ("29.03.2026 03:30", "29.03.2026 00:30", "через 2 часа"),
            ("25.10.2026 03:30", "25.10.2026 01:30", "через 3 часа"),
            ("29.03.2026 02:30", "29.03.2026 01:30", "через 1 час"),
        ] {
            assert_eq!(times.left(at(visit), at(now)), words, "{visit} at {now}");
        }
        for (start, end, shown, lasts) in [
            ("29.03.2026 02:30", "29.03.2026 04:30", "воскресенье, 29 марта, 03:30", "1 час"),
            ("29.03.2026 01:30", "29.03.2026 03:30", "воскресенье, 29 марта, 01:30", "1 час"),
            ("25.10.2026 01:30", "25.10.2026 03:30", "воскресенье, 25 октября, 01:30", "3 часа"),
            ("25.10.2026 02:30", "25.10.2026 03:30", "воскресенье, 25 октября, 02:30", "2 часа"),
        ] {
            let visit_time = VisitTime::new(at(start), at(end)).unwrap();
            assert_eq!(times.date_time(visit_time.start(), at("01.03.2026 12:00")), shown);
            assert_eq!(times.duration(visit_time).unwrap(), lasts, "{start}");
        }
    }

    #[test]
    fn a_night_visit_is_near_even_if_it_is_tomorrow() {
        let language = russian();
        let times = Times { language: &language, zone: UFA };
        assert_eq!(times.left(at("28.12.2025 01:00"), at("27.12.2025 23:00")), "через 2 часа");
    }

    proptest! {
        #[test]
        fn the_time_left_is_never_off_by_more_than_three_minutes_when_counted(seconds in 60i64..6 * 3600) {
            let language = Language::built_in(Locale::En).unwrap();
            let times = Times { language: &language, zone: UFA };
            let start = at("27.12.2025 12:00");
            let words = times.left(start, start - TimeDelta::seconds(seconds));
            let mut total = 0;
            let parts: Vec<&str> = words.split(' ').collect();
            for pair in parts[1..].chunks(2) {
                let n: i64 = pair[0].parse().unwrap();
                total += n * if pair[1].starts_with("hour") { 3600 } else { 60 };
            }
            prop_assert!((total - seconds).abs() <= 180, "{words} for {seconds} s");
        }
    }
}
