//! What is left of joining a booking by token or code: tokens, wrong tries, and bookings of other people's phones.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, DbErr};

use super::Person;
use crate::{
    domain::{
        ids::{BookingId, ChatId},
        join::{CHAT_LOCK, Scope},
    },
    store::statement::{execute, sql},
};

/// Deletes tokens and wrong tries, and takes the person's account off the bookings of other people's phones. What waits to
/// be sent about those waits for their own client again. The account's tries stay while they count, for an hour, by a hash:
/// deleting the own data must not give new tries.
pub(super) async fn erase(
    tx: &DatabaseTransaction,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const DETACH: &str = "UPDATE bookings SET user_id = NULL, joined_at = NULL, updated_at = $2 \
        WHERE id = ANY (ARRAY(SELECT id FROM bookings WHERE id = ANY ($1::bigint[]) \
        ORDER BY id FOR NO KEY UPDATE))";
    const PARK: &str = "UPDATE messages SET chat_id = NULL, updated_at = $2 \
        WHERE id = ANY (ARRAY(SELECT id FROM messages WHERE booking_id = ANY ($1::bigint[]) \
        AND status = 'scheduled' AND recipient = 'client' AND update_id IS NULL \
        ORDER BY id FOR NO KEY UPDATE))";
    const ANSWERS: &str = "DELETE FROM visit_answers WHERE booking_id = ANY ($1::bigint[])";
    const TOKENS: &str = "DELETE FROM start_tokens WHERE booking_id = ANY ($1::bigint[])";
    const TRIES: &str = "DELETE FROM join_tries WHERE subject = ANY ($1::text[]) \
        AND (scope = 'booking' OR last_at <= $2)";
    let joined = || person.joined.clone();
    execute(tx, sql(DETACH, [joined().into(), now.into()])).await?;
    execute(tx, sql(PARK, [joined().into(), now.into()])).await?;
    execute(tx, sql(ANSWERS, [joined().into()])).await?;
    execute(tx, sql(TOKENS, [person.bookings.clone().into()])).await?;
    execute(tx, sql(TRIES, [subjects(person).into(), (now - CHAT_LOCK).into()])).await.map(|_| ())
}

/// The values of `join_tries.subject` that are the person's.
pub(super) fn subjects(person: &Person) -> Vec<String> {
    let accounts = person.chats.iter().map(|chat| Scope::Chat.subject(ChatId(*chat)));
    // The number of a booking's row names no account: only the booking's own tries have it.
    let none = ChatId(0);
    let bookings = person.bookings.iter().map(|id| Scope::Booking(BookingId(*id)).subject(none));
    accounts.chain(bookings).collect()
}
