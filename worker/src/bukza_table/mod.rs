//! Bukza's own table of reservations, read over its API, which is documented nowhere. The only code that calls it.
//! An answer that is not understood is an error, never an empty table.

mod error;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use shared::{
    bukza::{Fault, Rules},
    clock::Clock,
    domain::{event::BookingEvent, ids::BookingCode},
    settings::BukzaApi,
};

pub use error::{FormFault, TableError};

/// What Bukza's own table showed of a period.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The fleet clock's time before the first request for rows was sent. Every row is at least as new.
    pub taken_at: DateTime<Utc>,
    /// The period: all reservations that start in it are there. Rows beyond it may be there, too.
    pub from: DateTime<Utc>,
    pub till: DateTime<Utc>,
    /// Each understood row as an event received at `taken_at`; at most one for each code.
    pub bookings: Vec<BookingEvent>,
    /// Rows that could not be used, at most [`LEFT_OUT_MAX`] of them.
    pub left_out: Vec<LeftOut>,
    /// How many rows could not be used.
    pub left_out_count: usize,
}

/// Most rows that a snapshot names as left out.
pub const LEFT_OUT_MAX: usize = 100;

/// A row that could not be used. Holds nothing of a client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub code: Option<BookingCode>,
    /// At least one.
    pub faults: Vec<Fault>,
}

/// A client of Bukza's API. Its session, rate and circuit breaker are its own: a process has one.
#[derive(Debug)]
pub struct BukzaTable {
    settings: BukzaApi,
    rules: Rules,
    clock: Arc<dyn Clock>,
}

impl BukzaTable {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// When the settings make no HTTP client.
    pub fn new(
        settings: &BukzaApi,
        rules: &Rules,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TableError> {
        Ok(Self { settings: settings.clone(), rules: rules.clone(), clock })
    }

    /// Reads the reservations that start from `from` until `till`. Takes seconds: requests are rare, and some are
    /// repeated. A failure is logged and counted here.
    ///
    /// # Errors
    /// [`TableError`] says whether the credentials, the way, the limits or the form of an answer are the cause.
    /// Nothing is known of the table then.
    pub async fn snapshot(
        &self,
        from: DateTime<Utc>,
        till: DateTime<Utc>,
    ) -> Result<Snapshot, TableError> {
        let _ = (&self.settings, &self.rules, self.clock.now(), from, till);
        Err(TableError::Unreachable { reason: "not built yet".to_owned() })
    }
}
