//! Registration: a phone belongs to the account that proved it last, and its bookings, with all
//! that is still to be sent about them, go with it. Bookings that somebody joined by a token or code stay with them.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{
    QueueWork, lock,
    outbox::JobRow,
    statement::{all, execute, sql, value},
};
use crate::{
    domain::{
        ids::{ChatId, UserId},
        phone::Phone,
    },
    queue::HORIZON,
};

/// Registers `phone` for the account of `chat`, taking it from any other account. When it was seen last,
/// and whether it can be reached, is for [`super::users::seen`] to say.
///
/// # Errors
/// When the database fails.
pub async fn register(
    tx: &DatabaseTransaction,
    chat: ChatId,
    phone: &Phone,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    // Accounts, then bookings, then messages, each by their ids: two registrations that exchange their
    // numbers would deadlock otherwise.
    const LOCK: &str = "SELECT id FROM users WHERE phone_number = $1 OR telegram_id = $2 \
        ORDER BY id FOR UPDATE";
    const TAKE: &str = "UPDATE users SET phone_number = NULL, updated_at = $3 \
        WHERE phone_number = $1 AND telegram_id <> $2";
    // A number that was another account's brings its visits to come, not those that are over.
    const GIVE: &str = "INSERT INTO users AS u (telegram_id, phone_number, created_at, updated_at, \
        last_seen_at, number_taken_at) VALUES ($1, $2, $3, $3, 'epoch', CASE WHEN $4 THEN $3 END) \
        ON CONFLICT (telegram_id) DO UPDATE SET phone_number = $2, updated_at = $3, \
        number_taken_at = CASE WHEN $4 THEN $3 WHEN u.phone_number = $2 THEN u.number_taken_at END \
        RETURNING id";
    const FORMER: &str = "UPDATE messages m SET status = 'cancelled', reason = 'another_owner', \
        updated_at = $2 WHERE m.id = ANY (ARRAY(SELECT m.id FROM bookings b \
        JOIN messages m ON m.booking_id = b.id WHERE b.client_phone = $1 AND b.ends_at <= $2 \
        AND b.joined_at IS NULL AND m.status = 'scheduled' AND m.recipient = 'client' ORDER BY m.id FOR UPDATE OF m))";
    const BOOKINGS: &str = "UPDATE bookings SET user_id = $1, joined_at = NULL, updated_at = $3 \
        WHERE id = ANY (ARRAY(SELECT id FROM bookings WHERE client_phone = $2 \
        AND user_id IS DISTINCT FROM $1 AND (joined_at IS NULL OR user_id IS NULL) \
        ORDER BY id FOR NO KEY UPDATE))";
    lock::phone(tx, phone).await?;
    let number = phone.as_e164();
    execute(tx, sql(LOCK, [number.into(), chat.0.into()])).await?;
    let taken = execute(tx, sql(TAKE, [number.into(), chat.0.into(), now.into()])).await? > 0;
    let user: i64 = value(tx, sql(GIVE, [chat.0.into(), number.into(), now.into(), taken.into()]))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the registered user".into()))?;
    execute(tx, sql(BOOKINGS, [user.into(), number.into(), now.into()])).await?;
    if taken {
        execute(tx, sql(FORMER, [number.into(), now.into()])).await?;
    }
    assign_chat(tx, UserId(user), chat, now).await
}

/// Addresses to a chat what is still to be sent about its client's bookings. Their jobs get new
/// ids, since a job that is planned already carries the chat it was planned for.
pub(super) async fn assign_chat(
    conn: &impl ConnectionTrait,
    user: UserId,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let values = [user.0.into(), chat.0.into(), now.into(), (now + HORIZON).into()];
    let statement = sql(include_str!("sql/assign_chat.sql"), values);
    JobRow::work(all(conn, statement).await?, now)
}
