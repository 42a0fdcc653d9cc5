//! Side effects of Telegram's response outside of the outbox: a 429 silences the chat or the bot, a group's new id
//! is stored.

use std::time::Duration;

use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    telemetry::metrics,
};

use super::error::DeliveryError;
use crate::{app::App, staff_chat};

/// Runs the side effects of `outcome`. Failures are only logged: the outcome itself is recorded already.
pub(super) async fn run(app: &App, chat: ChatId, outcome: &SendOutcome) {
    let done = match outcome {
        SendOutcome::TooManyRequests { retry_after } => {
            metrics::telegram_freeze();
            silence(app, chat, *retry_after).await
        }
        SendOutcome::Migrated { to } => {
            tracing::info!(chat_id = chat.0, new_chat_id = to.0, "a group has a new id");
            app.venue.staff_chat.rename(chat, *to);
            migrate(app, chat, *to).await
        }
        SendOutcome::Sent { .. }
        | SendOutcome::NotConnected
        | SendOutcome::Unknown { .. }
        | SendOutcome::Unreachable { .. }
        | SendOutcome::Refused { .. } => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "a side effect of Telegram's response failed");
    }
}

/// The chat pauses, and the whole bot where the limit may be the bot's.
async fn silence(app: &App, chat: ChatId, wait: Duration) -> Result<(), DeliveryError> {
    let bot_pauses = app.limiter.silence(chat, wait).await?;
    let retry_after_seconds = wait.as_secs();
    tracing::warn!(retry_after_seconds, bot_pauses, "Telegram's rate limit was hit");
    Ok(())
}

async fn migrate(app: &App, from: ChatId, to: ChatId) -> Result<(), DeliveryError> {
    let work = staff_chat::migrate(&app.db, from, to, app.clock.now()).await?;
    Ok(app.queue.push(&work.push).await?)
}
