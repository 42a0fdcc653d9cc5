//! Buttons below messages about a version of a booking that is no longer to come: it moved, was cancelled, or its visit
//! is over. They are taken off by rows like every other change of a message.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::insert::{NewMessage, insert};
use crate::{
    domain::{
        ids::{BookingId, ChatId},
        message::{Content, MessageKind},
    },
    store::{
        QueueWork,
        statement::{all, sql},
    },
};

/// What the client is to read comes first.
const AFTER_NEWS: TimeDelta = TimeDelta::seconds(5);

/// Plans that the messages about these versions of bookings, which nothing follows from any more, lose their buttons. A
/// list keeps them while one of its bookings is as it says. One that has lost them is left alone.
///
/// # Errors
/// When the database fails.
pub async fn take_stale_buttons(
    conn: &impl ConnectionTrait,
    stale: &[(BookingId, i32)],
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const STALE: &str = "SELECT DISTINCT m.chat_id, m.telegram_message_id \
        FROM unnest((SELECT $1::bigint[]), (SELECT $2::int[])) AS s (id, version) \
        JOIN messages m ON m.booking_id = s.id AND m.booking_version = s.version \
        WHERE m.status || '' = 'sent' AND m.kind = ANY ((SELECT $3::text[])::text[]) \
          AND m.chat_id IS NOT NULL AND m.telegram_message_id IS NOT NULL \
          AND NOT EXISTS (SELECT 1 FROM messages o LEFT JOIN bookings b ON b.id = o.booking_id \
            WHERE o.chat_id = m.chat_id AND o.telegram_message_id = m.telegram_message_id \
              AND (o.kind = $4 OR b.version = o.booking_version AND b.status || '' = 'active' \
                   AND b.ends_at > $5)) \
        ORDER BY m.chat_id, m.telegram_message_id";
    #[derive(FromQueryResult)]
    struct Row {
        chat_id: i64,
        telegram_message_id: i64,
    }
    if stale.is_empty() {
        return Ok(QueueWork::default());
    }
    let (ids, versions): (Vec<i64>, Vec<i32>) = stale.iter().map(|(id, v)| (id.0, *v)).unzip();
    let kinds = MessageKind::names(|kind| kind.properties().has_visit_buttons);
    let taken = MessageKind::ClientButtons;
    let values = [ids.into(), versions.into(), kinds.into(), taken.as_str().into(), now.into()];
    let rows: Vec<Row> = all(conn, sql(STALE, values)).await?;
    let edit = |Row { chat_id, telegram_message_id }| {
        NewMessage::to_client(taken, ChatId(chat_id), now + AFTER_NEWS)
            .in_bulk()
            .saying(Content::Buttons { telegram_message_id, taken: None })
    };
    let edits: Vec<NewMessage> = rows.into_iter().map(edit).collect();
    insert(conn, &edits, now).await
}
