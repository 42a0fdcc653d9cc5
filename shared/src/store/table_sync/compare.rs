//! Compares a snapshot of Bukza's table with the bookings. Changes nothing.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::known::{self, Deletions, KnownBookings};
use crate::domain::{
    agenda::Span,
    booking::Booking,
    difference::{DifferenceKind, difference, fingerprint},
    event::{BookingEvent, Details},
    ids::BookingCode,
    venue::Venue,
};

/// What a snapshot of the table holds.
#[derive(Debug, Clone, Copy)]
pub struct TableRows<'a> {
    /// Every row is at least as new.
    pub taken_at: DateTime<Utc>,
    /// All rows that start in it are there.
    pub period: Span,
    /// The rows as events received at `taken_at`.
    pub rows: &'a [BookingEvent],
    /// Codes of rows that could not be used.
    pub left_out: &'a [BookingCode],
    /// Whether these are all codes of the table. Otherwise a booking that seems absent may be there.
    pub is_complete: bool,
}

/// A booking that the table shows otherwise.
#[derive(Debug, Clone)]
pub struct Difference {
    pub code: BookingCode,
    pub kind: DifferenceKind,
    /// The row as applying it would take it. `None`: there is no row.
    pub row: Option<BookingEvent>,
    pub booking: Option<Booking>,
    pub fingerprint: String,
}

impl Difference {
    /// When the visit starts: what is sooner comes first.
    fn start(&self) -> Option<DateTime<Utc>> {
        let row = self.row.as_ref().and_then(BookingEvent::visit_time);
        let booking = self.booking.as_ref().and_then(|booking| booking.visit_time);
        row.or(booking).map(|visit_time| visit_time.start())
    }
}

/// What a comparison came to.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub taken_at: DateTime<Utc>,
    /// How many bookings of the period are known and stand.
    pub known: usize,
    /// How many of them the snapshot has.
    pub found: usize,
    /// Soonest visit first.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// A snapshot with under half of the known bookings is no picture of them: it is not used.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.found * 2 < self.known
    }
}

/// Compares the rows with the bookings as they are. A snapshot that is refused has no differences.
///
/// # Errors
/// When the database fails.
pub async fn compare(
    conn: &impl ConnectionTrait,
    table: TableRows<'_>,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Comparison, DbErr> {
    let TableRows { taken_at, period, rows, left_out, is_complete } = table;
    let standing = known::standing(conn, period).await?;
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let mut shown: HashSet<&str> = codes.iter().copied().collect();
    shown.extend(left_out.iter().map(BookingCode::as_str));
    let found = standing.iter().filter(|known| shown.contains(known.code.as_str())).count();
    let mut comparison =
        Comparison { taken_at, known: standing.len(), found, differences: Vec::new() };
    if comparison.is_refused() {
        return Ok(comparison);
    }
    let known = known::by_codes(conn, &codes).await?;
    let booking_of = |row: &BookingEvent| known.by_code.get(row.code.as_str());
    let of_period: Vec<&BookingEvent> =
        rows.iter().filter(|row| is_in(period, row, booking_of(row))).collect();
    let mut differences = of_rows(conn, &of_period, &known, venue, now).await?;
    if is_complete {
        let absent = standing.iter().filter(|known| {
            known.starts_at > now
                && known.last_event_at < taken_at
                && !shown.contains(known.code.as_str())
        });
        let absent: Vec<&str> = absent.map(|known| known.code.as_str()).collect();
        differences.extend(not_in_table(known::by_codes(conn, &absent).await?));
    }
    differences.sort_by_cached_key(|difference| (difference.start(), difference.code.clone()));
    comparison.differences = differences;
    Ok(comparison)
}

async fn of_rows(
    conn: &impl ConnectionTrait,
    rows: &[&BookingEvent],
    known: &KnownBookings,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>, DbErr> {
    let services: HashSet<&str> =
        known.by_code.values().filter_map(|booking| booking.details.service.as_deref()).collect();
    let booking_of = |row: &BookingEvent| known.by_code.get(row.code.as_str());
    let readable = rows.iter().filter(|row| !known.unreadable.contains(row.code.as_str()));
    let words = Words {
        services,
        are_shared: share_words(rows.iter().filter_map(|row| Some((*row, booking_of(row)?)))),
    };
    let compared = readable.map(|row| in_known_words(row, booking_of(row), &words));
    let candidates: Vec<BookingEvent> =
        compared.filter(|row| difference(booking_of(row), row, venue, now).is_some()).collect();
    let key = venue.forget_key.as_ref();
    let about: Vec<&BookingEvent> = candidates.iter().collect();
    let deletions = Deletions::about(conn, &about, key).await?;
    let mut differences = Vec::new();
    for row in candidates {
        let row = if deletions.hide(&row, key) { row.without_person() } else { row };
        let booking = booking_of(&row);
        if let Some(kind) = difference(booking, &row, venue, now) {
            differences.push(Difference {
                code: row.code.clone(),
                kind,
                fingerprint: fingerprint(kind, Some(&row)),
                booking: booking.cloned(),
                row: Some(row),
            });
        }
    }
    Ok(differences)
}

/// Whether a visit starts in the period, as the table shows it or as it is known.
fn is_in((from, till): Span, row: &BookingEvent, booking: Option<&Booking>) -> bool {
    let known = booking.and_then(|booking| booking.visit_time);
    let starts = [row.visit_time(), known].into_iter().flatten().map(|time| time.start());
    starts.into_iter().any(|start| (from..till).contains(&start))
}

/// What is known of the names that the table has for services.
struct Words<'a> {
    /// Those of known bookings.
    services: HashSet<&'a str>,
    /// The table calls services as the requests do.
    are_shared: bool,
}

/// Whether table and requests call services alike: at least one visit that was not moved has the same service in both, and
/// none has another.
fn share_words<'a>(rows: impl Iterator<Item = (&'a BookingEvent, &'a Booking)>) -> bool {
    let unmoved = rows.filter(|(row, booking)| row.visit_time() == booking.visit_time);
    let mut alike = unmoved.filter_map(|(row, booking)| {
        let (shown, known) = (row.details.service.as_ref()?, booking.details.service.as_ref()?);
        Some(shown == known)
    });
    alike.next() == Some(true) && alike.all(|is_alike| is_alike)
}

/// The row without its service, where the booking has one and no known booking has the row's: the table may call what is
/// booked by another name than the requests do, and nothing was moved then. A visit that was moved keeps it where the
/// names are shared: it may be the first in its room.
fn in_known_words(
    row: &BookingEvent,
    booking: Option<&Booking>,
    words: &Words<'_>,
) -> BookingEvent {
    let mut row = row.clone();
    let has_service = booking.is_some_and(|booking| booking.details.service.is_some());
    let is_known = row.details.service.as_deref().is_none_or(|it| words.services.contains(it));
    let is_moved = booking.is_some_and(|booking| booking.visit_time != row.visit_time());
    if has_service && !is_known && !(is_moved && words.are_shared) {
        row.details = Details { service: None, ..row.details };
    }
    row
}

fn not_in_table(known: KnownBookings) -> impl Iterator<Item = Difference> {
    let kind = DifferenceKind::NotInTable;
    known.by_code.into_values().map(move |booking| Difference {
        code: booking.code.clone(),
        kind,
        row: None,
        fingerprint: fingerprint(kind, None),
        booking: Some(booking),
    })
}
