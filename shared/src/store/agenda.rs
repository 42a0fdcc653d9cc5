//! The visits of a day as the staff look at them, and the agenda that comes by itself: planned once, whatever the number
//! of workers and restarts.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::{
    QueueWork,
    entity::booking,
    limited, lock,
    outbox::{self, NewMessage},
    statement::{sql, value, values},
    visits,
};
use crate::domain::{
    agenda::{AGENDA_PATIENCE, DueAgenda, Span, parts_of},
    booking::{Booking, BookingView},
    ids::{BookingId, ChatId},
    message::{Content, MessageKind},
    staff_answer::StaffAnswer,
};

/// A booking as the staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBooking {
    /// With what its client answered about the present version.
    pub booking: BookingView,
    /// The bot can write to its client.
    pub in_bot: bool,
}

/// The visits that begin in a span, soonest first: `limit` after the first `offset`. Cancelled ones and those that are no
/// client's are left out.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn visits_in(
    conn: &impl ConnectionTrait,
    (from, until): Span,
    limit: u32,
    offset: u32,
) -> Result<Vec<ListedBooking>, DbErr> {
    const IN: &str = "SELECT id FROM bookings WHERE starts_at >= $1 AND starts_at < $2 \
        AND status <> 'cancelled' AND meaning IS DISTINCT FROM 'ignored' \
        ORDER BY starts_at, id LIMIT $3 OFFSET $4";
    let span = [from.into(), until.into(), i64::from(limit).into(), i64::from(offset).into()];
    let ids: Vec<i64> = values(conn, sql(IN, span)).await?;
    listed(conn, &ids).await
}

/// How many they are.
///
/// # Errors
/// When the database fails.
pub async fn count_in(conn: &impl ConnectionTrait, (from, until): Span) -> Result<u64, DbErr> {
    const COUNT: &str = "SELECT count(*) FROM bookings WHERE starts_at >= $1 AND starts_at < $2 \
        AND status <> 'cancelled' AND meaning IS DISTINCT FROM 'ignored'";
    let count: Option<i64> = value(conn, sql(COUNT, [from.into(), until.into()])).await?;
    Ok(count.unwrap_or(0).unsigned_abs())
}

/// These bookings in this order.
pub(super) async fn listed(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<ListedBooking>, DbErr> {
    const IN_BOT: &str = "SELECT b.id FROM bookings b JOIN users u ON u.id = b.user_id \
        WHERE b.id = ANY ((SELECT $1::bigint[])::bigint[]) AND u.reachable";
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = booking::Entity::find().filter(booking::Column::Id.is_in(ids.iter().copied()));
    let found: Result<Vec<Booking>, DbErr> =
        limited(found.all(conn)).await?.into_iter().map(Booking::try_from).collect();
    let mut found = found?;
    found.sort_by_key(|booking| ids.iter().position(|id| *id == booking.id.0));
    let of: Vec<BookingId> = found.iter().map(|booking| booking.id).collect();
    let answers = visits::answers(conn, &of).await?;
    let in_bot: Vec<i64> = values(conn, sql(IN_BOT, [ids.to_vec().into()])).await?;
    let in_bot: HashSet<i64> = in_bot.into_iter().collect();
    let listed = |booking: &Booking| ListedBooking {
        in_bot: in_bot.contains(&booking.id.0),
        booking: BookingView {
            answer: answers.get(&booking.id).copied(),
            ..BookingView::from(booking)
        },
    };
    Ok(found.iter().map(listed).collect())
}

/// Plans the agenda of a day for the staff's chat, unless it was planned before. `span`: the day's.
///
/// # Errors
/// When the database fails; nothing is planned then.
pub async fn plan(
    tx: &DatabaseTransaction,
    agenda: DueAgenda,
    span: Span,
    staff: ChatId,
    now: DateTime<Utc>,
) -> Result<Option<QueueWork>, DbErr> {
    const PLANNED: &str = "SELECT EXISTS (SELECT 1 FROM messages \
        WHERE kind = 'staff_agenda' AND slot = $1)";
    lock::agenda(tx).await?;
    let DueAgenda { due_at, day } = agenda;
    let dedup_key = |part: u32| format!("{day} {part}");
    let planned: Option<bool> = value(tx, sql(PLANNED, [dedup_key(0).into()])).await?;
    if planned.unwrap_or(false) {
        return Ok(None);
    }
    let parts = parts_of(count_in(tx, span).await?);
    let message = |part: u32| {
        NewMessage::staff_card(MessageKind::StaffAgenda, staff, due_at)
            .of_cause(dedup_key(part))
            .expiring_at(due_at + AGENDA_PATIENCE)
            .saying(Content::StaffAnswer {
                to: None,
                answer: StaffAnswer::Agenda { day, part, parts },
            })
    };
    let messages: Vec<NewMessage> = (0..parts).map(message).collect();
    outbox::insert(tx, &messages, now).await.map(Some)
}
