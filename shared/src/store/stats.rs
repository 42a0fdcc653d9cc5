//! The numbers behind the gauges. Overdue messages are few and found by an index. Planned messages and clients
//! are counted row by row, so rarely.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{
    person::By,
    statement::{all, one, sql, value},
};

/// Messages that are due and not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    pub messages: u64,
    /// How long the longest-waiting of them has been due.
    pub oldest: std::time::Duration,
}

/// Counts what is due and not sent.
///
/// # Errors
/// When the database fails.
pub async fn overdue(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Overdue, DbErr> {
    const OVERDUE: &str = "SELECT count(*) AS n, min(due_at) AS oldest FROM messages \
        WHERE status = 'scheduled' AND chat_id IS NOT NULL AND due_at <= $1";
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
        oldest: Option<DateTime<Utc>>,
    }
    let row: Option<Row> = one(conn, sql(OVERDUE, [now.into()])).await?;
    let (messages, oldest) = row.map_or((0, None), |row| (row.n.unsigned_abs(), row.oldest));
    let oldest = oldest.and_then(|at| (now - at).to_std().ok()).unwrap_or_default();
    Ok(Overdue { messages, oldest })
}

/// Counts of whole tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// Messages with an address that are not due yet.
    pub planned: u64,
    /// Clients who are registered and can be written to.
    pub active_users: u64,
    /// Deletions on record, in the order of [`By::ALL`].
    pub deletions: [u64; By::ALL.len()],
}

/// Counts what is planned, and the clients.
///
/// # Errors
/// When the database fails.
pub async fn census(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Census, DbErr> {
    const PLANNED: &str = "SELECT count(*) AS n FROM messages \
        WHERE status = 'scheduled' AND chat_id IS NOT NULL AND due_at > $1";
    const ACTIVE: &str =
        "SELECT count(*) AS n FROM users WHERE reachable AND phone_number IS NOT NULL";
    let planned: Option<i64> = value(conn, sql(PLANNED, [now.into()])).await?;
    let active: Option<i64> = value(conn, sql(ACTIVE, [])).await?;
    let number = |count: Option<i64>| count.unwrap_or(0).unsigned_abs();
    let deletions = deletions(conn).await?;
    Ok(Census { planned: number(planned), active_users: number(active), deletions })
}

async fn deletions(conn: &impl ConnectionTrait) -> Result<[u64; By::ALL.len()], DbErr> {
    const DELETIONS: &str = "SELECT deleted_by, count(*) AS n FROM deletions GROUP BY deleted_by";
    #[derive(FromQueryResult)]
    struct Row {
        deleted_by: String,
        n: i64,
    }
    let rows: Vec<Row> = all(conn, sql(DELETIONS, [])).await?;
    let of = |by: By| rows.iter().find(|row| row.deleted_by == by.as_str());
    Ok(std::array::from_fn(|index| {
        By::ALL.get(index).and_then(|by| of(*by)).map_or(0, |row| row.n.unsigned_abs())
    }))
}
