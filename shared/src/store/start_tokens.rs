//! `start_tokens`: the token of each booking's start link, made when the link is first shown, and again after somebody
//! used it and is gone.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{execute, sql, values};
use crate::domain::{ids::BookingId, join::StartToken};

/// Keeps `fresh` for a booking that has no token, or a used one.
///
/// # Errors
/// When the database fails.
pub async fn ensure(
    conn: &impl ConnectionTrait,
    booking: BookingId,
    fresh: &StartToken,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const ENSURE: &str = "INSERT INTO start_tokens AS t (booking_id, token, made_at) \
        SELECT id, $2, $3 FROM bookings WHERE id = $1 AND user_id IS NULL \
        ON CONFLICT (booking_id) DO UPDATE \
        SET token = excluded.token, made_at = excluded.made_at, used_at = NULL \
        WHERE t.used_at IS NOT NULL";
    execute(conn, sql(ENSURE, [booking.0.into(), fresh.as_str().into(), now.into()]))
        .await
        .map(drop)
}

/// The token of a booking that nobody has used.
///
/// # Errors
/// When the database fails.
pub async fn of(
    conn: &impl ConnectionTrait,
    booking: BookingId,
) -> Result<Option<StartToken>, DbErr> {
    const OF: &str = "SELECT token FROM start_tokens WHERE booking_id = $1 AND used_at IS NULL";
    let found: Vec<String> = values(conn, sql(OF, [booking.0.into()])).await?;
    Ok(found.first().and_then(|token| StartToken::parse(token)))
}
