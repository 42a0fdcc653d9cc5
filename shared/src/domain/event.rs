//! What Bukza tells us, after parsing: a booking as it stands now, or that it is cancelled.
//! Bukza's own event names differ between accounts; these two are all that the rules need.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{BookingCode, EventId},
    money::Money,
    phone::Phone,
};

/// One booking event, as ingest accepted it and as it travels through the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingEvent {
    pub id: EventId,
    /// Ingest's receive time: the order of events of one booking.
    pub received_at: DateTime<Utc>,
    pub code: BookingCode,
    pub change: Change,
    /// All that the request said of the booking.
    pub details: Details,
}

/// What the event does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The booking exists with these times: new, moved, or said again.
    Stands(Slot),
    /// The booking is off. The times may be known or not.
    Cancelled(Option<Slot>),
}

/// When a visit takes place. `end` is after `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(DateTime<Utc>, DateTime<Utc>)", into = "(DateTime<Utc>, DateTime<Utc>)")]
pub struct Slot {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// A visit cannot end before, or when, it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not after the start")]
pub struct EndNotAfterStart;

impl Slot {
    /// A slot from `start` to `end`.
    ///
    /// # Errors
    /// When `end` is not after `start`.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, EndNotAfterStart> {
        if end > start { Ok(Self { start, end }) } else { Err(EndNotAfterStart) }
    }

    #[must_use]
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }
}

impl TryFrom<(DateTime<Utc>, DateTime<Utc>)> for Slot {
    type Error = EndNotAfterStart;
    fn try_from((start, end): (DateTime<Utc>, DateTime<Utc>)) -> Result<Self, Self::Error> {
        Self::new(start, end)
    }
}

impl From<Slot> for (DateTime<Utc>, DateTime<Utc>) {
    fn from(slot: Slot) -> Self {
        (slot.start, slot.end)
    }
}

/// The describing part of a booking. What the request left out is `None`, and never overwrites
/// what is known already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    pub service: Option<String>,
    /// Hall, zone or room, where the account names one besides the service.
    pub zone: Option<String>,
    pub client_name: Option<String>,
    pub phone: Option<Phone>,
    pub people: Option<u32>,
    pub total: Option<Money>,
    pub paid: Option<Money>,
    pub order: Option<String>,
}
