//! Work that failed for good: kept with its reason until an operator has looked at it.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{
    entity::dead_letter,
    statement::{execute, one, sql},
};
use crate::queue::QueueName;

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
    let reason: String = reason.chars().take(1000).collect::<String>().replace('\0', "\u{fffd}");
    let values = [
        queue.as_str().into(),
        job_id.into(),
        payload.into(),
        reason.into(),
        i32::try_from(attempts).unwrap_or(i32::MAX).into(),
    ];
    execute(conn, sql(KEEP, values)).await.map(|_| ())
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

/// A dead letter by its number.
///
/// # Errors
/// When the database fails.
pub async fn by_id(
    conn: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<dead_letter::Model>, DbErr> {
    dead_letter::Entity::find_by_id(id).one(conn).await
}

/// Notes that a dead letter was replayed.
///
/// # Errors
/// When the database fails.
pub async fn replayed(
    conn: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const NOTE: &str = "UPDATE dead_letters SET replayed_at = $2 WHERE id = $1";
    execute(conn, sql(NOTE, [id.into(), now.into()])).await.map(|_| ())
}

/// How many wait to be looked at.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    const COUNT: &str = "SELECT count(*) AS n FROM dead_letters WHERE replayed_at IS NULL";
    Ok(one::<Row>(conn, sql(COUNT, [])).await?.map_or(0, |row| row.n))
}
