//! Pauses after a 429: of the chat, and of the whole bot where the limit may be the bot's.

use std::{sync::LazyLock, time::Duration};

use redis::Script;
use shared::{domain::ids::ChatId, queue::QueueError};

use super::{Limiter, micros};

static SILENCE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("silence.lua")));

/// Longest pause of the bot after the 429 of one private chat. Telegram does not say whose limit was reached:
/// if it was the bot's, the next chat gets a 429 as well, and then the bot pauses in full.
const BOT_PAUSE: Duration = Duration::from_secs(5);

impl Limiter {
    /// Silences a chat for `wait`, the `retry_after` of its 429. A group has a limit of its own, 20 a minute; the
    /// 429 of a private chat, where the limiter keeps the pace, may be the bot's. Returns whether the whole bot
    /// pauses.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn silence(&self, chat: ChatId, wait: Duration) -> Result<bool, QueueError> {
        let private = if chat.0 > 0 { chat.to_string() } else { String::new() };
        let bot: u8 = SILENCE
            .key(self.key("freeze"))
            .key(self.key(&format!("silence:{chat}")))
            .key(self.key("silenced"))
            .arg(micros(wait))
            .arg(micros(BOT_PAUSE))
            .arg(private)
            .invoke_async(&mut self.queue.connection())
            .await?;
        Ok(bot == 1)
    }

    /// The time left of the bot's pause; zero without one.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn frozen_for(&self) -> Result<Duration, QueueError> {
        let ((seconds, micros), until): ((u64, u64), Option<u64>) = redis::pipe()
            .cmd("TIME")
            .cmd("GET")
            .arg(self.key("freeze"))
            .query_async(&mut self.queue.connection())
            .await?;
        let now = seconds.saturating_mul(1_000_000).saturating_add(micros);
        Ok(Duration::from_micros(until.unwrap_or(0).saturating_sub(now)))
    }
}
