//! `dialogues`: what the bot waits for from clients, each with its end. Rows are written where a message
//! is recorded as sent (`outbox::settle`), and end there or here.
//!
//! Builds before keep a question in `users.dialogue`, which has no end. The migration takes over their
//! questions of the last day, and this build neither reads nor writes that column. While builds of both sorts run,
//! a number that is typed after the other sort's question is a text like any other; the buttons below the
//! question work with both.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{execute, sql, value};
use crate::domain::{
    dialogue::Dialogue,
    ids::{BookingId, UserId},
};

/// What the bot waits for from a client, of whom something was received at `at`.
///
/// # Errors
/// When the database fails.
pub async fn open(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<Dialogue, DbErr> {
    const OPEN: &str = "SELECT booking_id FROM dialogues \
        WHERE user_id = $1 AND kind = 'rating' AND booking_id IS NOT NULL AND ends_at > $2";
    let booking = value(conn, sql(OPEN, [user.0.into(), at.into()])).await?;
    Ok(booking.map_or(Dialogue::Idle, |id| Dialogue::Rating(BookingId(id))))
}

/// Ends at `at` all that is open with a client. What was received before, and is applied later, still
/// finds it open.
///
/// # Errors
/// When the database fails.
pub async fn end(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const END: &str = "UPDATE dialogues SET ends_at = $2 WHERE user_id = $1 AND ends_at > $2";
    execute(conn, sql(END, [user.0.into(), at.into()])).await.map(|_| ())
}
