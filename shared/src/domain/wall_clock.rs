//! A visit's times as the venue's clocks show them. They stay when the rules of the venue's zone change; the instants
//! follow them where the booking was made in local time.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// The local times of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallClock {
    pub start: NaiveDateTime,
    pub end: NaiveDateTime,
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
