//! All that is held about one person: finding it, giving it out, deleting it. What is exported is what is deleted.

mod erase;
mod export;
mod finish;
mod joins;
mod retention;
mod texts;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

pub use erase::{By, Deletion, DeletionCounts, erase};
pub use export::export;
pub use finish::finish;
pub use retention::{Overdue, overdue};

use super::{
    lock,
    statement::{one, sql},
};
use crate::domain::{ids::ChatId, phone::Phone};

/// What names a person.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    Phone(&'a Phone),
    /// The account of a private chat.
    Chat(ChatId),
}

/// What belongs to a person: accounts, phones, bookings.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromQueryResult)]
pub struct Person {
    pub(super) users: Vec<i64>,
    pub(super) chats: Vec<i64>,
    /// In E.164.
    pub(super) phones: Vec<String>,
    pub(super) bookings: Vec<i64>,
    pub(super) codes: Vec<String>,
    /// Bookings of other people's phones, which the accounts joined by token or code. They lose the account alone.
    pub(super) joined: Vec<i64>,
    /// Codes of all bookings that the accounts joined: no phone's lock keeps requests about them away.
    joined_codes: Vec<String>,
}

impl Person {
    /// Finds a person by an account or phone, with the bookings of all their phones. The phone of a booking that an
    /// account joined is another person's, unless the account has proven it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(conn: &impl ConnectionTrait, who: Who<'_>) -> Result<Self, DbErr> {
        const FIND: &str = "WITH u AS (SELECT id, telegram_id, phone_number FROM users \
            WHERE phone_number = $1 OR telegram_id = $2), \
            b AS (SELECT id, bukza_booking_id, client_phone FROM bookings \
                WHERE client_phone = $1 OR user_id = ANY (ARRAY(SELECT id FROM u)) \
                    AND (joined_at IS NULL OR client_phone IS NULL) \
                OR client_phone = ANY (ARRAY(SELECT phone_number FROM u))), \
            p AS (SELECT client_phone AS phone FROM b UNION SELECT phone_number FROM u \
                UNION SELECT $1) \
            SELECT ARRAY(SELECT id FROM u ORDER BY id) AS users, \
            ARRAY(SELECT telegram_id FROM u UNION SELECT $2 WHERE $2 IS NOT NULL) AS chats, \
            ARRAY(SELECT phone::text FROM p WHERE phone IS NOT NULL ORDER BY phone) AS phones, \
            ARRAY(SELECT id FROM b ORDER BY id) AS bookings, \
            ARRAY(SELECT bukza_booking_id::text FROM b ORDER BY id) AS codes, \
            ARRAY(SELECT id FROM bookings WHERE user_id = ANY (ARRAY(SELECT id FROM u)) \
                AND joined_at IS NOT NULL AND id <> ALL (ARRAY(SELECT id FROM b)) \
                ORDER BY id) AS joined, \
            ARRAY(SELECT bukza_booking_id::text FROM bookings \
                WHERE user_id = ANY (ARRAY(SELECT id FROM u)) AND joined_at IS NOT NULL) \
                AS joined_codes";
        let (phone, chat) = match who {
            Who::Phone(phone) => (Some(phone.as_e164().to_owned()), None),
            Who::Chat(chat) => (None, Some(chat.0)),
        };
        let found = one(conn, sql(FIND, [phone.into(), chat.into()])).await?;
        Ok(found.unwrap_or_default())
    }

    /// The same, locked against requests and registrations of their phones, and requests about the bookings that they
    /// joined, until the transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock(tx: &DatabaseTransaction, who: Who<'_>) -> Result<Self, DbErr> {
        let found = Self::find(tx, who).await?;
        lock::phones_and_bookings(tx, &found.phones, &found.joined_codes).await?;
        Self::find(tx, who).await
    }
}
