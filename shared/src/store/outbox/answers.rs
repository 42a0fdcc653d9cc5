//! What is known of a chat's answers when the next one comes, and the cancelling of messages that the next one
//! replaces.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::JobRow;
use crate::{
    domain::{
        ids::{BookingId, ChatId, MessageId},
        message::{Content, MessageKind},
    },
    store::{
        QueueWork,
        statement::{all, sql},
    },
};

/// An answer that waits in a chat, or was given lately.
#[derive(Debug, Clone)]
pub struct KnownAnswer {
    pub id: MessageId,
    /// `None`: only a newer version can read it.
    pub content: Option<serde_json::Value>,
    /// When it was given. `None`: it waits.
    pub given_at: Option<DateTime<Utc>>,
}

/// The answers of a chat that wait and are due until `until`, oldest first, and those given after `since`.
///
/// # Errors
/// When the database fails.
pub async fn known_answers(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<KnownAnswer>, DbErr> {
    const KNOWN: &str = "SELECT id, content, NULL::timestamptz AS given_at FROM messages \
        WHERE chat_id = $1 AND status = 'scheduled' AND kind = 'answer' AND due_at <= $3 \
        UNION ALL SELECT id, content, COALESCE(sent_at, updated_at) FROM messages \
        WHERE kind = 'answer' AND updated_at > $2 AND chat_id = $1 \
        AND status IN ('sending', 'sent') ORDER BY id";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        content: Option<serde_json::Value>,
        given_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = all(conn, sql(KNOWN, [chat.0.into(), since.into(), until.into()])).await?;
    let known = |row: Row| KnownAnswer {
        id: MessageId(row.id),
        content: match row.content.map(serde_json::from_value) {
            Some(Ok(Content::Answer(content))) => Some(content),
            Some(Ok(_) | Err(_)) | None => None,
        },
        given_at: row.given_at,
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Cancels messages that still wait: newer ones replace them.
///
/// # Errors
/// When the database fails.
pub async fn cancel_replaced(
    conn: &impl ConnectionTrait,
    messages: &[MessageId],
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const CANCEL: &str = "UPDATE messages SET status = 'cancelled', reason = 'replaced', \
        updated_at = $2 WHERE id = ANY (ARRAY(SELECT id FROM messages \
        WHERE id = ANY ((SELECT $1::bigint[])::bigint[]) AND status = 'scheduled' \
        ORDER BY id FOR NO KEY UPDATE)) \
        RETURNING false AS planned, job_id, lane, chat_id, due_at";
    if messages.is_empty() {
        return Ok(QueueWork::default());
    }
    let ids: Vec<i64> = messages.iter().map(|message| message.0).collect();
    JobRow::work(all(conn, sql(CANCEL, [ids.into(), now.into()])).await?, now)
}

/// Cancels the answer of this name to an update, if it still waits.
///
/// # Errors
/// When the database fails.
pub async fn cancel_answer(
    conn: &impl ConnectionTrait,
    update_id: i64,
    dedup_key: &str,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const CANCEL: &str = "UPDATE messages SET status = 'cancelled', reason = 'replaced', \
        updated_at = $3 WHERE update_id = $1 AND slot = $2 AND status = 'scheduled' \
        RETURNING false AS planned, job_id, lane, chat_id, due_at";
    let values = [update_id.into(), dedup_key.into(), now.into()];
    JobRow::work(all(conn, sql(CANCEL, values)).await?, now)
}

/// Cancels a card about a booking that still waits: a newer one replaces it.
///
/// # Errors
/// When the database fails.
pub async fn cancel_replaced_card(
    conn: &impl ConnectionTrait,
    kind: MessageKind,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const CANCEL: &str = "UPDATE messages SET status = 'cancelled', reason = 'replaced', \
        updated_at = $3 WHERE id = ANY (ARRAY(SELECT id FROM messages WHERE booking_id = $1 \
        AND kind = $2 AND status = 'scheduled' ORDER BY id FOR NO KEY UPDATE)) \
        RETURNING false AS planned, job_id, lane, chat_id, due_at";
    let values = [booking.0.into(), kind.as_str().into(), now.into()];
    JobRow::work(all(conn, sql(CANCEL, values)).await?, now)
}
