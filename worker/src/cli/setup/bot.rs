//! Whose token was typed: Telegram knows. By the client of the programs, with the settings that they will have.

use shared::settings::{Environment, WorkerSettings};

use crate::telegram::{CallError, Client};

/// What `getMe` says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bot {
    Named(String),
    /// No bot has this token.
    Nobody,
    /// Telegram does not answer.
    Unreachable(String),
}

/// Whose token it is. `more` may name another Bot API server and a proxy.
pub(super) async fn look_up(token: &str, more: &[(String, String)]) -> anyhow::Result<Bot> {
    // What a client does not need has any value.
    let any = [
        ("DATABASE_URL", "postgres://localhost/any"),
        ("REDIS_URL", "redis://localhost"),
        ("TIMEZONE", "Europe/Moscow"),
        ("TELEGRAM_MODE", "polling"),
        ("BOT_TOKEN", token),
    ];
    let any = any.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let of_telegram = more.iter().filter(|(name, _)| name.starts_with("TELEGRAM_")).cloned();
    let environment: Environment = any.chain(of_telegram).collect();
    let client = Client::open(&WorkerSettings::from_environment(&environment)?)?;
    Ok(match client.get_me().await {
        Ok(me) => Bot::Named(me.username.unwrap_or_else(|| me.id.to_string())),
        Err(reason) if reason == CallError::InvalidToken.to_string() => Bot::Nobody,
        Err(reason) => Bot::Unreachable(reason),
    })
}
