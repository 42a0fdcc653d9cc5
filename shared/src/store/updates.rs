//! Which updates of Telegram were applied already, so that each is applied once.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{execute, sql};

/// Takes an update for this transaction. `false`: it was applied before, or is being applied by a
/// transaction that committed while this one waited.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    conn: &impl ConnectionTrait,
    update_id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    const CLAIM: &str = "INSERT INTO processed_updates (update_id, processed_at) VALUES ($1, $2) \
        ON CONFLICT DO NOTHING";
    Ok(execute(conn, sql(CLAIM, [update_id.into(), now.into()])).await? == 1)
}
