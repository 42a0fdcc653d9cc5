//! The inbox: what ingest accepted while Redis was away, until a worker has applied it.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{all, execute, sql, value};
use crate::queue::IngestJob;

/// How long a taken entry is one worker's before another may take it.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// An entry that was taken.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Entry {
    pub id: i64,
    pub payload: String,
    /// How often it was taken, this time included.
    pub attempts: i32,
}

/// Keeps jobs that Redis did not take.
///
/// # Errors
/// When the database fails; none of them is kept then.
pub async fn keep(conn: &impl ConnectionTrait, jobs: &[IngestJob]) -> Result<(), DbErr> {
    const KEEP: &str = "INSERT INTO inbox (payload) SELECT unnest($1::text[])";
    let payloads: Vec<String> = jobs.iter().map(IngestJob::encode).collect();
    execute(conn, sql(KEEP, [payloads.into()])).await.map(|_| ())
}

/// Takes up to `limit` entries, oldest first, for half a minute.
///
/// # Errors
/// When the database fails.
pub async fn take(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Entry>, DbErr> {
    const TAKE: &str = "UPDATE inbox i SET not_before = $2, attempts = i.attempts + 1 \
        WHERE i.id IN (SELECT id FROM inbox WHERE not_before <= $1 ORDER BY id LIMIT $3 \
        FOR UPDATE SKIP LOCKED) RETURNING i.id, i.payload, i.attempts";
    let values = [now.into(), (now + LEASE).into(), limit.into()];
    let mut entries: Vec<Entry> = all(conn, sql(TAKE, values)).await?;
    entries.sort_unstable_by_key(|entry| entry.id);
    Ok(entries)
}

/// Forgets an entry that was applied.
///
/// # Errors
/// When the database fails; applying it again does no harm.
pub async fn done(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    execute(conn, sql("DELETE FROM inbox WHERE id = $1", [id.into()])).await.map(|_| ())
}

/// How many entries wait.
///
/// # Errors
/// When the database fails.
pub async fn depth(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(value(conn, sql("SELECT count(*) FROM inbox", [])).await?.unwrap_or(0))
}
