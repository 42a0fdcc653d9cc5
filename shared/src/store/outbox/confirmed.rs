//! What a chat's latest messages confirmed, for confirmations that are added to one of them
//! ([`crate::domain::together`]).

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use crate::{
    domain::{
        booking::Booking,
        ids::ChatId,
        message::{MessageKind, MessageStatus},
        together::{ADDED_WITHIN, Recent},
    },
    store::{
        entity::{booking, message},
        limited,
        statement::{all, sql},
    },
};

/// Most bookings read of one message: more are not listed.
const READ: u64 = 100;

#[derive(FromQueryResult)]
struct Row {
    telegram_message_id: i64,
    order_id: Option<String>,
}

/// The bookings that the chat's messages confirmed within [`ADDED_WITHIN`] before `due_at`, or later; the oldest
/// message first.
///
/// # Errors
/// When the database fails.
pub async fn confirmed_lately(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    due_at: DateTime<Utc>,
) -> Result<Vec<Recent>, DbErr> {
    const LATELY: &str = "SELECT m.telegram_message_id, b.order_id \
        FROM messages m JOIN bookings b ON b.id = m.booking_id \
        WHERE m.chat_id = $1 AND m.kind = 'confirmation' AND m.status = 'sent' AND m.sent_at > $2 \
          AND m.telegram_message_id IS NOT NULL \
        ORDER BY m.telegram_message_id, m.id";
    let values = [chat.0.into(), (due_at - ADDED_WITHIN).into()];
    let rows: Vec<Row> = all(conn, sql(LATELY, values)).await?;
    let recent =
        |Row { telegram_message_id, order_id: order }| Recent { telegram_message_id, order };
    Ok(rows.into_iter().map(recent).collect())
}

/// The bookings that one message confirmed, as they are now, by their start. Cancelled ones are left out.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn confirmed_in(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    telegram_message_id: i64,
) -> Result<Vec<Booking>, DbErr> {
    let confirmed = message::Entity::find()
        .select_only()
        .column(message::Column::BookingId)
        .filter(message::Column::ChatId.eq(chat.0))
        .filter(message::Column::Kind.eq(MessageKind::Confirmation.as_str()))
        .filter(message::Column::Status.eq(MessageStatus::Sent.as_str()))
        .filter(message::Column::TelegramMessageId.eq(telegram_message_id));
    let bookings = booking::Entity::find()
        .filter(booking::Column::Id.in_subquery(confirmed.into_query()))
        .filter(booking::Column::Status.ne("cancelled"))
        .order_by_asc(booking::Column::StartsAt)
        .limit(READ)
        .all(conn);
    limited(bookings).await?.into_iter().map(Booking::try_from).collect()
}
