//! Statuses as they came: the words that decided what a booking is, so that an owner sees what each of
//! them was taken for.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{all, execute, sql, unreadable};
use crate::domain::{event::BookingEvent, status::Meaning};

/// How long they are kept: 30 whole days of any venue.
pub const KEPT: TimeDelta = TimeDelta::days(31);
/// Most characters of a status. What reads requests keeps to it; the table's index rests on it.
const WORDS_MAX: usize = 200;
/// Most statuses that are listed.
const LISTED: i64 = 1_000;

/// Notes the words of an event's status, on a day of the venue. In the transaction that applies the
/// event, once its booking is written; one statement, none for an event without words. Noting it again
/// changes nothing, and of two on one day the newer request counts.
///
/// # Errors
/// When the database fails.
pub async fn record(
    conn: &impl ConnectionTrait,
    event: &BookingEvent,
    day: NaiveDate,
) -> Result<(), DbErr> {
    const RECORD: &str = "INSERT INTO seen_statuses AS s \
        (words, day, booking_id, meaning, held_back, seen_at) \
        SELECT $1, $2, b.id, $4, $5, $6 FROM bookings b WHERE b.bukza_booking_id = $3 \
        ON CONFLICT (words, day, booking_id) DO UPDATE SET meaning = excluded.meaning, \
        held_back = excluded.held_back, seen_at = excluded.seen_at \
        WHERE s.seen_at < excluded.seen_at";
    let Some(words) = event.status.words.as_deref() else { return Ok(()) };
    let values = [
        bounded(words).into(),
        day.into(),
        event.code.as_str().into(),
        event.meaning().as_str().into(),
        event.status.held_back.into(),
        event.received_at.into(),
    ];
    execute(conn, sql(RECORD, values)).await.map(drop)
}

/// Notes that the staff are to hear today that these words were held back. True once a day for the same
/// words: whoever gets it plans the note in the same transaction.
///
/// # Errors
/// When the database fails.
pub async fn note_held_back(
    conn: &impl ConnectionTrait,
    words: &str,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    const NOTE: &str =
        "INSERT INTO noted_statuses (words, day) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(execute(conn, sql(NOTE, [bounded(words).into(), day.into()])).await? == 1)
}

/// A status, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenStatus {
    pub words: String,
    /// What it meant the last time.
    pub meaning: Meaning,
    /// A word for a cancellation was held back the last time.
    pub held_back: bool,
    /// How many bookings had it.
    pub bookings: i64,
    /// The booking that had it last.
    pub last_code: String,
    pub last_seen: DateTime<Utc>,
}

/// The statuses of this day of the venue and later, the most frequent first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &impl ConnectionTrait, since: NaiveDate) -> Result<Vec<SeenStatus>, DbErr> {
    const LIST: &str = "SELECT l.words, l.meaning, l.held_back, n.bookings, \
        b.bukza_booking_id AS last_code, l.seen_at AS last_seen \
        FROM (SELECT DISTINCT ON (words) words, meaning, held_back, booking_id, seen_at \
        FROM seen_statuses WHERE day >= $1 ORDER BY words, seen_at DESC, booking_id DESC) AS l \
        JOIN (SELECT words, count(DISTINCT booking_id) AS bookings FROM seen_statuses \
        WHERE day >= $1 GROUP BY words) AS n USING (words) \
        JOIN bookings b ON b.id = l.booking_id ORDER BY n.bookings DESC, l.words LIMIT $2";
    #[derive(FromQueryResult)]
    struct Row {
        words: String,
        meaning: String,
        held_back: bool,
        bookings: i64,
        last_code: String,
        last_seen: DateTime<Utc>,
    }
    let rows: Vec<Row> = all(conn, sql(LIST, [since.into(), LISTED.into()])).await?;
    let read = |row: Row| {
        let meaning = Meaning::parse(&row.meaning)
            .ok_or_else(|| unreadable("seen_statuses.meaning", &row.meaning))?;
        let Row { words, held_back, bookings, last_code, last_seen, .. } = row;
        Ok(SeenStatus { words, meaning, held_back, bookings, last_code, last_seen })
    };
    rows.into_iter().map(read).collect()
}

/// PostgreSQL's text can't hold NUL, and an index no row of any length.
fn bounded(words: &str) -> String {
    words.chars().take(WORDS_MAX).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}
