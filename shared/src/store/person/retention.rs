//! Whose data are kept no longer: the last visit, and the last word to the bot, are long over.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    domain::{ids::ChatId, phone::Phone},
    store::statement::{sql, values},
};

/// People whose data are to be deleted.
#[derive(Debug, Clone, Default)]
pub struct Overdue {
    /// With bookings, in the bot or not.
    pub phones: Vec<Phone>,
    /// Accounts without a booking, but those that they joined and that are over.
    pub chats: Vec<ChatId>,
}

/// People whose last visit ended before `until` and who have none ahead, at most `limit` of each sort. Whoever has
/// written to the bot since stays.
///
/// # Errors
/// When the database fails.
pub async fn overdue(
    conn: &impl ConnectionTrait,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Overdue, DbErr> {
    const PHONES: &str = "SELECT b.client_phone::text FROM bookings b \
        WHERE b.client_phone ~ '^[+][0-9]{7,15}$' GROUP BY b.client_phone \
        HAVING max(coalesce(b.ends_at, b.last_event_at)) < $1 \
        AND NOT EXISTS (SELECT 1 FROM users u WHERE u.phone_number = b.client_phone \
            AND (u.last_seen_at >= $1 OR EXISTS (SELECT 1 FROM bookings o \
                WHERE o.user_id = u.id AND coalesce(o.ends_at, o.last_event_at) >= $1))) LIMIT $2";
    const CHATS: &str = "SELECT u.telegram_id FROM users u \
        WHERE u.last_seen_at < $1 AND u.created_at < $1 \
        AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.user_id = u.id \
            AND (b.joined_at IS NULL OR coalesce(b.ends_at, b.last_event_at) >= $1)) \
        AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.client_phone = u.phone_number) LIMIT $2";
    let phones: Vec<String> = values(conn, sql(PHONES, [until.into(), limit.into()])).await?;
    let chats: Vec<i64> = values(conn, sql(CHATS, [until.into(), limit.into()])).await?;
    Ok(Overdue {
        phones: phones.into_iter().filter_map(|phone| Phone::try_from(phone).ok()).collect(),
        chats: chats.into_iter().map(ChatId).collect(),
    })
}
