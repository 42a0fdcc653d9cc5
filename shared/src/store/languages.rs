//! `users.language`: what a client chose, by the time of the choice.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{execute, sql, value};
use crate::domain::{ids::ChatId, venue::Locale};

/// Stores the language that the account of `chat` chose at `at`. A later choice stays.
///
/// # Errors
/// When the database fails.
pub async fn choose(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    language: Locale,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const CHOOSE: &str = "UPDATE users SET language = $2, language_at = $3 \
        WHERE telegram_id = $1 AND coalesce(language_at <= $3, true)";
    execute(conn, sql(CHOOSE, [chat.0.into(), language.as_str().into(), at.into()])).await.map(drop)
}

/// The language that the account of `chat` chose. `None`: none, the venue's is used.
///
/// # Errors
/// When the database fails.
pub async fn chosen(conn: &impl ConnectionTrait, chat: ChatId) -> Result<Option<Locale>, DbErr> {
    const CHOSEN: &str = "SELECT language FROM users WHERE telegram_id = $1";
    let language: Option<Option<String>> = value(conn, sql(CHOSEN, [chat.0.into()])).await?;
    Ok(language.flatten().as_deref().and_then(Locale::parse))
}
