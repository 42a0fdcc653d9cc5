//! What is known of the bookings that a snapshot is about, by indexes: a large venue has thousands.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter};

use crate::{
    domain::{
        agenda::Span,
        booking::Booking,
        event::BookingEvent,
        forgotten::{ForgetKey, Forgotten},
    },
    store::{
        entity::booking,
        limited,
        statement::{all, sql},
    },
};

/// Bookings read by one statement.
const CHUNK: usize = 1000;

/// A booking of a period that stands.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Standing {
    pub code: String,
    pub starts_at: DateTime<Utc>,
    pub last_event_at: DateTime<Utc>,
}

/// The bookings that stand and start in a period, soonest first.
pub(super) async fn standing(
    conn: &impl ConnectionTrait,
    (from, till): Span,
) -> Result<Vec<Standing>, DbErr> {
    const STANDING: &str = "SELECT bukza_booking_id::text AS code, starts_at, last_event_at \
        FROM bookings WHERE starts_at >= $1 AND starts_at < $2 AND status <> 'cancelled' \
        AND meaning IS DISTINCT FROM 'ignored' ORDER BY starts_at, id";
    all(conn, sql(STANDING, [from.into(), till.into()])).await
}

/// The bookings with some codes.
#[derive(Debug, Default)]
pub(super) struct KnownBookings {
    pub by_code: HashMap<String, Booking>,
    /// Known, and in a form that this version can't read.
    pub unreadable: HashSet<String>,
}

pub(super) async fn by_codes(
    conn: &impl ConnectionTrait,
    codes: &[&str],
) -> Result<KnownBookings, DbErr> {
    let mut known = KnownBookings::default();
    for chunk in codes.chunks(CHUNK) {
        let found = booking::Entity::find()
            .filter(booking::Column::BukzaBookingId.is_in(chunk.iter().copied()));
        for row in limited(found.all(conn)).await? {
            let code = row.bukza_booking_id.clone();
            match Booking::try_from(row) {
                Ok(booking) => drop(known.by_code.insert(code, booking)),
                Err(_) => drop(known.unreadable.insert(code)),
            }
        }
    }
    Ok(known)
}

/// What is known of deletions about these rows: of their bookings, and of their phones.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    bookings: HashMap<String, (DateTime<Utc>, Option<String>)>,
    phones: HashMap<String, DateTime<Utc>>,
}

impl Deletions {
    pub(super) async fn about(
        conn: &impl ConnectionTrait,
        rows: &[&BookingEvent],
        key: Option<&ForgetKey>,
    ) -> Result<Self, DbErr> {
        const BOOKINGS: &str = "SELECT bukza_booking_id::text AS name, forgotten_at, \
            forgotten_phone FROM bookings \
            WHERE bukza_booking_id = ANY ($1::text[]) AND forgotten_at IS NOT NULL";
        const PHONES: &str = "SELECT phone_hash AS name, forgotten_at, NULL::text AS forgotten_phone \
            FROM forgotten_phones WHERE phone_hash = ANY ($1::text[])";
        #[derive(FromQueryResult)]
        struct Row {
            name: String,
            forgotten_at: DateTime<Utc>,
            forgotten_phone: Option<String>,
        }
        let (codes, hashes): (Vec<String>, Vec<Option<String>>) =
            rows.iter().map(|row| (row.code.to_string(), phone_hash(row, key))).unzip();
        let hashes: Vec<String> = hashes.into_iter().flatten().collect();
        let bookings: Vec<Row> = all(conn, sql(BOOKINGS, [codes.into()])).await?;
        let phones: Vec<Row> = all(conn, sql(PHONES, [hashes.into()])).await?;
        Ok(Self {
            bookings: bookings
                .into_iter()
                .map(|row| (row.name, (row.forgotten_at, row.forgotten_phone)))
                .collect(),
            phones: phones.into_iter().map(|row| (row.name, row.forgotten_at)).collect(),
        })
    }

    /// Whether the person in a row is one whose data were deleted.
    pub(super) fn hide(&self, row: &BookingEvent, key: Option<&ForgetKey>) -> bool {
        let booking = self.bookings.get(row.code.as_str());
        let hash = phone_hash(row, key);
        let forgotten = Forgotten {
            booking_at: booking.map(|(at, _)| *at),
            booking_phone: booking.and_then(|(_, phone)| phone.clone()),
            phone_at: hash.and_then(|hash| self.phones.get(&hash).copied()),
        };
        forgotten.hides_row(row, key)
    }
}

fn phone_hash(row: &BookingEvent, key: Option<&ForgetKey>) -> Option<String> {
    Some(key?.hash(row.details.phone.as_ref()?.as_e164()))
}
