//! `dialogues`: what the bot waits for from clients, each with its end. The question about a visit is opened where it is
//! recorded as sent (`outbox::settle`), or by an answer that is quicker; the others are opened here, with the reply
//! that asks.
//!
//! Builds before keep a question in `users.dialogue`, which has no end. The migration takes over their
//! questions of the last day, and this build neither reads nor writes that column. While builds of both sorts run,
//! a number that is typed after the other sort's question is a text like any other; the buttons below the
//! question work with both.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{all, execute, sql};
use crate::domain::{
    dialogue::{Dialogue, DialogueKind, QUESTION_OPEN},
    ids::{BookingId, RequestId, UserId},
    join::Join,
};

/// What the bot waits for from a client, of whom something was received at `at`: of several dialogues the one that takes
/// the client's `words`. `None`: it was no text.
///
/// # Errors
/// When the database fails.
pub async fn open(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
    words: Option<&str>,
) -> Result<Dialogue, DbErr> {
    if words.is_some() {
        open_question_being_sent(conn, user, at).await?;
    }
    let open = all_open(conn, user, at).await?.into_iter();
    let first = open.filter(|dialogue| dialogue.takes(words)).min_by_key(|one| one.kind());
    Ok(first.unwrap_or(Dialogue::Idle))
}

/// Opens the question about a visit that a worker was sending at `at`: Telegram may have shown it already, and the
/// worker may need a while to record that, or have died. It begins when the message was claimed, by which the
/// worker's record finds it, and leaves it as the answer has left it.
async fn open_question_being_sent(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const OPEN: &str = "INSERT INTO dialogues AS d (user_id, kind, booking_id, started_at, ends_at) \
        SELECT u.id, 'rating', m.booking_id, m.updated_at, $3 \
        FROM users u JOIN messages m ON m.chat_id = u.telegram_id \
        WHERE u.id = $1 AND m.status = 'sending' AND m.kind = 'feedback' AND m.updated_at <= $2 \
        ORDER BY m.id DESC LIMIT 1 \
        ON CONFLICT (user_id, kind) DO UPDATE SET booking_id = excluded.booking_id, \
        started_at = excluded.started_at, ends_at = excluded.ends_at \
        WHERE d.started_at < excluded.started_at";
    let values = [user.0.into(), at.into(), (at + QUESTION_OPEN).into()];
    execute(conn, sql(OPEN, values)).await.map(|_| ())
}

/// What a client is about to join.
///
/// # Errors
/// When the database fails.
pub async fn awaited_join(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<Option<Join>, DbErr> {
    Ok(all_open(conn, user, at).await?.into_iter().find_map(Dialogue::join))
}

async fn all_open(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<Vec<Dialogue>, DbErr> {
    const OPEN: &str = "SELECT kind, booking_id, request_id, by_token FROM dialogues \
        WHERE user_id = $1 AND ends_at > $2";
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        booking_id: Option<i64>,
        request_id: Option<i64>,
        by_token: bool,
    }
    let rows: Vec<Row> = all(conn, sql(OPEN, [user.0.into(), at.into()])).await?;
    // A sort that only a newer version knows is left to it.
    let read = |row: Row| {
        let kind = DialogueKind::parse(&row.kind)?;
        let (booking, request) = (row.booking_id.map(BookingId), row.request_id.map(RequestId));
        Dialogue::of(kind, booking, request, row.by_token)
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Opens a dialogue at `at`, in place of one of its sort. One that was opened by something received later stays.
///
/// # Errors
/// When the database fails.
pub async fn start(
    conn: &impl ConnectionTrait,
    user: UserId,
    dialogue: Dialogue,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const START: &str = "INSERT INTO dialogues AS d (user_id, kind, booking_id, request_id, \
        started_at, ends_at, by_token) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (user_id, kind) DO UPDATE SET booking_id = excluded.booking_id, \
        request_id = excluded.request_id, started_at = excluded.started_at, \
        ends_at = excluded.ends_at, by_token = excluded.by_token WHERE d.started_at <= $5";
    let Some(kind) = dialogue.kind() else { return Ok(()) };
    let values = [
        user.0.into(),
        kind.as_str().into(),
        dialogue.booking().map(|booking| booking.0).into(),
        dialogue.request().map(|request| request.0).into(),
        at.into(),
        (at + QUESTION_OPEN).into(),
        dialogue.join().is_some_and(|join| join.by_token).into(),
    ];
    execute(conn, sql(START, values)).await.map(|_| ())
}

/// Ends at `at` a dialogue of a client, or all that are open: `None`. What was received before, and is applied
/// later, still finds it open.
///
/// # Errors
/// When the database fails.
pub async fn end(
    conn: &impl ConnectionTrait,
    user: UserId,
    dialogue: Option<Dialogue>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const END: &str = "UPDATE dialogues SET ends_at = $2 WHERE user_id = $1 AND ends_at > $2 \
        AND ($3::text IS NULL OR kind = $3) AND ($4::bigint IS NULL OR booking_id = $4)";
    let kind = dialogue.and_then(Dialogue::kind).map(DialogueKind::as_str);
    let booking = dialogue.and_then(Dialogue::booking).map(|booking| booking.0);
    let values = [user.0.into(), at.into(), kind.into(), booking.into()];
    execute(conn, sql(END, values)).await.map(|_| ())
}
