//! Instants of the old database. Its columns have no zone: some servers write UTC, others their local time.

use chrono::{DateTime, Utc};

use crate::domain::{time::VenueZone, written_time};

/// An instant that was written without a zone: in UTC or in the venue's time. Never after the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// For what orders requests: one that has come here is not undone by a row that only looks newer.
    pub earliest: DateTime<Utc>,
    /// For what was sent: it is not sent again.
    pub latest: DateTime<Utc>,
}

impl Stamp {
    /// Reads an instant. `None`: it is none, or not of this century.
    pub(super) fn read(text: &str, zone: VenueZone, now: DateTime<Utc>) -> Option<Self> {
        let written = written_time::read(text).ok()?;
        let (one, other) = match written.offset {
            Some(offset) => {
                let at = (written.local - offset).and_utc();
                (at, at)
            }
            None => {
                let utc = written.local.and_utc();
                (utc, zone.resolve(written.local).unwrap_or(utc))
            }
        };
        Some(Self { earliest: one.min(other).min(now), latest: one.max(other).min(now) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn without_a_zone_both_readings_count_and_none_is_in_the_future() {
        let ufa = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let new_york = VenueZone(chrono_tz::America::New_York);
        let now = utc("2026-03-01T12:00:00Z");
        for (zone, text, earliest, latest) in [
            (ufa, "2026-02-01 10:00:00", "2026-02-01T05:00:00Z", "2026-02-01T10:00:00Z"),
            (
                ufa,
                "2026-02-01 10:00:00.123456+05",
                "2026-02-01T05:00:00.123456Z",
                "2026-02-01T05:00:00.123456Z",
            ),
            (new_york, "2026-02-01 10:00:00", "2026-02-01T10:00:00Z", "2026-02-01T15:00:00Z"),
            (ufa, "2026-03-01 14:00:00", "2026-03-01T09:00:00Z", "2026-03-01T12:00:00Z"),
            (ufa, "2027-01-01 00:00:00", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ] {
            let stamp = Stamp { earliest: utc(earliest), latest: utc(latest) };
            assert_eq!(Stamp::read(text, zone, now), Some(stamp), "{text}");
        }
        for text in ["", "infinity", "yesterday", "0001-01-01 00:00:00", "2026-02-30 10:00:00"] {
            assert_eq!(Stamp::read(text, ufa, now), None, "{text}");
        }
    }
}
