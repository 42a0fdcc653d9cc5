//! What a reading of Bukza's own table gives.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use shared::{
    bukza::Fault,
    domain::{event::BookingEvent, ids::BookingCode, table_columns::TableField},
};

/// Most rows that a snapshot names as left out.
pub const LEFT_OUT_MAX: usize = 100;

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
    /// The fields that have a column in the table.
    pub fields: BTreeSet<TableField>,
}

/// A row that could not be used. Holds nothing of a client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub code: Option<BookingCode>,
    /// At least one.
    pub faults: Vec<Fault>,
}
