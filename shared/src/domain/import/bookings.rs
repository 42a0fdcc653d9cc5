//! The old bot's bookings, each read as one request of Bukza: as if it had come when the row was changed last.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Clients, LeftOut, OldRow, TEXT_MAX_CHARS, WORD_MAX_CHARS, Why, given, line, row_id};
use super::{messages::OLD, times::Stamp};
use crate::domain::{
    booking::Stars,
    event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
    ids::{BookingCode, EventId},
    phone::{Phone, PhoneRegion},
    status::Meaning,
    time::VenueZone,
    wall_clock::WallClock,
    written_time,
};

/// Longest visit, in minutes: a week.
const LONGEST_MINUTES: i64 = 7 * 24 * 60;

/// A row of the old table `bookings`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OldBooking {
    pub id: Option<String>,
    pub bukza_booking_id: Option<String>,
    pub user_id: Option<String>,
    pub service_name: Option<String>,
    pub client_name: Option<String>,
    pub client_phone: Option<String>,
    pub booking_datetime: Option<String>,
    pub duration_minutes: Option<String>,
    pub status: Option<String>,
    pub rating: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
}

/// A booking that can be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBooking {
    pub row: String,
    pub event: BookingEvent,
    pub rating: Option<(Stars, DateTime<Utc>)>,
    pub created_at: DateTime<Utc>,
    /// What of it is left out.
    pub without: Vec<Why>,
}

impl ReadBooking {
    /// The row, or a part of it, left out for this reason.
    #[must_use]
    pub fn left_out(&self, why: Why) -> LeftOut {
        let row = OldRow::Booking(self.row.clone());
        LeftOut { row, about: Some(self.event.code.to_string()), why }
    }
}

/// Reads bookings by the venue's rules.
#[derive(Debug, Clone, Copy)]
pub struct OldBookings<'a> {
    pub zone: VenueZone,
    pub region: PhoneRegion,
    pub clients: &'a Clients,
    pub now: DateTime<Utc>,
}

impl OldBookings<'_> {
    /// Reads a row.
    ///
    /// # Errors
    /// The row with the first reason why it is left out.
    pub fn read(&self, row: &OldBooking) -> Result<ReadBooking, LeftOut> {
        self.booking(row).map_err(|why| LeftOut {
            row: OldRow::Booking(row_id(row.id.as_deref())),
            about: row.bukza_booking_id.as_deref().and_then(|code| line(code, WORD_MAX_CHARS)),
            why,
        })
    }

    fn booking(&self, row: &OldBooking) -> Result<ReadBooking, Why> {
        let code = given(row.bukza_booking_id.as_ref()).ok_or(Why::CodeMissing)?;
        let code = BookingCode::parse(code).map_err(|_| Why::CodeUnusable)?;
        let meaning = meaning(row)?;
        let (visit_time, wall_clock) = self.visit_time(row)?;
        let mut without = Vec::new();
        let phone = self.phone(row);
        if phone.is_none() {
            without.push(Why::BookingPhone);
        }
        let stamp = |column: &Option<String>| {
            given(column.as_ref()).and_then(|text| Stamp::read(text, self.zone, self.now))
        };
        let (created, updated) = (stamp(&row.created_at), stamp(&row.updated_at));
        let changed = updated.or(created);
        // Without a time the row is older than each request that has come here.
        let changed_at = changed.map_or(DateTime::UNIX_EPOCH, |stamp| stamp.earliest);
        let (change, received_at) = match meaning {
            Meaning::Cancelled => (Change::Cancelled(Some(visit_time)), changed_at),
            // After the visit a row changes by a rating or by being completed, not by a request.
            Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => {
                (Change::Stands(visit_time), changed_at.min(visit_time.end()))
            }
        };
        let rating = match given(row.rating.as_ref()) {
            None => None,
            Some(text) => {
                let stars = text.parse::<u8>().ok().and_then(|stars| Stars::try_from(stars).ok());
                if stars.is_none() {
                    let text = line(text, WORD_MAX_CHARS).unwrap_or_default();
                    without.push(Why::Rating { text });
                }
                let at = changed.map_or(visit_time.end(), |stamp| stamp.latest);
                stars.map(|stars| (stars, at.max(visit_time.end()).min(self.now)))
            }
        };
        let text =
            |column: &Option<String>| column.as_deref().and_then(|text| line(text, TEXT_MAX_CHARS));
        let details = Details {
            service: text(&row.service_name),
            client_name: text(&row.client_name),
            phone,
            ..Details::default()
        };
        let created_at = created.or(changed).map_or(self.now, |stamp| stamp.earliest);
        let id = EventId(format!("{OLD}{code}"));
        let status = RequestStatus { meaning, ..RequestStatus::default() };
        let event = BookingEvent {
            id,
            received_at,
            code,
            change,
            status,
            details,
            reading: None,
            wall_clock,
        };
        Ok(ReadBooking { row: row_id(row.id.as_deref()), event, rating, created_at, without })
    }

    /// The booking's own phone, else that of its client.
    fn phone(&self, row: &OldBooking) -> Option<Phone> {
        let own = given(row.client_phone.as_ref());
        let own = own.and_then(|text| Phone::parse(text, self.region).ok());
        let client = given(row.user_id.as_ref()).and_then(|client| self.clients.phone(client));
        own.or_else(|| client.cloned())
    }

    /// Start and end. A time without an offset is the venue's local time.
    fn visit_time(&self, row: &OldBooking) -> Result<(VisitTime, Option<WallClock>), Why> {
        let start = given(row.booking_datetime.as_ref()).ok_or(Why::StartMissing)?;
        let minutes = given(row.duration_minutes.as_ref()).ok_or(Why::DurationMissing)?;
        let impossible = || Why::StartImpossible { text: shown(start) };
        let written = written_time::read(start).map_err(|_| impossible())?;
        let length =
            duration(minutes).ok_or_else(|| Why::DurationImpossible { text: shown(minutes) })?;
        match written.offset {
            Some(offset) => {
                let start = (written.local - offset).and_utc();
                let visit_time = VisitTime::new(start, start + length).map_err(|_| impossible())?;
                Ok((visit_time, None))
            }
            None => {
                let times = WallClock { start: written.local, end: written.local + length };
                let visit_time = self.zone.visit_time(times).ok_or_else(impossible)?;
                Ok((visit_time, Some(times)))
            }
        }
    }
}

fn shown(text: &str) -> String {
    line(text, WORD_MAX_CHARS).unwrap_or_default()
}

/// Minutes as a whole number, which a column of another type may write as `60.00`.
fn duration(text: &str) -> Option<TimeDelta> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let minutes: i64 = whole.parse().ok().filter(|_| fraction.bytes().all(|b| b == b'0'))?;
    (1..=LONGEST_MINUTES).contains(&minutes).then(|| TimeDelta::minutes(minutes))
}

fn meaning(row: &OldBooking) -> Result<Meaning, Why> {
    let word = given(row.status.as_ref()).ok_or(Why::StatusMissing)?;
    match word.to_uppercase().as_str() {
        // Whether a visit is over is decided by its end.
        "ACTIVE" | "COMPLETED" => Ok(Meaning::Stands),
        "CANCELLED" => Ok(Meaning::Cancelled),
        _ => Err(Why::StatusUnknown { word: shown(word) }),
    }
}

#[cfg(test)]
#[path = "bookings_tests.rs"]
mod tests;
