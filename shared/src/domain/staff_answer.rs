//! What is answered to the staff, in the form that the outbox stores. It names what to look up: the text is made when it
//! is sent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::request_fault::Fault;

/// An answer to a command or a press of the staff, or the agenda that comes by itself. Stored: variants and fields may be
/// added, not renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffAnswer {
    /// The visits of a day: the message `part`, from 0, of `parts`.
    Agenda {
        day: NaiveDate,
        part: u32,
        parts: u32,
    },
    /// The bookings that these words find.
    Found {
        words: String,
    },
    /// What to write after `/find`.
    HowToFind,
    /// The numbers of a week and of a month: those of this day.
    Stats {
        day: NaiveDate,
    },
    Help,
    /// What became of refused requests that were replayed.
    Replayed(Replayed),
    /// What became of rows of Bukza's table that were applied.
    TableApplied(TableApplied),
}

/// What became of refused requests that were replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Replayed {
    /// How many are used now.
    pub used: u32,
    /// How many were replayed before.
    pub before: u32,
    /// How many are still refused: the number of the first of them, and its faults.
    pub refused: u32,
    pub first_refused: Option<i64>,
    pub faults: Vec<Fault>,
    /// There are more than one press replays.
    pub more: bool,
}

/// What became of rows of Bukza's table that were applied by one press.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableApplied {
    /// The codes of bookings that become what the table shows.
    pub applied: Vec<String>,
    /// How many were applied before.
    pub before: u32,
    /// How many agree with the table now.
    pub agree: u32,
    /// How many differ otherwise than the card shows: another card has them.
    pub otherwise: u32,
    /// How many were read so long ago that they are not applied.
    pub outdated: u32,
}
