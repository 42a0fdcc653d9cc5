//! What PostgreSQL holds and what the simulator saw: the other side of the audit. Read by plain
//! queries, without any code of the product.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use simulator::model::Call;

use super::{departing::Departed, traces};
use crate::harness::{
    bukza::now,
    fleet::{Database, System},
};

/// A row of `bookings`.
#[derive(Debug, Clone, Deserialize)]
pub struct BookingRow {
    pub code: String,
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
#[derive(Debug, Clone, Deserialize)]
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
    /// The row whose message this one was sent in.
    pub joined_to: Option<i64>,
    pub job_id: String,
    /// Attempts that may have been a delivery.
    pub attempts: i32,
    /// The name of a note to the staff.
    pub note: Option<String>,
}

/// A row of `requests`.
#[derive(Debug, Clone, Deserialize)]
pub struct RequestRow {
    pub id: i64,
    pub kind: String,
    /// When its card is recorded as delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    pub taken_at: Option<DateTime<Utc>>,
    pub withdrawn: bool,
    /// Its booking has changed since, or is over.
    pub moot: bool,
    /// How many cards were sent, or perhaps sent.
    pub shown: i64,
    /// How many cards were planned to come again, the status of one, and when it was sent.
    pub again: i64,
    pub again_status: Option<String>,
    pub again_at: Option<DateTime<Utc>>,
    /// How often the client learnt that the staff have it, and when that was planned first.
    pub learnt: i64,
    pub learnt_at: Option<DateTime<Utc>>,
}

/// A row of `visit_answers`.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerRow {
    /// The booking's code.
    pub code: String,
    pub version: i32,
    pub answered_at: DateTime<Utc>,
}

/// All of it, at rest.
#[derive(Debug, Default)]
pub struct Observed {
    pub at: DateTime<Utc>,
    pub bookings: HashMap<String, BookingRow>,
    pub messages: Vec<MessageRow>,
    pub requests: Vec<RequestRow>,
    pub answers: Vec<AnswerRow>,
    pub calls: Vec<Call>,
    pub processed: HashSet<i64>,
    /// The bodies of the refused requests that were kept.
    pub kept: Vec<String>,
    /// The jobs that were set aside, each with its reason.
    pub dead_letters: Vec<(String, String)>,
    pub inbox: i64,
    /// Deletions that are recorded as finished.
    pub deletions: i64,
    /// The account of each booking that has one.
    pub owners: HashMap<String, i64>,
    /// The bookings that Bukza's table shows otherwise, each with how.
    pub differences: Vec<(String, String)>,
    /// The answers of Bukza's API, by status; 0: cut off.
    pub table_answers: Vec<u16>,
    /// Rows and keys that hold something of a deleted client.
    pub traces: Vec<String>,
}

impl Observed {
    /// Reads it.
    ///
    /// # Errors
    /// When PostgreSQL or the simulator does not answer, or the simulator has forgotten calls.
    pub async fn read<H>(system: &System<H>, departed: &[Departed]) -> anyhow::Result<Self> {
        const BOOKINGS: &str = "SELECT bukza_booking_id AS code, status, version, \
            service_name AS service, starts_at, ends_at, rating, last_event_id, \
            coalesce(meaning, '') AS meaning, client_phone AS phone, updated_at FROM bookings";
        const MESSAGES: &str = "SELECT m.id, m.kind, m.recipient, m.chat_id AS chat, \
            b.bukza_booking_id AS code, m.booking_version AS version, m.update_id, m.due_at, \
            m.expires_at, m.status, coalesce(m.reason, '') AS reason, m.created_at, m.updated_at, \
            m.sent_at, m.telegram_message_id, m.joined_to, m.job_id, m.attempts, \
            CASE WHEN m.kind = 'staff_note' THEN m.content ->> 'note' END AS note \
            FROM messages m LEFT JOIN bookings b ON b.id = m.booking_id ORDER BY m.id";
        const REQUESTS: &str = "WITH cards AS (SELECT m.content -> 'request' -> 'id' AS request, \
                m.slot LIKE 'again %' AS again, m.status, m.sent_at FROM messages m \
                WHERE m.kind = 'staff_request'), \
            learnt AS (SELECT a.slot, a.update_id, a.created_at, a.status FROM messages a \
                WHERE a.kind = 'answer' AND a.slot LIKE 'delivered %') \
            SELECT r.id, r.kind, r.delivered_at, r.taken_at, r.withdrawn_at IS NOT NULL AS withdrawn, \
            b.id IS NOT NULL AND (b.status <> 'active' \
                OR b.version IS DISTINCT FROM r.booking_version) AS moot, \
            (SELECT count(*) FROM cards WHERE request = to_jsonb(r.id) \
                AND status IN ('sent', 'unknown')) AS shown, \
            (SELECT count(*) FROM cards WHERE request = to_jsonb(r.id) AND again) AS again, \
            (SELECT max(status) FROM cards WHERE request = to_jsonb(r.id) AND again) AS again_status, \
            (SELECT max(sent_at) FROM cards WHERE request = to_jsonb(r.id) AND again) AS again_at, \
            (SELECT count(*) FROM learnt l WHERE l.update_id = r.update_id AND l.status = 'sent' \
                AND l.slot = 'delivered ' || r.id) AS learnt, \
            (SELECT min(created_at) FROM learnt l WHERE l.update_id = r.update_id \
                AND l.slot = 'delivered ' || r.id) AS learnt_at \
            FROM requests r LEFT JOIN bookings b ON b.id = r.booking_id";
        const ANSWERS: &str = "SELECT b.bukza_booking_id AS code, a.version, a.answered_at \
            FROM visit_answers a JOIN bookings b ON b.id = a.booking_id";
        const OWNERS: &str = "SELECT b.bukza_booking_id, u.telegram_id FROM bookings b \
            JOIN users u ON u.id = b.user_id WHERE u.telegram_id IS NOT NULL";
        const DELETIONS: &str = "SELECT count(*) FROM deletions WHERE finished_at IS NOT NULL";
        const DIFFERENCES: &str = "SELECT code, kind FROM table_differences WHERE gone_at IS NULL";
        let database = &system.database;
        let calls = system.telegram.journal(0, None).await?;
        let first = calls.first().map_or(1, |call| call.seq);
        anyhow::ensure!(first == 1, "the simulator has forgotten its first {first} calls");
        let bookings: Vec<BookingRow> = rows(database, BOOKINGS).await?;
        let processed = database.column("SELECT update_id FROM processed_updates").await?;
        let owners = database.rows(OWNERS).await?;
        let differences = database.rows(DIFFERENCES).await?;
        let table_calls = system.telegram.bukza().calls().await?;
        let dead = database.rows("SELECT job_id, reason FROM dead_letters").await?;
        // Messages to clients who left are without their chat, and hold nothing: only their traces are looked for.
        let code_left = |code: &String| departed.iter().any(|it| it.codes.contains(code));
        let has_left = |row: &MessageRow| {
            let of_client = row.recipient == "client" && row.chat.is_none();
            of_client && row.code.as_ref().is_none_or(code_left)
        };
        let mut messages: Vec<MessageRow> = rows(database, MESSAGES).await?;
        messages.retain(|row| !has_left(row));
        Ok(Self {
            at: now(),
            bookings: bookings.into_iter().map(|row| (row.code.clone(), row)).collect(),
            messages,
            requests: rows(database, REQUESTS).await?,
            answers: rows(database, ANSWERS).await?,
            calls,
            processed: processed.into_iter().collect(),
            kept: database.column("SELECT body FROM rejected_requests").await?,
            dead_letters: dead.iter().map(|row| (row.get(0), row.get(1))).collect(),
            inbox: database.one("SELECT count(*) FROM inbox").await?,
            deletions: database.one(DELETIONS).await?,
            owners: owners.iter().map(|row| (row.get(0), row.get(1))).collect(),
            differences: differences.iter().map(|row| (row.get(0), row.get(1))).collect(),
            table_answers: table_calls.iter().map(|call| call.status).collect(),
            traces: traces::of(system, departed).await?,
        })
    }
}

/// The rows of a query, each by the names of its columns.
async fn rows<T: DeserializeOwned>(database: &Database, sql: &str) -> anyhow::Result<Vec<T>> {
    let sql = format!("SELECT to_json(of_query)::text FROM ({sql}) of_query");
    let rows = database.column::<String>(&sql).await?;
    Ok(rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<_, _>>()?)
}
