//! What clients have turned off, and turned on again.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{execute, one, sql};
use crate::domain::{ids::ChatId, message_kind::Switch};

/// What an account has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Preferences {
    /// The account has proven a phone.
    pub registered: bool,
    pub reminders: bool,
    /// The questions how a visit was.
    pub questions: bool,
    pub consented: bool,
}

/// The choices of the account of a chat.
///
/// # Errors
/// When the database fails.
pub async fn of(conn: &impl ConnectionTrait, chat: ChatId) -> Result<Option<Preferences>, DbErr> {
    const OF: &str = "SELECT phone_number IS NOT NULL AS registered, NOT reminders_off AS reminders, \
        NOT questions_off AS questions, consented_at IS NOT NULL AS consented \
        FROM users WHERE telegram_id = $1";
    one(conn, sql(OF, [chat.0.into()])).await
}

/// Turns messages on or off for the client of a chat. Nothing that is planned changes: it is skipped when it is due.
///
/// # Errors
/// When the database fails.
pub async fn turn(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    switch: Switch,
    on: bool,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const REMINDERS: &str =
        "UPDATE users SET reminders_off = NOT $2, updated_at = $3 WHERE telegram_id = $1";
    const QUESTIONS: &str =
        "UPDATE users SET questions_off = NOT $2, updated_at = $3 WHERE telegram_id = $1";
    let turn = match switch {
        Switch::Reminders => REMINDERS,
        Switch::Questions => QUESTIONS,
    };
    execute(conn, sql(turn, [chat.0.into(), on.into(), now.into()])).await.map(|_| ())
}
