//! Which updates of Telegram were applied already, so that each is applied once.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{one, sql};

/// Whether an update is to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is new.
    New,
    /// It is new, and another update had its id: one of the two was forged.
    SharesId,
    /// It was applied before, or by a transaction that committed while this one waited.
    Repeated,
}

#[derive(FromQueryResult)]
struct Row {
    taken: bool,
    shares_id: bool,
}

/// Takes an update for this transaction. `identity`: what the update is, whatever its id. An id alone may have been
/// used in advance by someone else.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    conn: &impl ConnectionTrait,
    update_id: i64,
    identity: &str,
    now: DateTime<Utc>,
) -> Result<Claim, DbErr> {
    // Builds before store no identity: such a row is taken for the same update.
    const CLAIM: &str = "WITH seen AS (SELECT identity FROM processed_updates WHERE update_id = $1), \
        taken AS (INSERT INTO processed_updates (update_id, identity, processed_at) \
            SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM seen WHERE identity = '') \
            ON CONFLICT DO NOTHING RETURNING 1) \
        SELECT EXISTS (SELECT 1 FROM taken) AS taken, EXISTS (SELECT 1 FROM seen) AS shares_id";
    let row: Option<Row> =
        one(conn, sql(CLAIM, [update_id.into(), identity.into(), now.into()])).await?;
    Ok(match row {
        Some(Row { taken: true, shares_id: false }) => Claim::New,
        Some(Row { taken: true, shares_id: true }) => Claim::SharesId,
        Some(Row { taken: false, .. }) | None => Claim::Repeated,
    })
}
