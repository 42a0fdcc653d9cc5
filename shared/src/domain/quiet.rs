//! Quiet hours: the part of each day, in the venue's local time, without reminders.

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::time::VenueZone;

/// From a time of day until another; until an earlier one: past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

/// The quiet hours of one night, as instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

impl Default for QuietHours {
    /// 22:00 to 09:00.
    fn default() -> Self {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self { from: at(22), until: at(9) }
    }
}

impl QuietHours {
    /// Reads `22:00-09:00`; `24:00` is midnight. Equal times are refused: nothing could be sent all day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, until) = super::hours::time_span(text)?;
        (from != until).then_some(Self { from, until })
    }

    /// The night that contains `at`, from `begins` (inclusive) to `ends` (exclusive).
    #[must_use]
    pub fn night_of(self, at: DateTime<Utc>, zone: VenueZone) -> Option<Night> {
        let today = zone.local(at).date_naive();
        let yesterday = today.checked_sub_days(Days::new(1))?;
        [yesterday, today].into_iter().find_map(|day| {
            let last =
                if self.from < self.until { day } else { day.checked_add_days(Days::new(1))? };
            let begins = zone.resolve(day.and_time(self.from))?;
            let ends = zone.resolve(last.and_time(self.until))?;
            (begins <= at && at < ends).then_some(Night { begins, ends })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);
    const BERLIN: VenueZone = VenueZone(chrono_tz::Europe::Berlin);

    fn night(hours: &str, zone: VenueZone, at: &str) -> Option<(String, String)> {
        let night = QuietHours::parse(hours).unwrap().night_of(zone.parse(at).unwrap(), zone)?;
        let local = |at| zone.local(at).format("%d.%m %H:%M").to_string();
        Some((local(night.begins), local(night.ends)))
    }

    #[test]
    fn a_night_is_the_venues_and_may_pass_midnight() {
        for (hours, at, expected) in [
            ("22:00-09:00", "27.12.2025 21:59", None),
            ("22:00-09:00", "27.12.2025 22:00", Some(("27.12 22:00", "28.12 09:00"))),
            ("22:00-09:00", "28.12.2025 02:30", Some(("27.12 22:00", "28.12 09:00"))),
            ("22:00-09:00", "28.12.2025 08:59", Some(("27.12 22:00", "28.12 09:00"))),
            ("22:00-09:00", "28.12.2025 09:00", None),
            ("00:00-08:00", "28.12.2025 00:00", Some(("28.12 00:00", "28.12 08:00"))),
            ("00:00-08:00", "28.12.2025 23:59", None),
            ("20:00-24:00", "28.12.2025 23:59", Some(("28.12 20:00", "29.12 00:00"))),
            ("20:00-24:00", "29.12.2025 00:00", None),
        ] {
            let expected = expected.map(|(from, to)| (from.to_owned(), to.to_owned()));
            assert_eq!(night(hours, UFA, at), expected, "{hours} at {at}");
        }
    }

    #[test]
    fn a_night_in_which_the_clocks_change_ends_by_the_clock() {
        let long = Some(("24.10 22:00".to_owned(), "25.10 09:00".to_owned()));
        assert_eq!(night("22:00-09:00", BERLIN, "25.10.2026 02:30"), long);
        let short = Some(("28.03 22:00".to_owned(), "29.03 09:00".to_owned()));
        assert_eq!(night("22:00-09:00", BERLIN, "29.03.2026 03:30"), short);
    }

    #[test]
    fn refuses_what_is_no_night() {
        for text in ["", "22:00", "22-9", "25:00-09:00", "09:00-09:00", "00:00-24:00", "ночью"]
        {
            assert_eq!(QuietHours::parse(text), None, "{text}");
        }
    }
}
