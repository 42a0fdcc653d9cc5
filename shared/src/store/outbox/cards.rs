//! Cards as the staff's chat shows them: which rows a message of Telegram holds, and which client each is about.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::{
    domain::{
        ids::{BookingId, ChatId, RequestId},
        message::Content,
    },
    store::statement::{all, sql, value},
};

/// A card in a message of Telegram. Several may be joined there.
#[derive(Debug, Clone)]
pub struct Card {
    /// The client whom it was about when it was sent.
    pub about: Option<ChatId>,
    /// The request that it shows.
    pub request: Option<RequestId>,
    pub booking: Option<BookingId>,
}

/// The cards in a message of the staff's chat. Empty: it is no message of ours.
///
/// # Errors
/// When the database fails.
pub async fn cards_in(
    conn: &impl ConnectionTrait,
    staff: ChatId,
    telegram_message_id: i64,
) -> Result<Vec<Card>, DbErr> {
    // The tutor's cards are about requests: a reply to one is meant for no client.
    const IN: &str = "SELECT CASE WHEN kind <> 'staff_tutor' THEN about_chat_id END AS about_chat_id, \
        booking_id, content FROM messages WHERE chat_id = $1 \
        AND telegram_message_id = $2 AND recipient = 'staff' \
        AND kind NOT IN ('staff_buttons', 'staff_receipt')";
    #[derive(FromQueryResult)]
    struct Row {
        about_chat_id: Option<i64>,
        booking_id: Option<i64>,
        content: Option<serde_json::Value>,
    }
    let rows: Vec<Row> = all(conn, sql(IN, [staff.0.into(), telegram_message_id.into()])).await?;
    let card = |row: Row| Card {
        about: row.about_chat_id.map(ChatId),
        booking: row.booking_id.map(BookingId),
        request: match row.content.map(serde_json::from_value) {
            Some(Ok(Content::Request { id, .. })) => Some(id),
            Some(Ok(_) | Err(_)) | None => None,
        },
    };
    Ok(rows.into_iter().map(card).collect())
}

/// Whether a message is on its way to a chat: Telegram may show it before it is recorded as sent.
///
/// # Errors
/// When the database fails.
pub async fn is_sending(conn: &impl ConnectionTrait, chat: ChatId) -> Result<bool, DbErr> {
    const SENDING: &str =
        "SELECT EXISTS (SELECT 1 FROM messages WHERE status = 'sending' AND chat_id = $1)";
    Ok(value(conn, sql(SENDING, [chat.0.into()])).await?.unwrap_or(false))
}

/// How many copies of a client's photos and the like wait for the staff.
///
/// # Errors
/// When the database fails.
pub async fn waiting_copies(
    conn: &impl ConnectionTrait,
    staff: ChatId,
    client: ChatId,
) -> Result<i64, DbErr> {
    const WAITING: &str = "SELECT count(*) FROM messages WHERE chat_id = $1 AND kind = 'staff_copy' \
        AND status = 'scheduled' AND about_chat_id = $2";
    Ok(value(conn, sql(WAITING, [staff.0.into(), client.0.into()])).await?.unwrap_or(0))
}

/// Whether a client learnt after `since` that their words reached the staff.
///
/// # Errors
/// When the database fails.
pub async fn words_acknowledged(
    conn: &impl ConnectionTrait,
    client: ChatId,
    since: DateTime<Utc>,
) -> Result<bool, DbErr> {
    const ACKNOWLEDGED: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE chat_id = $1 \
        AND kind = 'words' AND delivered_at > $2)";
    Ok(value(conn, sql(ACKNOWLEDGED, [client.0.into(), since.into()])).await?.unwrap_or(false))
}
