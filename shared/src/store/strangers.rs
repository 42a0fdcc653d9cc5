//! The staff's card of what accounts without a phone write: while one waits, further words are added to it. So
//! strangers make one card a minute.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseTransaction, DbErr, FromQueryResult};

use super::{
    QueueWork, lock,
    outbox::{self, NewMessage},
    statement::{execute, one, sql},
};
use crate::domain::{
    ids::{ChatId, EventId},
    message::{Content, MessageKind},
};

/// Between two cards.
const APART: TimeDelta = TimeDelta::minutes(1);
/// How long a card waits for more words.
const WAITS_FOR_MORE: TimeDelta = TimeDelta::seconds(5);
/// Most entries of a card: more would not fit one message.
const ENTRIES_MAX: usize = 100;

#[derive(FromQueryResult)]
struct Card {
    id: i64,
    status: String,
    content: Option<serde_json::Value>,
    touched_at: DateTime<Utc>,
}

/// Adds words to the card that waits, or plans one.
///
/// # Errors
/// When the database fails.
pub async fn add(
    tx: &DatabaseTransaction,
    staff: ChatId,
    (name, words): (&str, &str),
    event: &EventId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    // Locked, so that it is not claimed while something is added to it.
    const NEWEST: &str = "SELECT id, status, content, COALESCE(sent_at, updated_at) AS touched_at \
        FROM messages WHERE kind = 'staff_strangers' AND chat_id = $1 \
        ORDER BY due_at DESC, id DESC LIMIT 1 FOR UPDATE";
    const ADD: &str = "UPDATE messages SET content = $2, updated_at = $3 WHERE id = $1";
    lock::strangers_card(tx).await?;
    let newest: Option<Card> = one(tx, sql(NEWEST, [staff.0.into()])).await?;
    let entry = (name.to_owned(), words.to_owned());
    if let Some(card) = newest.as_ref().filter(|card| card.status == "scheduled")
        && let Some(mut entries) = entries(card)
    {
        if entries.len() < ENTRIES_MAX {
            entries.push(entry);
        }
        let content = serde_json::to_value(Content::Strangers { words: entries });
        let content = content.map_err(|error| DbErr::Json(error.to_string()))?;
        execute(tx, sql(ADD, [card.id.into(), content.into(), now.into()])).await?;
        return Ok(QueueWork::default());
    }
    let apart = newest.map(|card| card.touched_at + APART);
    let due_at = apart.unwrap_or(now).max(now + WAITS_FOR_MORE);
    let card = NewMessage::staff_card(MessageKind::StaffStrangers, staff, due_at)
        .saying(Content::Strangers { words: vec![entry] })
        .traced_to(event);
    outbox::insert(tx, &[card], now).await
}

/// `None`: only a newer version can read them.
fn entries(card: &Card) -> Option<Vec<(String, String)>> {
    match serde_json::from_value(card.content.clone()?).ok()? {
        Content::Strangers { words } => Some(words),
        _ => None,
    }
}
