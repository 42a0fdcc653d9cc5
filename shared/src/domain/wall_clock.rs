//! A visit's times as the venue's clocks show them. They stay when the rules of the venue's zone change, and the
//! visit's instants follow them.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::{event::VisitTime, time::VenueZone};

/// The times of a visit that was booked in the venue's local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallClock {
    pub start: NaiveDateTime,
    pub end: NaiveDateTime,
}

impl WallClock {
    /// The visit's instants by the zone's present rules. `None`: the zone's clocks never show these times, as on a day
    /// that is left out.
    #[must_use]
    pub fn visit_time(self, zone: VenueZone) -> Option<VisitTime> {
        let (start, end) = zone.resolve_span(self.start, self.end);
        VisitTime::new(start?, end?).ok()
    }
}

#[cfg(test)]
#[path = "wall_clock_tests.rs"]
mod tests;
