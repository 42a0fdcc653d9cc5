//! A request of Bukza after reading: one booking as the request describes it, and what its status means.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{BookingCode, EventId},
    money::Money,
    phone::Phone,
    reading::Reading,
    status::Meaning,
    wall_clock::WallClock,
};

/// One booking event, as ingest accepted it and as it travels through the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingEvent {
    pub id: EventId,
    /// Ingest's receive time: the order of events of one booking.
    pub received_at: DateTime<Utc>,
    pub code: BookingCode,
    pub change: Change,
    /// What the request's words for the status mean.
    #[serde(default)]
    pub status: RequestStatus,
    /// All that the request gave of the booking.
    pub details: Details,
    /// How the request was read, with the first of its bookings. Builds before leave it out and pass it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Box<Reading>>,
    /// The visit's times as the venue's clocks show them, where the request gave them so. Builds before leave it out and
    /// pass it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_clock: Option<WallClock>,
}

impl BookingEvent {
    /// What the request says of the booking.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        match (&self.change, self.status.meaning) {
            (Change::Cancelled(_), _) => Meaning::Cancelled,
            // A cancellation has no times of its own.
            (Change::Stands(_), Meaning::Cancelled) => Meaning::Stands,
            (Change::Stands(_), meaning) => meaning,
        }
    }

    /// Whether the other event says the same of the same booking.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        self.code == other.code
            && self.change == other.change
            && self.wall_clock == other.wall_clock
            && self.status == other.status
            && self.details == other.details
    }

    /// The visit's times, where the request gave them.
    #[must_use]
    pub fn visit_time(&self) -> Option<VisitTime> {
        match self.change {
            Change::Stands(visit_time) => Some(visit_time),
            Change::Cancelled(visit_time) => visit_time,
        }
    }
}

/// The request's status beyond whether the booking is off. Builds before leave it out and pass it by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestStatus {
    pub meaning: Meaning,
    /// The words that decided the meaning, as the account wrote them: one bounded line.
    pub words: Option<String>,
    /// It says that a cancelled booking stands again.
    pub restores: bool,
    /// A word for a cancellation stood there, and what stands beside it held it back.
    pub held_back: bool,
}

/// What the event does. Builds before know these two alone, so a booking that waits for its payment, a
/// no-show and a technical break are `Stands` here, and [`RequestStatus`] tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The booking exists with these times.
    Stands(VisitTime),
    /// The booking is off. The times may be known or not.
    Cancelled(Option<VisitTime>),
}

/// The mark of an event in the order of its booking's events: receive time, then id.
pub type EventMark = (DateTime<Utc>, EventId);

/// When a visit takes place. `end` is after `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(DateTime<Utc>, DateTime<Utc>)", into = "(DateTime<Utc>, DateTime<Utc>)")]
pub struct VisitTime {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// A visit cannot end before, or when, it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not after the start")]
pub struct EndNotAfterStart;

impl VisitTime {
    /// A visit from `start` to `end`.
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

impl TryFrom<(DateTime<Utc>, DateTime<Utc>)> for VisitTime {
    type Error = EndNotAfterStart;
    fn try_from((start, end): (DateTime<Utc>, DateTime<Utc>)) -> Result<Self, Self::Error> {
        Self::new(start, end)
    }
}

impl From<VisitTime> for (DateTime<Utc>, DateTime<Utc>) {
    fn from(visit_time: VisitTime) -> Self {
        (visit_time.start, visit_time.end)
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
    pub last_name: Option<String>,
    pub phone: Option<Phone>,
    pub people: Option<u32>,
    /// Of the whole order, whatever number of reservations it has.
    pub total: Option<Money>,
    pub paid: Option<Money>,
    /// What is to be paid in advance: Bukza's deposit.
    pub prepayment: Option<Money>,
    /// The order's number, as people see it.
    pub order: Option<String>,
    /// The order's id in the address of its page in Bukza.
    pub order_page: Option<String>,
    /// What the visitor wrote beside the booking.
    pub comment: Option<String>,
    /// The form's own fields, filled ones only.
    pub fields: Vec<FormField>,
}

/// A field of the account's own form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    pub name: String,
    pub value: String,
}
