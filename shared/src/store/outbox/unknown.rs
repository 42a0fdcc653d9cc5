//! Messages of which it is unknown whether they arrived. An operator may have those sent again that are
//! still news.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{claim::booking_rules, queue_of};
use crate::{
    domain::ids::{ChatId, MessageId},
    queue::Job,
    store::{
        QueueWork,
        statement::{all, sql},
    },
};

/// A message that may not have arrived.
#[derive(Debug, Clone, FromQueryResult)]
pub struct UnknownMessage {
    pub id: i64,
    pub kind: String,
    pub booking: Option<String>,
    pub due_at: DateTime<Utc>,
    pub reason: Option<String>,
}

/// Which of those messages are meant.
#[derive(Debug, Clone)]
pub enum Resent {
    One(MessageId),
    OfKind(String),
    All,
}

// $1 now, $2 kinds that follow their booking, $3 `kind status` for each status that fits a kind. A message
// without an end is news for a day.
const STILL_NEWS: &str = "FROM messages m LEFT JOIN bookings b ON b.id = m.booking_id \
    WHERE m.status = 'unknown' AND m.chat_id IS NOT NULL \
    AND COALESCE(m.expires_at, m.due_at + interval '1 day') > $1 \
    AND (m.kind <> ALL ((SELECT $2::text[])::text[]) OR (b.version = m.booking_version \
        AND m.kind || ' ' || b.status = ANY ((SELECT $3::text[])::text[])) IS TRUE)";

/// Those that are still news, latest first.
///
/// # Errors
/// When the database fails.
pub async fn unknown(
    conn: &impl ConnectionTrait,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<UnknownMessage>, DbErr> {
    let list = format!(
        "SELECT m.id, m.kind, b.bukza_booking_id AS booking, m.due_at, m.reason {STILL_NEWS} \
         ORDER BY m.id DESC LIMIT $4"
    );
    let (follow, fit) = booking_rules();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    all(conn, sql(&list, [now.into(), follow.into(), fit.into(), limit.into()])).await
}

/// Gives messages back to the schedule for one more attempt, if they are still news. Returns how many, and
/// the wake-ups of their chats.
///
/// # Errors
/// When the database fails.
pub async fn resend(
    conn: &impl ConnectionTrait,
    which: &Resent,
    now: DateTime<Utc>,
) -> Result<(usize, QueueWork), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        lane: String,
        chat_id: i64,
    }
    let (one, kind) = match which {
        Resent::One(message) => (Some(message.0), None),
        Resent::OfKind(kind) => (None, Some(kind.clone())),
        Resent::All => (None, None),
    };
    let again = format!(
        "UPDATE messages SET status = 'scheduled', reason = NULL, not_before = 'epoch', \
         joined_to = NULL, pushed_at = $1, updated_at = $1 WHERE status = 'unknown' AND id = ANY (ARRAY( \
         SELECT m.id {STILL_NEWS} AND ($4::bigint IS NULL OR m.id = $4) \
         AND ($5::text IS NULL OR m.kind = $5) ORDER BY m.id FOR UPDATE OF m)) RETURNING lane, chat_id"
    );
    let (follow, fit) = booking_rules();
    let values = [now.into(), follow.into(), fit.into(), one.into(), kind.into()];
    let rows: Vec<Row> = all(conn, sql(&again, values)).await?;
    let mut work = QueueWork::default();
    for row in &rows {
        let job = Job::wake_later(queue_of(&row.lane)?, ChatId(row.chat_id), now);
        if !work.push.contains(&job) {
            work.push.push(job);
        }
    }
    Ok((rows.len(), work))
}
