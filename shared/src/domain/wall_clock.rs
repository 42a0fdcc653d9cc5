//! A visit's times as the venue's clocks show them. They stay when the rules of the venue's zone change; the instants
//! follow them where the booking was made in local time.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::{event::VisitTime, time::VenueZone};

/// The local times of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallClock {
    pub start: NaiveDateTime,
    pub end: NaiveDateTime,
}

impl WallClock {
    /// What the venue's clocks show at these instants.
    #[must_use]
    pub fn shown(visit_time: VisitTime, zone: VenueZone) -> Self {
        let shown = |at| zone.local(at).naive_local();
        Self { start: shown(visit_time.start()), end: shown(visit_time.end()) }
    }

    /// The visit's instants by the zone's present rules. `None`: the zone's clocks never show these times, as on a day
    /// that is left out.
    #[must_use]
    pub fn visit_time(self, zone: VenueZone) -> Option<VisitTime> {
        let (start, end) = zone.resolve_span(self.start, self.end);
        VisitTime::new(start?, end?).ok()
    }
}

/// Which of instant and wall-clock time Bukza gave: it stays when the rules of the zone change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockSource {
    /// The wall-clock time: local time without an offset.
    Written,
    /// The instant. The wall-clock time is what the client and the staff were shown.
    Shown,
}

/// A booking's wall-clock time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitClock {
    pub times: WallClock,
    pub source: ClockSource,
}

#[cfg(test)]
#[path = "wall_clock_tests.rs"]
mod tests;
