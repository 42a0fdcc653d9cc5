//! The venue's opening hours: the same every day, in its local time.
//! Used to detect missing webhooks, not to schedule messages.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::time::VenueZone;

/// From a time of day until another; until an earlier one: past midnight; until the same: all day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningHours {
    from: NaiveTime,
    until: NaiveTime,
}

impl Default for OpeningHours {
    /// 10:00 to 22:00.
    fn default() -> Self {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self { from: at(10), until: at(22) }
    }
}

impl OpeningHours {
    /// Reads `10:00-22:00`; `24:00` is midnight.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, until) = time_span(text)?;
        Some(Self { from, until })
    }

    /// The instant itself, if the venue is open then, or else when it opens next.
    #[must_use]
    pub fn next_open(self, at: DateTime<Utc>, zone: VenueZone) -> DateTime<Utc> {
        if self.contain(at, zone) {
            return at;
        }
        let local = zone.local(at);
        let day = local.date_naive();
        let day = if local.time() < self.from { day } else { day + TimeDelta::days(1) };
        zone.resolve(day.and_time(self.from)).map_or(at, |opens| opens.max(at))
    }

    /// Whether the venue is open at this instant.
    #[must_use]
    pub fn contain(self, at: DateTime<Utc>, zone: VenueZone) -> bool {
        let time = zone.local(at).time();
        match self.from.cmp(&self.until) {
            Ordering::Less => self.from <= time && time < self.until,
            Ordering::Equal => true,
            Ordering::Greater => self.from <= time || time < self.until,
        }
    }
}

/// Reads two times of day, `10:00-22:00`; `24:00` is midnight.
pub(super) fn time_span(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, until) = text.split_once(['-', '–'])?;
    let time = |text: &str| match text.trim() {
        "24:00" => Some(NaiveTime::MIN),
        text => NaiveTime::parse_from_str(text, "%H:%M").ok(),
    };
    Some((time(from)?, time(until)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_the_venues_and_may_pass_midnight() {
        // Five hours ahead of UTC.
        let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let open = |hours: &str, utc: &str| {
            let at = format!("2026-11-24T{utc}:00Z").parse().unwrap();
            OpeningHours::parse(hours).unwrap().contain(at, zone)
        };
        for (hours, utc, expected) in [
            ("10:00-22:00", "04:59", false),
            ("10:00-22:00", "05:00", true),
            ("10:00 – 22:00", "16:59", true),
            ("10:00-22:00", "17:00", false),
            ("18:00-02:00", "20:59", true),
            ("18:00-02:00", "21:00", false),
            ("18:00-02:00", "13:00", true),
            ("00:00-24:00", "21:00", true),
            ("9:00-24:00", "18:59", true),
            ("9:00-24:00", "19:00", false),
        ] {
            assert_eq!(open(hours, utc), expected, "{hours} at {utc}");
        }
        for text in ["", "10:00", "10-22", "25:00-26:00", "10:00-22:00, Mo closed"] {
            assert_eq!(OpeningHours::parse(text), None, "{text}");
        }
    }
}
