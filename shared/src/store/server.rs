//! What PostgreSQL says of itself: its version, its clock, its connections.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{one, sql};

/// The server as it is now.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ServerState {
    pub version: String,
    /// The server's own clock.
    pub now: DateTime<Utc>,
    /// Connections of all programs, and the most that the server allows.
    pub connections: i64,
    pub max_connections: i64,
    /// It only reads: a replica, or a primary that was taken out.
    pub read_only: bool,
}

/// Asks the server.
///
/// # Errors
/// When it does not answer.
pub async fn state(conn: &impl ConnectionTrait) -> Result<ServerState, DbErr> {
    const STATE: &str = "SELECT current_setting('server_version') AS version, \
        clock_timestamp() AS now, (SELECT count(*) FROM pg_stat_activity) AS connections, \
        current_setting('max_connections')::bigint AS max_connections, \
        current_setting('transaction_read_only') = 'on' AS read_only";
    one(conn, sql(STATE, []))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the server's state".into()))
}

/// When the server started: another time than before shows an outage, however short.
///
/// # Errors
/// When it does not answer.
pub async fn started_at(conn: &impl ConnectionTrait) -> Result<DateTime<Utc>, DbErr> {
    #[derive(FromQueryResult)]
    struct Started {
        started_at: DateTime<Utc>,
    }
    let started: Option<Started> =
        one(conn, sql("SELECT pg_postmaster_start_time() AS started_at", [])).await?;
    let started = started.ok_or_else(|| DbErr::RecordNotFound("the server's start".into()))?;
    Ok(started.started_at)
}
