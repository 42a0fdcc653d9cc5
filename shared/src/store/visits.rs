//! What clients answered about their visits. An answer belongs to a version of the booking: a move makes it void.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use super::{
    entity::booking,
    limited,
    statement::{all, execute, sql, unreadable, values},
};
use crate::domain::{
    booking::Booking,
    ids::{BookingId, ChatId},
    request::VisitAnswer,
};

/// Whether an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Stored,
    /// The booking has changed since it was shown, or is no longer this client's to answer for.
    Outdated,
}

/// Stores the answer of the client in `chat` about a version of a booking, given at `at`. A later one counts.
///
/// # Errors
/// When the database fails.
pub async fn answer(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    (booking, version): (BookingId, i32),
    answer: VisitAnswer,
    at: DateTime<Utc>,
) -> Result<Answered, DbErr> {
    // The booking is locked against a change of its version: what is applied later finds the answer void.
    const ANSWER: &str = "WITH mine AS (SELECT b.id FROM bookings b JOIN users u ON u.id = b.user_id \
        WHERE b.id = $1 AND b.version = $2 AND u.telegram_id = $3 AND b.status = 'active' \
          AND b.ends_at > $5 FOR SHARE OF b), \
        stored AS (INSERT INTO visit_answers AS a (booking_id, version, answer, answered_at) \
        SELECT id, $2, $4, $5 FROM mine ON CONFLICT (booking_id) DO UPDATE \
        SET version = excluded.version, answer = excluded.answer, answered_at = excluded.answered_at \
        WHERE a.answered_at <= excluded.answered_at OR a.version < excluded.version RETURNING 1) \
        SELECT id FROM mine";
    let values_of =
        [booking.0.into(), version.into(), chat.0.into(), answer.as_str().into(), at.into()];
    let found: Vec<i64> = values(conn, sql(ANSWER, values_of)).await?;
    Ok(if found.is_empty() { Answered::Outdated } else { Answered::Stored })
}

/// Takes an answer back: the client comes after all.
///
/// # Errors
/// When the database fails.
pub async fn take_back(
    conn: &impl ConnectionTrait,
    booking: BookingId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const BACK: &str = "DELETE FROM visit_answers WHERE booking_id = $1 AND answered_at <= $2";
    execute(conn, sql(BACK, [booking.0.into(), at.into()])).await.map(|_| ())
}

/// The answers about these bookings that belong to their present versions.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn answers(
    conn: &impl ConnectionTrait,
    bookings: &[BookingId],
) -> Result<HashMap<BookingId, VisitAnswer>, DbErr> {
    const ANSWERS: &str = "SELECT a.booking_id, a.answer FROM visit_answers a \
        JOIN bookings b ON b.id = a.booking_id AND b.version = a.version \
        WHERE a.booking_id = ANY ((SELECT $1::bigint[])::bigint[])";
    #[derive(FromQueryResult)]
    struct Row {
        booking_id: i64,
        answer: String,
    }
    if bookings.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = bookings.iter().map(|booking| booking.0).collect();
    let rows: Vec<Row> = all(conn, sql(ANSWERS, [ids.into()])).await?;
    let read = |row: Row| {
        let answer = VisitAnswer::parse(&row.answer)
            .ok_or_else(|| unreadable("visit_answers.answer", &row.answer))?;
        Ok((BookingId(row.booking_id), answer))
    };
    rows.into_iter().map(read).collect()
}

/// The bookings that the last message about this version of a booking names, as they are now, by their start: those of
/// the client in `chat` that have not changed since.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn listed_with(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    (booking, version): (BookingId, i32),
) -> Result<Vec<Booking>, DbErr> {
    const WITH: &str = "SELECT b.id FROM bookings b JOIN users u ON u.id = b.user_id \
        JOIN messages o ON o.booking_id = b.id AND o.booking_version = b.version \
        WHERE u.telegram_id = $1 AND o.chat_id = $1 AND o.status = 'sent' \
          AND o.kind IN ('confirmation', 'moved', 'reminder') AND b.status = 'active' \
          AND o.telegram_message_id = (SELECT m.telegram_message_id FROM messages m \
            WHERE m.booking_id = $2 AND m.booking_version = $3 AND m.chat_id = $1 \
              AND m.kind IN ('confirmation', 'moved', 'reminder') AND m.status = 'sent' \
            ORDER BY m.id DESC LIMIT 1)";
    let ids: Vec<i64> =
        values(conn, sql(WITH, [chat.0.into(), booking.0.into(), version.into()])).await?;
    let found = booking::Entity::find()
        .filter(booking::Column::Id.is_in(ids))
        .order_by_asc(booking::Column::StartsAt);
    limited(found.all(conn)).await?.into_iter().map(Booking::try_from).collect()
}
