//! Work that failed for good: kept with its reason until an operator has looked at it.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    entity::dead_letter,
    statement::{all, execute, sql, value},
};
use crate::{domain::ids::MessageId, queue::QueueName};

/// Puts a job into quarantine. Doing it again with the same job id changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    conn: &impl ConnectionTrait,
    queue: QueueName,
    job_id: &str,
    payload: &[u8],
    reason: &str,
    attempts: u32,
) -> Result<(), DbErr> {
    const KEEP: &str = "INSERT INTO dead_letters (queue, job_id, payload, reason, attempts) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (job_id) DO NOTHING";
    let payload = String::from_utf8_lossy(payload).replace('\0', "\u{fffd}");
    let values = [
        queue.as_str().into(),
        job_id.into(),
        payload.into(),
        bounded(reason).into(),
        i32::try_from(attempts).unwrap_or(i32::MAX).into(),
    ];
    execute(conn, sql(KEEP, values)).await.map(|_| ())
}

/// Puts a message into quarantine that can't be sent by a fault of ours, with the payload that wakes
/// its chat. One that was replayed in vain is open again.
///
/// # Errors
/// When the database fails.
pub async fn keep_message(
    conn: &impl ConnectionTrait,
    message: MessageId,
    wake: &str,
    reason: &str,
) -> Result<(), DbErr> {
    const KEEP: &str = "INSERT INTO dead_letters AS d (queue, job_id, payload, reason, attempts) \
        SELECT CASE m.lane WHEN 'interactive' THEN 'answers' ELSE 'bulk' END, m.job_id, $2, \
        'message ' || m.id || ': ' || $3, m.attempts FROM messages m WHERE m.id = $1 \
        ON CONFLICT (job_id) DO UPDATE SET reason = excluded.reason, \
        attempts = d.attempts + excluded.attempts, replayed_at = NULL, \
        created_at = clock_timestamp()";
    execute(conn, sql(KEEP, [message.0.into(), wake.into(), bounded(reason).into()]))
        .await
        .map(|_| ())
}

/// PostgreSQL's texts take no NUL.
fn bounded(reason: &str) -> String {
    reason.chars().take(1000).collect::<String>().replace('\0', "\u{fffd}")
}

/// The dead letters that were not replayed, latest first.
///
/// # Errors
/// When the database fails.
pub async fn open(
    conn: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<dead_letter::Model>, DbErr> {
    dead_letter::Entity::find()
        .filter(dead_letter::Column::ReplayedAt.is_null())
        .order_by_desc(dead_letter::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// A page of the dead letters that were not replayed, in the order of their ids behind `after`; of a kind:
/// that of the message, or else the name of the queue.
///
/// # Errors
/// When the database fails.
pub async fn open_of(
    conn: &impl ConnectionTrait,
    kind: Option<&str>,
    after: i64,
) -> Result<Vec<dead_letter::Model>, DbErr> {
    const OPEN: &str = "SELECT d.id, d.queue, d.job_id, d.payload, d.reason, d.attempts, \
        d.replayed_at, d.created_at FROM dead_letters d \
        WHERE d.replayed_at IS NULL AND d.id > $2 AND ($1::text IS NULL OR d.queue = $1 \
            OR d.job_id IN (SELECT job_id FROM messages WHERE kind = $1 AND status = 'failed')) \
        ORDER BY d.id LIMIT 500";
    all(conn, sql(OPEN, [kind.map(str::to_owned).into(), after.into()])).await
}

/// Notes that a dead letter was replayed, unless that was in vain and it is set aside anew already.
///
/// # Errors
/// When the database fails.
pub async fn replayed(
    conn: &impl ConnectionTrait,
    letter: &dead_letter::Model,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const NOTE: &str = "UPDATE dead_letters SET replayed_at = $3 WHERE id = $1 AND created_at = $2";
    let values = [letter.id.into(), letter.created_at.into(), now.into()];
    execute(conn, sql(NOTE, values)).await.map(|_| ())
}

/// How many wait to be looked at.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    const COUNT: &str = "SELECT count(*) AS n FROM dead_letters WHERE replayed_at IS NULL";
    Ok(value(conn, sql(COUNT, [])).await?.unwrap_or(0))
}
