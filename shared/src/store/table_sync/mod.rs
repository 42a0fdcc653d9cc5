//! Bukza's own table beside the bookings: the rounds that compare them, what differs, and what the staff apply of it.

mod cards;
mod compare;
mod known;
mod press;
mod record;

pub use cards::{CardLine, TableCard, card_in, lines};
pub use compare::{Comparison, Difference, TableRows, compare};
pub use press::{Which, press};
pub use record::{Recorded, counts, forget, record, refuse};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{execute, sql};

/// How long a worker may take for a round before another may begin one.
const LEASE: TimeDelta = TimeDelta::minutes(3);

/// Tries to begin a round: one worker at a time does, and only if the next one is due or none has begun since
/// `wanted_since`. No transaction is held while the table is read. A worker that dies keeps others away for three minutes,
/// and never itself: the response to a beginning or an end may have been lost.
///
/// # Errors
/// When the database fails.
pub async fn begin_round(
    conn: &impl ConnectionTrait,
    owner: &str,
    wanted_since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    const BEGIN: &str = "UPDATE table_sync SET begun_at = $2, lease_owner = $1, lease_until = $3 \
        WHERE (lease_until <= $2 OR lease_owner = $1) \
        AND (next_round_at <= $2 OR begun_at < $4::timestamptz)";
    let values = [owner.into(), now.into(), (now + LEASE).into(), wanted_since.into()];
    Ok(execute(conn, sql(BEGIN, values)).await? > 0)
}

/// Ends a round of this worker. A round of another one that has begun meanwhile stays.
///
/// # Errors
/// When the database fails; the round ends by itself then.
pub async fn end_round(
    conn: &impl ConnectionTrait,
    owner: &str,
    next_round_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const END: &str = "UPDATE table_sync SET next_round_at = $2, lease_until = 'epoch' \
        WHERE lease_owner = $1";
    execute(conn, sql(END, [owner.into(), next_round_at.into()])).await.map(drop)
}
