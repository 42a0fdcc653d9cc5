//! The lists that a chat got lately, for messages that are added to one of them
//! ([`crate::domain::together`]).

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::DueMessage;
use crate::{
    domain::{
        booking::Booking,
        ids::ChatId,
        message::{MessageKind, MessageStatus},
        together::Recent,
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

/// The lists to which the message may be added: their first message was sent after `sent_after`
/// ([`crate::domain::together::Rule::added_after`]), and they hold nothing but messages of this kind to this client,
/// none of them about this booking: one that was cancelled and made again is news. The oldest first, one entry for each
/// booking.
///
/// # Errors
/// When the database fails.
pub async fn listed_lately(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    message: &DueMessage,
    sent_after: DateTime<Utc>,
) -> Result<Vec<Recent>, DbErr> {
    const LATELY: &str = "SELECT m.telegram_message_id, b.order_id \
        FROM bookings b JOIN messages m ON m.booking_id = b.id \
        WHERE b.client_phone = $3 AND m.chat_id = $1 AND m.kind = $4 AND m.status = 'sent' \
          AND m.sent_at > $2 AND m.telegram_message_id IS NOT NULL \
          AND NOT EXISTS (SELECT 1 FROM messages o LEFT JOIN bookings ob ON ob.id = o.booking_id \
            WHERE o.chat_id = $1 AND o.telegram_message_id = m.telegram_message_id \
              AND o.status = 'sent' \
              AND (o.kind <> $4 OR o.sent_at <= $2 OR o.booking_id = $5 \
                   OR ob.client_phone IS DISTINCT FROM $3)) \
        ORDER BY m.telegram_message_id, m.id";
    let Some(booking) = &message.booking else { return Ok(Vec::new()) };
    let Some(phone) = &booking.details.phone else { return Ok(Vec::new()) };
    let (kind, phone) = (message.kind.as_str(), phone.as_e164().to_owned());
    let values = [chat.0.into(), sent_after.into(), phone.into(), kind.into(), booking.id.0.into()];
    let rows: Vec<Row> = all(conn, sql(LATELY, values)).await?;
    let recent =
        |Row { telegram_message_id, order_id: order }| Recent { telegram_message_id, order };
    Ok(rows.into_iter().map(recent).collect())
}

/// The bookings on a list, as they are now, by their start. Those that the kind does not fit any more are left out.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn listed_in(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    kind: MessageKind,
    telegram_message_id: i64,
) -> Result<Vec<Booking>, DbErr> {
    let listed = message::Entity::find()
        .select_only()
        .column(message::Column::BookingId)
        .filter(message::Column::ChatId.eq(chat.0))
        .filter(message::Column::Kind.eq(kind.as_str()))
        .filter(message::Column::Status.eq(MessageStatus::Sent.as_str()))
        .filter(message::Column::TelegramMessageId.eq(telegram_message_id));
    let bookings = booking::Entity::find()
        .filter(booking::Column::Id.in_subquery(listed.into_query()))
        .order_by_asc(booking::Column::StartsAt)
        .limit(READ)
        .all(conn);
    let bookings: Result<Vec<Booking>, DbErr> =
        limited(bookings).await?.into_iter().map(Booking::try_from).collect();
    Ok(bookings?.into_iter().filter(|booking| kind.fits(booking.status)).collect())
}
