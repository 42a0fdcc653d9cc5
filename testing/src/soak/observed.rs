//! What PostgreSQL holds and what the simulator saw: the other side of the audit. Read by plain
//! queries, without any code of the product.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use simulator::model::Call;
use tokio_postgres::Row;

use crate::harness::{bukza::now, fleet::System};

/// A row of `bookings`.
#[derive(Debug, Clone)]
pub struct BookingRow {
    pub status: String,
    pub meaning: String,
    pub version: i32,
    pub phone: Option<String>,
    pub service: Option<String>,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub rating: Option<i16>,
    pub last_event_id: String,
    pub updated_at: DateTime<Utc>,
}

/// A row of `messages`.
#[derive(Debug, Clone)]
pub struct MessageRow {
    pub id: i64,
    pub kind: String,
    pub recipient: String,
    pub chat: Option<i64>,
    /// The booking's code.
    pub code: Option<String>,
    pub version: Option<i32>,
    pub update_id: Option<i64>,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub status: String,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub telegram_message_id: Option<i64>,
    pub job_id: String,
    /// Attempts that may have been a delivery.
    pub attempts: i32,
    /// The name of a note to the staff.
    pub note: Option<String>,
}

/// All of it, at rest.
#[derive(Debug, Default)]
pub struct Observed {
    pub at: DateTime<Utc>,
    pub bookings: HashMap<String, BookingRow>,
    pub messages: Vec<MessageRow>,
    pub calls: Vec<Call>,
    pub processed: HashSet<i64>,
    /// The bodies of the refused requests that were kept.
    pub kept: Vec<String>,
    /// The jobs that were set aside, each with its reason.
    pub dead_letters: Vec<(String, String)>,
    pub inbox: i64,
}

impl Observed {
    /// Reads it.
    ///
    /// # Errors
    /// When PostgreSQL or the simulator does not answer, or the simulator has forgotten calls.
    pub async fn read<H>(system: &System<H>) -> anyhow::Result<Self> {
        const BOOKINGS: &str = "SELECT bukza_booking_id, status, version, service_name, starts_at, \
            ends_at, rating, last_event_id, coalesce(meaning, ''), client_phone, updated_at FROM bookings";
        const MESSAGES: &str = "SELECT m.id, m.kind, m.recipient, m.chat_id, b.bukza_booking_id, \
            m.booking_version, m.update_id, m.due_at, m.expires_at, m.status, \
            coalesce(m.reason, ''), m.created_at, m.updated_at, m.sent_at, m.telegram_message_id, m.job_id, \
            m.attempts, CASE WHEN m.kind = 'staff_note' THEN m.content ->> 'note' END \
            FROM messages m LEFT JOIN bookings b ON b.id = m.booking_id ORDER BY m.id";
        let database = &system.database;
        let calls = system.telegram.journal(0, Some("sendMessage")).await?;
        let first = system.telegram.journal(0, None).await?.first().map_or(1, |call| call.seq);
        anyhow::ensure!(first == 1, "the simulator has forgotten its first {first} calls");
        let bookings = database.rows(BOOKINGS).await?;
        let messages = database.rows(MESSAGES).await?;
        let processed = database.column("SELECT update_id FROM processed_updates").await?;
        let dead = database.rows("SELECT job_id, reason FROM dead_letters").await?;
        Ok(Self {
            at: now(),
            bookings: bookings.iter().map(booking).collect::<Result<_, _>>()?,
            messages: messages.iter().map(message).collect::<Result<_, _>>()?,
            calls,
            processed: processed.into_iter().collect(),
            kept: database.column("SELECT body FROM rejected_requests").await?,
            dead_letters: dead.iter().map(dead_letter).collect::<Result<_, _>>()?,
            inbox: database.one("SELECT count(*) FROM inbox").await?,
        })
    }
}

fn booking(row: &Row) -> Result<(String, BookingRow), tokio_postgres::Error> {
    let code = row.try_get(0)?;
    let booking = BookingRow {
        status: row.try_get(1)?,
        version: row.try_get(2)?,
        service: row.try_get(3)?,
        starts_at: row.try_get(4)?,
        ends_at: row.try_get(5)?,
        rating: row.try_get(6)?,
        last_event_id: row.try_get(7)?,
        meaning: row.try_get(8)?,
        phone: row.try_get(9)?,
        updated_at: row.try_get(10)?,
    };
    Ok((code, booking))
}

fn dead_letter(row: &Row) -> Result<(String, String), tokio_postgres::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}

fn message(row: &Row) -> Result<MessageRow, tokio_postgres::Error> {
    Ok(MessageRow {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        recipient: row.try_get(2)?,
        chat: row.try_get(3)?,
        code: row.try_get(4)?,
        version: row.try_get(5)?,
        update_id: row.try_get(6)?,
        due_at: row.try_get(7)?,
        expires_at: row.try_get(8)?,
        status: row.try_get(9)?,
        reason: row.try_get(10)?,
        created_at: row.try_get(11)?,
        updated_at: row.try_get(12)?,
        sent_at: row.try_get(13)?,
        telegram_message_id: row.try_get(14)?,
        job_id: row.try_get(15)?,
        attempts: row.try_get(16)?,
        note: row.try_get(17)?,
    })
}
