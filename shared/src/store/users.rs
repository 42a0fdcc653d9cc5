//! Clients as the bot knows them: account, proven phone, whether they can be written to.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};

use super::{
    QueueWork,
    entity::user,
    limited,
    outbox::{self, NewMessage},
    registration::assign_chat,
    statement::{all, execute, one, sql},
};
use crate::domain::{
    booking::Booking,
    ids::{BookingId, ChatId, EventId, JobId, UserId},
    message::MessageKind,
    phone::Phone,
    together::CARDS_WAIT,
};

/// A client of the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub chat: ChatId,
    /// The number that this account proved last; `None`: none, or it moved to another account.
    pub phone: Option<Phone>,
    pub reachable: bool,
    /// The number was another account's until then.
    pub number_taken_at: Option<DateTime<Utc>>,
}

impl User {
    /// Whether a booking is this client's. A visit that ended before the number came to them was its
    /// former owner's. [`super::bookings::rate`] says the same in SQL.
    #[must_use]
    pub fn owns(&self, booking: &Booking) -> bool {
        let of_their_time = match (self.number_taken_at, booking.visit_time) {
            (Some(taken), Some(visit_time)) => visit_time.end() > taken,
            (None, _) | (_, None) => true,
        };
        booking.user == Some(self.id) && of_their_time
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: UserId(row.id),
            chat: ChatId(row.telegram_id),
            phone: row.phone_number.and_then(|text| Phone::try_from(text).ok()),
            reachable: row.reachable,
            number_taken_at: row.number_taken_at,
        }
    }
}

/// The client of a chat.
///
/// # Errors
/// When the database fails.
pub async fn by_chat(conn: &impl ConnectionTrait, chat: ChatId) -> Result<Option<User>, DbErr> {
    let found = user::Entity::find().filter(user::Column::TelegramId.eq(chat.0));
    Ok(limited(found.one(conn)).await?.map(User::from))
}

/// The client who writes in a chat, locked until the transaction ends. The lock leaves the row's
/// key alone: a booking event that refers to the client must not wait for it (and deadlock).
///
/// # Errors
/// When the database fails.
pub async fn lock_by_chat(
    conn: &impl ConnectionTrait,
    chat: ChatId,
) -> Result<Option<User>, DbErr> {
    let found = user::Entity::find()
        .filter(user::Column::TelegramId.eq(chat.0))
        .lock(LockType::NoKeyUpdate);
    Ok(limited(found.one(conn)).await?.map(User::from))
}

/// Notes that somebody wrote to the bot at `at` (so they can be written to), making their row at the
/// first time. If they could not be reached before, what waits for them is addressed to them again;
/// unless that was found out later than `at`: an outage may change the order of updates.
///
/// # Errors
/// When the database fails.
pub async fn seen(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const SEEN: &str = "WITH before AS (SELECT reachable FROM users WHERE telegram_id = $1) \
        INSERT INTO users AS u (telegram_id, created_at, updated_at, last_seen_at) \
        VALUES ($1, $3, $3, $2) ON CONFLICT (telegram_id) DO UPDATE SET \
        last_seen_at = GREATEST(u.last_seen_at, $2), \
        reachable = u.reachable OR coalesce(u.unreachable_at <= $2, true), \
        updated_at = CASE WHEN u.reachable THEN u.updated_at ELSE $3 END \
        RETURNING id, reachable AND (SELECT NOT reachable FROM before) IS TRUE AS returned";
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        id: i64,
        returned: bool,
    }
    let row: Option<Row> = one(conn, sql(SEEN, [chat.0.into(), at.into(), now.into()])).await?;
    match row {
        Some(Row { id, returned: true }) => assign_chat(conn, UserId(id), chat, now).await,
        Some(Row { returned: false, .. }) | None => Ok(QueueWork::default()),
    }
}

/// Notes that a chat could not be written to at `at`, unless the client has written since. What is
/// planned for it waits without an address until the client comes back, and a card for each of its bookings tells
/// the staff to call.
///
/// # Errors
/// When the database fails.
pub async fn unreachable(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    staff: Option<ChatId>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const MARK: &str = "UPDATE users SET reachable = false, unreachable_at = $2, updated_at = $3 \
        WHERE telegram_id = $1 AND last_seen_at <= $2";
    const PARK: &str = "UPDATE messages SET chat_id = NULL, not_before = 'epoch', updated_at = $2 \
        WHERE id = ANY (ARRAY(SELECT id FROM messages WHERE chat_id = $1 AND status = 'scheduled' \
        AND recipient = 'client' AND update_id IS NULL ORDER BY id FOR NO KEY UPDATE)) \
        RETURNING job_id, booking_id, event_id, \
        kind = ANY ((SELECT $3::text[])::text[]) AND (expires_at > $2) IS NOT FALSE AS for_a_call";
    #[derive(sea_orm::FromQueryResult)]
    struct Parked {
        job_id: String,
        booking_id: Option<i64>,
        event_id: Option<String>,
        for_a_call: bool,
    }
    if execute(conn, sql(MARK, [chat.0.into(), at.into(), now.into()])).await? == 0 {
        return Ok(QueueWork::default());
    }
    let kinds = MessageKind::names(|kind| kind.properties().replaced_by_a_call);
    let parked: Vec<Parked> =
        all(conn, sql(PARK, [chat.0.into(), now.into(), kinds.into()])).await?;
    let mut bookings = HashSet::new();
    let mut cards = Vec::new();
    for message in parked.iter().filter(|message| message.for_a_call) {
        if let Some((staff, booking)) = staff.zip(message.booking_id)
            && bookings.insert(booking)
        {
            // After the card of the booking itself.
            let due_at = now + CARDS_WAIT;
            let card = NewMessage::staff_card(MessageKind::StaffUnreachable, staff, due_at);
            let card = card.about(BookingId(booking));
            cards.push(match &message.event_id {
                Some(event) => card.traced_to(&EventId(event.clone())),
                None => card,
            });
        }
    }
    let cancel = parked.into_iter().map(|message| JobId(message.job_id)).collect();
    let cards = outbox::insert(conn, &cards, now).await?;
    Ok(QueueWork { push: Vec::new(), cancel }.and(cards))
}
